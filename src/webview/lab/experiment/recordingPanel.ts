/** Recording: how far it is, with what speed, and what was kept when it stopped. */
import { t } from "@vscode/l10n";
import type { Recording } from "../../../protocol/labExperiment.ts";
import { duration } from "../../../text/amounts.ts";
import { count, fixed, outOf } from "../../../text/numbers.ts";
import { button, textButton } from "../../controls.ts";
import { el, setText, setVisible } from "../../dom.ts";
import { icon } from "../../icons.ts";
import { progressLine } from "../../parts.ts";
import type { View } from "../../view.ts";
import type { Lab } from "../lab.ts";

type Running = Extract<Recording, { state: "running" }>;

function title({ phase, done, total }: Running): string {
  // Before the first progress nobody knows how many.
  if (total === 0 && phase === "record") return t("Preparing the recording…");
  if (total === 0 && phase === "sweep") return t("Trying the vector on new names…");
  switch (phase) {
    case "record":
      return t("Recording edits: {0}", outOf(done, total));
    case "analyze":
      return t("Training the classifier…");
    case "sweep":
      return t("Trying the vector on new names: {0}", outOf(done, total));
    default:
      return phase satisfies never;
  }
}

function pace({ namesPerSecond, secondsLeft }: Running): string {
  const speed = namesPerSecond === null ? "" : t("{0} names/s", fixed(namesPerSecond, 1));
  const left = secondsLeft === null ? "" : t("about {0} left", duration(secondsLeft));
  return [speed, left].filter((part) => part !== "").join(" · ");
}

export function recordingPanel(lab: Lab, record: () => void): View<Recording> {
  const { post } = lab.host;
  const heading = el("h2");
  const line = progressLine(t("Progress of the recording"));
  const speed = el("span", { class: "quiet number" });
  const names = el("p", { class: "quiet last-names" });
  const cancel = button(t("Cancel"), () => post({ type: "cancel", what: "record" }), "secondary");
  const running = el(
    "div",
    { class: "stack" },
    heading,
    line.element,
    el("div", { class: "row spread" }, speed, cancel),
    names,
  );
  const words = el("span");
  const failure = el(
    "p",
    { class: "note note-error" },
    icon("error"),
    words,
    textButton(t("Show Log"), () => post({ type: "showLog" })),
  );
  const kept = el("p", { role: "status" });
  const stopped = el(
    "div",
    { class: "stack" },
    failure,
    kept,
    el(
      "div",
      { class: "row" },
      button(t("Resume"), record),
      button(t("Discard"), () => post({ type: "removeStopped" }), "secondary"),
    ),
  );
  return {
    element: el("section", { class: "recording", "aria-label": t("Recording") }, running, stopped),
    update(recording) {
      setVisible(running, recording.state === "running");
      setVisible(stopped, recording.state === "stopped");
      if (recording.state === "running") {
        setText(heading, title(recording));
        setText(speed, pace(recording));
        setText(names, recording.lastNames.length > 0 ? t("Last: {0}", recording.lastNames.join(", ")) : "");
        line.update({ done: recording.done, total: recording.total, text: heading.textContent ?? "" });
      } else if (recording.state === "stopped") {
        setVisible(failure, recording.failure !== null);
        setText(words, recording.failure?.message ?? "");
        const { done, total } = recording;
        setText(
          kept,
          total === 0
            ? t("Stopped before the first edit.")
            : done >= total
              ? t("All {0} edits are kept; what is left is the analysis.", count(total))
              : t("Stopped. {0} edits are kept; go on where it stopped, at any time.", outOf(done, total)),
        );
      }
    },
  };
}
