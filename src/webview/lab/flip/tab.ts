/** The Flip tab: the request on the left, what became of it on the right. */
import type { LabRequest } from "../../../protocol/labFlip.ts";
import { el, setVisible } from "../../dom.ts";
import type { View } from "../../view.ts";
import { debounced, type Lab, type LabState } from "../lab.ts";
import { flipForm } from "./form.ts";
import { outcomePane } from "./outcome.ts";
import { defaultRequest, isComplete } from "./request.ts";

export interface FlipTab extends View<LabState> {
  /** Puts a request into the form ("open in the lab"). */
  fill(request: LabRequest): void;
  setName(name: string): void;
}

export function flipTab(lab: Lab): FlipTab {
  const { host } = lab;
  let state: LabState | undefined;
  let request: LabRequest | undefined = host.state.draft?.request;
  let wantedName: string | undefined;
  const ask = debounced(250, (edited: LabRequest) => host.post({ type: "edit", request: edited }));
  const form = flipForm(lab, {
    change(part) {
      if (request) set({ ...request, ...part });
    },
    run() {
      if (request && isComplete(request))
        host.post({ type: "run", request: { ...request, name: request.name.trim() } });
    },
    cancel: () => host.post({ type: "cancel", what: "run" }),
    reset() {
      if (state?.model && request) set(defaultRequest(state.model, request.name));
    },
  });
  const outcome = outcomePane(lab);

  function set(next: LabRequest): void {
    request = next;
    host.save({ draft: { fingerprint: state?.model?.model.fingerprint ?? "", request } });
    ask(request);
    draw();
  }
  function draw(): void {
    setVisible(form.element, request !== undefined);
    if (!request || !state) return;
    form.update({
      request,
      notes: state.notes,
      preflight: state.preflight,
      layers: state.model?.model.layers ?? request.layer + 1,
      maxTokens: state.maxTokens,
      running: state.run.state === "running",
    });
  }
  return {
    element: el("div", { class: "flip" }, form.element, outcome.element),
    update(now) {
      const model = now.model;
      const first = state === undefined;
      state = now;
      // Another model has other layers and numbers; only the name goes along.
      const draftOf = host.state.draft?.fingerprint;
      const stale = model && draftOf && draftOf !== model.model.fingerprint;
      if (model && (!request || stale)) set(defaultRequest(model, wantedName ?? request?.name ?? ""));
      else if (first && request) ask(request);
      if (request && wantedName !== undefined && request.name !== wantedName) set({ ...request, name: wantedName });
      wantedName = undefined;
      draw();
      outcome.update(now.run);
    },
    fill: set,
    setName(name) {
      if (request) set({ ...request, name });
      else wantedName = name;
    },
  };
}
