/** The Flip tab: the request on the left, what became of it on the right. */
import type { LabRequest } from "../../../protocol/labFlip.ts";
import { el, setVisible } from "../../dom.ts";
import type { View } from "../../view.ts";
import { debounced, type Lab, type LabState } from "../lab.ts";
import { flipForm } from "./form.ts";
import { outcomePane } from "./outcome.ts";
import { defaultRequest, isComplete, sameWords } from "./request.ts";

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
    const model = state?.model;
    const { draft } = host.state;
    // Before the concept is known, what is not changed stays the user's own or the concept's.
    const ownWords = model
      ? !sameWords(next, defaultRequest(model, next.name))
      : !draft || draft.ownWords || !sameWords(next, draft.request);
    request = next;
    host.save({ draft: { fingerprint: model?.model.fingerprint ?? "", request, ownWords } });
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
      const { draft } = host.state;
      const stale = model && draft?.fingerprint && draft.fingerprint !== model.model.fingerprint;
      const given = model && defaultRequest(model, wantedName ?? request?.name ?? "");
      if (given && (!request || stale)) set(given);
      // Words that nobody typed follow the concept.
      else if (given && request && !draft?.ownWords && !sameWords(request, given))
        set({ ...request, template: given.template, targets: given.targets, forms: {} });
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
