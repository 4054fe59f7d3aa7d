/** Fields of what an edit rests on, as the Flip and the Experiment tab have them. */
import { t } from "@vscode/l10n";
import { type KeyVariant, keyVariants } from "../../protocol/editEntry.ts";
import { type EditBasis, ranges } from "../../protocol/editOptions.ts";
import { type Choice, dropdown, labelled, type RangeField, rangeField } from "../controls.ts";

export function layerField(change: (layer: number) => void): RangeField {
  return rangeField(
    { label: t("Layer"), hint: t("The layer whose MLP is edited, counted from 0."), min: 0, max: 5, step: 1 },
    change,
  );
}

export function contextsField(change: (contexts: number) => void): RangeField {
  return rangeField(
    {
      label: t("Prefix contexts"),
      hint: t("How many sampled beginnings the edit must hold after; 0 for the bare prompt alone."),
      min: 0,
      max: 50,
      step: 1,
      limit: [0, ranges.contexts[1]],
    },
    change,
  );
}

type Covariance = NonNullable<EditBasis["covariance"]>;

const covarianceChoices = (): Choice[] => [
  { value: "auto", label: t("as recorded for the model") },
  { value: "none", label: t("none (identity)") },
];

export function covarianceField(change: (covariance: Covariance) => void) {
  const list = dropdown(t("Covariance"), covarianceChoices(), (value) =>
    change(value === "none" || value === "auto" ? value : { file: value }),
  );
  return {
    element: labelled(list.element),
    set(covariance: Covariance) {
      const file = typeof covariance === "object" ? covariance.file : undefined;
      list.setChoices([...covarianceChoices(), ...(file === undefined ? [] : [{ value: file, label: file }])]);
      list.set(file ?? (covariance === "none" ? "none" : "auto"));
    },
  };
}

const keyLabel = (key: KeyVariant) =>
  ({
    rome: t("ROME, as published"),
    "r-rome": t("r-ROME, mean key throughout"),
    "p-rome": t("p-ROME, prompt key throughout"),
  })[key];

export function keyField(change: (key: KeyVariant) => void) {
  const { element, set } = dropdown(
    t("Key"),
    keyVariants.map((value) => ({ value, label: keyLabel(value) })),
    (value) => change(keyVariants.find((variant) => variant === value) ?? "rome"),
  );
  return { element: labelled(element), set };
}
