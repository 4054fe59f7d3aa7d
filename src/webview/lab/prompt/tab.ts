/** The Prompt tab: a text of one's own, as the model goes on with it and as it does with vectors added or taken out. */
import { t } from "@vscode/l10n";
import type { LabPromptRequest } from "../../../protocol/labPrompt.ts";
import { el } from "../../dom.ts";
import { explained } from "../explained.ts";
import { debounced, type Lab, type LabState, type PromptMessage } from "../lab.ts";
import { promptForm } from "./form.ts";
import { promptResult } from "./result.ts";
import "./prompt.css";

export interface PromptTab {
  readonly element: HTMLElement;
  updateState(state: LabState): void;
  updatePrompt(message: PromptMessage): void;
  /** Another vector that the user chose by dialog. */
  addVector(from: string, label: string): void;
  /** The prompt asks about this name. */
  setName(name: string): void;
}

export function promptTab(lab: Lab): PromptTab {
  const { host } = lab;
  let template = "Name: {}. Gender:";
  let known = { running: false, editsOn: 0, concept: null as string | null };
  let ran = false;
  let asked: LabPromptRequest | undefined;
  const request = (): LabPromptRequest => host.state.prompt;
  const run = (): void => {
    ran = true;
    asked = request();
    host.post({ type: "prompt", request: asked });
  };
  // A moved slider asks again, as soon as it rests, unless the button has asked by then; a new text waits for its button.
  const again = debounced(300, () => ran && request() !== asked && run());
  const change = (part: Partial<LabPromptRequest>): void => {
    host.save({ prompt: { ...request(), ...part } });
    draw();
    if (part.prompt === undefined) again();
  };
  const form = promptForm({
    change,
    run,
    cancel: () => host.post({ type: "cancel", what: "prompt" }),
    addVector: () => host.post({ type: "addVector" }),
  });
  const result = promptResult(host, () => host.post({ type: "saveVectors" }));
  const explanation = explained(
    lab,
    t(
      "The same text twice: as the model goes on with it, and with a direction added to what one layer writes or taken out of it.",
    ),
    "steering",
  );
  function draw(): void {
    form.update({ request: request(), ...known });
  }
  return {
    element: el("div", { class: "prompt-tab stack" }, explanation, form.element, result.element),
    updateState({ model, status }) {
      template = model?.defaults.concept.prompt ?? template;
      known = {
        ...known,
        editsOn: status.editsOn,
        concept: model?.hasExperiment ? model.defaults.concept.targets.map(({ label }) => label).join(" → ") : null,
      };
      draw();
    },
    updatePrompt({ prompt }) {
      ran ||= prompt.state !== "none";
      known = { ...known, running: prompt.state === "running" };
      draw();
      result.update(prompt);
    },
    addVector(from, label) {
      const others = request().vectors.filter((vector) => vector.from !== from);
      change({ vectors: [...others, { from, label, scale: 1, erase: false }] });
    },
    setName(name) {
      change({ prompt: template.replace("{}", () => name) });
      run();
    },
  };
}
