/** The Causal trace tab: where in the model the answer about a name comes from. */
import { t } from "@vscode/l10n";
import type { LabTrace, LabTraceRequest } from "../../../protocol/webview.ts";
import { el, setText, setVisible } from "../../dom.ts";
import { icon } from "../../icons.ts";
import { progressLine } from "../../parts.ts";
import { percent } from "../../text/format.ts";
import type { Lab, LabState } from "../lab.ts";
import { publishedWindow, traceForm } from "./form.ts";
import { traceResult } from "./result.ts";

export interface TraceTab {
  readonly element: HTMLElement;
  updateState(state: LabState): void;
  /** Traces this name, by itself, when the user says so. */
  setName(name: string): void;
}

/** The published window would cover a small model whole. */
const usualWindow = (layers: number): number => (layers < 2 * publishedWindow ? 1 : publishedWindow);

function progressText(run: Extract<LabTrace, { state: "running" }>): string {
  const { progress, names } = run;
  const what = names === 1 ? t("Tracing one name") : t("Tracing {0} names", names);
  return progress && progress.total > 0 ? `${what}: ${percent(progress.done / progress.total, 0)}` : `${what}…`;
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
  const heading = el("p", { role: "status" });
  const line = progressLine(t("Progress of the trace"));
  const progress = el("div", { class: "stack" }, heading, line.element);
  const message = el("span");
  const failure = el("p", { class: "note note-error", role: "alert" }, icon("error"), message);
  const result = traceResult(lab);

  function drawForm(): void {
    form.update({ request: request(), layers, running });
  }
  return {
    element: el("div", { class: "trace stack" }, explained, form.element, progress, failure, result.element),
    updateState({ trace, model }) {
      layers = model?.model.layers ?? null;
      running = trace.state === "running";
      drawForm();
      setVisible(progress, running);
      setVisible(failure, trace.state === "failed");
      setText(message, trace.state === "failed" ? trace.failure.message : "");
      setVisible(result.element, trace.state === "done");
      if (trace.state === "running") {
        setText(heading, progressText(trace));
        const { done = 0, total = 0 } = trace.progress ?? {};
        line.update({ done, total, text: heading.textContent ?? "" });
      }
      if (trace.state === "done") result.update(trace.result);
    },
    setName: (name) => change({ of: "name", name }),
  };
}
