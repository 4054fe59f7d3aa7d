/** What to trace: one name or many, with what window, how often. */
import { t } from "@vscode/l10n";
import type { LabTraceRequest } from "../../../protocol/labMeasurements.ts";
import { publishedWindow } from "../../../protocol/measurements.ts";
import { button, rangeField, textField } from "../../controls.ts";
import { el, setVisible } from "../../dom.ts";
import type { View } from "../../view.ts";
import { hasName, namesFields, submitsOnEnter } from "../namesFields.ts";

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
  const names = namesFields(t("What to trace"), change);
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
  const samples = rangeField(
    {
      label: t("Draws of the noise"),
      hint: t("How often the noise is drawn anew; effects are means over the draws."),
      min: 1,
      max: 50,
      step: 1,
      limit: [1, 1000],
    },
    (value) => change({ samples: value }),
  );
  const start = button(t("Trace"), run);
  const stop = button(t("Cancel"), cancel, "secondary");
  const element = el(
    "form",
    { class: "measurement-form trace-form", "aria-label": t("What to trace") },
    ...names.elements,
    target.element,
    window.element,
    samples.element,
    el("div", { class: "row" }, start, stop),
  );
  submitsOnEnter(element, () => {
    if (!start.disabled) run();
  });
  return {
    element,
    update({ request, layers, running }) {
      names.update(request);
      target.set(request.target);
      window.setMax(layers ?? publishedWindow);
      window.set(request.window ?? publishedWindow);
      samples.set(request.samples);
      start.disabled = running || !hasName(request);
      setVisible(stop, running);
    },
  };
}
