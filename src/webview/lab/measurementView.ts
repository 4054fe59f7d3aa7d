/** A measurement while it runs, when it failed, and when it is done. */
import { t } from "@vscode/l10n";
import type { LabMeasured } from "../../protocol/labMeasurements.ts";
import { typesetPercent } from "../../text/numbers.ts";
import { el, setText, setVisible } from "../dom.ts";
import { icon } from "../icons.ts";
import { progressLine } from "../parts.ts";
import type { View } from "../view.ts";

/**
 * @param describe what is going on, by the number of names and the phase: "Tracing 20 names"
 * @param stays the result that was there is shown while another is made, and progress below it
 */
export function measurementView<T>(
  result: View<T>,
  describe: (names: number, phase?: string) => string,
  { stays = false } = {},
): View<LabMeasured<T>> {
  let shown = false;
  const heading = el("p", { role: "status" });
  const line = progressLine(t("Progress"));
  const progress = el("div", { class: "stack" }, heading, line.element);
  const message = el("span");
  const failure = el("p", { class: "note note-error", role: "alert" }, icon("error"), message);
  return {
    element: el(
      "div",
      { class: "stack" },
      ...(stays ? [failure, result.element, progress] : [progress, failure, result.element]),
    ),
    update(now) {
      setVisible(progress, now.state === "running");
      setVisible(failure, now.state === "failed");
      setText(message, now.state === "failed" ? now.failure.message : "");
      shown = now.state === "done" || (stays && shown && now.state === "running");
      setVisible(result.element, shown);
      if (now.state === "running") {
        const { done = 0, total = 0 } = now.progress ?? {};
        const what = describe(now.names, now.progress?.phase);
        const text = total > 0 ? `${what}: ${typesetPercent(done / total, 0)}` : `${what}…`;
        setText(heading, text);
        line.update({ done, total, text });
      }
      if (now.state === "done") result.update(now.result);
    },
  };
}
