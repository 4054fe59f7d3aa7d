/** The optimiser's numbers, by their published names, as number fields. */
import { t } from "@vscode/l10n";
import { ranges } from "../../../protocol/editOptions.ts";
import type { LabRequest } from "../../../protocol/labFlip.ts";
import { numberField, type Range, type RangeField } from "../../controls.ts";
import { el } from "../../dom.ts";
import type { View } from "../../view.ts";

type Name = keyof LabRequest["hyperParameters"];

/** What each of the numbers is called, and how far its slider goes. */
export const optimizerRanges = (): Record<Name, Range> => ({
  v_num_grad_steps: {
    label: t("Steps"),
    hint: t("v_num_grad_steps: most steps of the optimiser."),
    min: 1,
    max: 60,
    step: 1,
    limit: ranges.v_num_grad_steps,
  },
  v_lr: {
    label: t("Learning rate"),
    hint: t("v_lr: how far one step of Adam goes."),
    min: 0.01,
    max: 1,
    step: 0.01,
    limit: ranges.v_lr,
  },
  v_weight_decay: {
    label: t("Weight decay"),
    hint: t("v_weight_decay: the price of a long Δv."),
    min: 0,
    max: 1,
    step: 0.01,
    limit: ranges.v_weight_decay,
  },
  clamp_norm_factor: {
    label: t("Norm clamp"),
    hint: t("clamp_norm_factor: Δv may be this many times as long as v."),
    min: 0.1,
    max: 10,
    step: 0.1,
    limit: ranges.clamp_norm_factor,
  },
  kl_factor: {
    label: t("KL factor"),
    hint: t("kl_factor: the price of changing what the model says of the name otherwise."),
    min: 0,
    max: 1,
    step: 0.0125,
    limit: ranges.kl_factor,
  },
  v_loss_layer: {
    label: t("Loss layer"),
    hint: t("v_loss_layer: the layer after which the loss reads the answer, counted from 0."),
    min: 0,
    max: 5,
    step: 1,
  },
});

export function optimizerFields(
  change: (part: Partial<LabRequest>) => void,
): View<{ request: LabRequest; layers: number; maxTokens: number }> {
  let now: LabRequest["hyperParameters"] = {};
  const fields = Object.entries(optimizerRanges()).map(([name, range]): [Name, RangeField] => [
    name as Name,
    numberField(range, (value) => change({ hyperParameters: { ...now, [name]: value } })),
  ]);
  const length = numberField(
    {
      label: t("Tokens to complete"),
      hint: t("How long the completions are."),
      min: 4,
      max: 100,
      step: 1,
      limit: ranges.maxTokens,
    },
    (value) => change({ maxTokens: value }),
  );
  return {
    element: el("div", { class: "optimizer" }, ...fields.map(([, field]) => field.element), length.element),
    update({ request, layers, maxTokens }) {
      now = request.hyperParameters;
      length.set(request.maxTokens ?? maxTokens);
      for (const [name, field] of fields) {
        if (name === "v_loss_layer") field.setMax(Math.max(0, layers - 1));
        const value = now[name];
        if (value !== undefined) field.set(value);
      }
    },
  };
}
