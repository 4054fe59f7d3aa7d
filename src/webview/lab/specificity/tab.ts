/** The Specificity tab: what an edit did to everything else, and at which layer it does least. */
import { t } from "@vscode/l10n";
import type { LabSpecificityRequest } from "../../../protocol/labMeasurements.ts";
import { el } from "../../dom.ts";
import type { Lab, LabState, SpecificityMessage } from "../lab.ts";
import { measurementView } from "../measurementView.ts";
import { uneditedNote } from "../uneditedNote.ts";
import { evaluationResult } from "./evaluationResult.ts";
import { specificityForm } from "./form.ts";
import { layersResult } from "./layersResult.ts";

export interface SpecificityTab {
  readonly element: HTMLElement;
  updateState(state: LabState): void;
  updateMeasured(message: SpecificityMessage): void;
  /** Measures this name's edit, by itself, when the user says so. */
  setName(name: string): void;
}

export function specificityTab(lab: Lab): SpecificityTab {
  const { host } = lab;
  let [evaluating, sweeping] = [false, false];
  const change = (part: Partial<LabSpecificityRequest>): void => {
    host.save({ specificity: { ...host.state.specificity, ...part } });
    drawForm();
  };
  const form = specificityForm({
    change,
    evaluate: () => host.post({ type: "evaluate", request: host.state.specificity }),
    layers: () => host.post({ type: "layers", request: host.state.specificity }),
    cancel: () => host.post({ type: "cancel", what: "specificity" }),
  });
  const explained = el(
    "p",
    { class: "quiet" },
    t(
      "The model's answer for the name is flipped, everything else is asked before and after: other words, other names, other facts, plain text. The edit is then taken back.",
    ),
  );
  const unedited = uneditedNote(t("Edits are on, but this measures the model without them."));
  const evaluation = measurementView(evaluationResult(lab), (names) =>
    names === 1 ? t("Evaluating one edit") : t("Evaluating {0} edits", names),
  );
  const layers = measurementView(layersResult(lab), (names) =>
    names === 1 ? t("Editing one name at every layer") : t("Editing {0} names at every layer", names),
  );

  function drawForm(): void {
    form.update({ request: host.state.specificity, running: evaluating || sweeping });
  }
  return {
    element: el(
      "div",
      { class: "specificity stack" },
      explained,
      unedited.element,
      form.element,
      evaluation.element,
      layers.element,
    ),
    updateState: unedited.update,
    updateMeasured(message) {
      if (message.type === "evaluation") {
        evaluating = message.evaluation.state === "running";
        evaluation.update(message.evaluation);
      } else {
        sweeping = message.layers.state === "running";
        layers.update(message.layers);
      }
      drawForm();
    },
    setName: (name) => change({ of: "name", name }),
  };
}
