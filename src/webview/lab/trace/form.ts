/** What to trace: one name or many, with what window, how often. */
import { t } from "@vscode/l10n";
import type { LabTraceRequest } from "../../../protocol/webview.ts";
import { button, dropdown, rangeField, textField } from "../../controls.ts";
import { el, setVisible } from "../../dom.ts";
import type { View } from "../../view.ts";

/** What the engine takes when nothing is said. */
export const publishedWindow = 10;

export interface TraceFormValue {
  readonly request: LabTraceRequest;
  /** Null while the model is not known. */
  readonly layers: number | null;
  readonly running: boolean;
}

export interface TraceFormActions {
  change(part: Partial<LabTraceRequest>): void;
  run(): void;
  cancel(): void;
}

export function traceForm({ change, run, cancel }: TraceFormActions): View<TraceFormValue> {
  const of = dropdown(
    t("What to trace"),
    [
      { value: "name", label: t("One name") },
      { value: "average", label: t("Average over names of the names file") },
    ],
    (value) => change({ of: value === "average" ? "average" : "name" }),
  );
  const name = textField(t("Name"), (text) => change({ name: text }), "Ben");
  const count = rangeField({ label: t("Names"), min: 2, max: 200, step: 1, limit: [2, 1000] }, (value) =>
    change({ count: value }),
  );
  const target = textField(t("Answer to follow"), (text) => change({ target: text }), t("what the model says"));
  const window = rangeField(
    {
      label: t("Window"),
      hint: t("Layers restored together for MLP and attention; few layers want a narrow window."),
      min: 1,
      max: publishedWindow,
      step: 1,
    },
    (value) => change({ window: value }),
  );
  const samples = rangeField({ label: t("Draws of the noise"), min: 1, max: 50, step: 1, limit: [1, 1000] }, (value) =>
    change({ samples: value }),
  );
  const start = button(t("Trace"), run);
  const stop = button(t("Cancel"), cancel, "secondary");
  const element = el(
    "form",
    { class: "trace-form", "aria-label": t("What to trace") },
    of.element,
    name.element,
    count.element,
    target.element,
    window.element,
    samples.element,
    el("div", { class: "row" }, start, stop),
  );
  element.addEventListener("submit", (event) => event.preventDefault());
  element.addEventListener("keydown", (event) => {
    const field = (event.target as Element).matches("vscode-text-field, input");
    if (event.key === "Enter" && field && !start.disabled) run();
  });
  return {
    element,
    update({ request, layers, running }) {
      of.set(request.of);
      name.set(request.name);
      count.set(request.count);
      target.set(request.target);
      window.setMax(layers ?? publishedWindow);
      window.set(request.window ?? publishedWindow);
      samples.set(request.samples);
      setVisible(name.element, request.of === "name");
      setVisible(count.element, request.of === "average");
      start.disabled = running || (request.of === "name" && request.name.trim() === "");
      setVisible(stop, running);
    },
  };
}
