/** The Causal trace tab: where in the model the answer about a name comes from. */
import { t } from "@vscode/l10n";
import type { LabTraceRequest } from "../../../protocol/labMeasurements.ts";
import { usualWindow } from "../../../protocol/measurements.ts";
import { el } from "../../dom.ts";
import type { Lab, LabState, TraceMessage } from "../lab.ts";
import { measurementView } from "../measurementView.ts";
import { uneditedNote } from "../uneditedNote.ts";
import { traceForm } from "./form.ts";
import { traceResult } from "./result.ts";

export interface TraceTab {
  readonly element: HTMLElement;
  updateState(state: LabState): void;
  updateTrace(message: TraceMessage): void;
  /** Traces this name, by itself, when the user says so. */
  setName(name: string): void;
}

export function traceTab(lab: Lab): TraceTab {
  const { host } = lab;
  let layers: number | null = null;
  let running = false;
  const request = (): LabTraceRequest => {
    const { trace } = host.state;
    return layers === null ? trace : { ...trace, window: Math.min(trace.window ?? usualWindow(layers), layers) };
  };
  const change = (part: Partial<LabTraceRequest>): void => {
    host.save({ trace: { ...host.state.trace, ...part } });
    drawForm();
  };
  const form = traceForm({
    change,
    run: () => host.post({ type: "trace", request: request() }),
    cancel: () => host.post({ type: "cancel", what: "trace" }),
  });
  const explained = el(
    "p",
    { class: "quiet" },
    t(
      "Noise on the name spoils the answer; then one place at a time is put back as it was. The places that bring the answer back are where the model keeps it.",
    ),
  );
  const unedited = uneditedNote(t("Edits are on, but a trace is of the model without them."));
  const view = measurementView(traceResult(lab), (names) =>
    names === 1 ? t("Tracing one name") : t("Tracing {0} names", names),
  );

  function drawForm(): void {
    form.update({ request: request(), layers, running });
  }
  return {
    element: el("div", { class: "trace stack" }, explained, unedited.element, form.element, view.element),
    updateState(state) {
      const { model } = state;
      unedited.update(state);
      layers = model?.model.layers ?? null;
      drawForm();
    },
    updateTrace({ trace }) {
      running = trace.state === "running";
      drawForm();
      view.update(trace);
    },
    setName: (name) => change({ of: "name", name }),
  };
}
