/** What a recording is made with: the same as an edit, and how many names; everything is the model's default at first. */
import { t } from "@vscode/l10n";
import type { RecordOptions } from "../../../protocol/editOptions.ts";
import type { Description } from "../../../protocol/engine.ts";
import { count } from "../../../text/numbers.ts";
import { rangeField, textButton, textField } from "../../controls.ts";
import { el, setText, setVisible } from "../../dom.ts";
import type { View } from "../../view.ts";
import { contextsField, covarianceField, keyField, layerField } from "../basisFields.ts";
import { optimizerRanges } from "../flip/optimizerFields.ts";
import { folded, type Lab } from "../lab.ts";

export interface RecordFormValue {
  readonly options: RecordOptions;
  readonly model: Pick<Description, "model" | "defaults"> | null;
  /** Names of the file. */
  readonly names: number;
}

/** Why so many names cannot be recorded; undefined where they can. */
export function tooMany({ count: wanted }: RecordOptions, names: number): string | undefined {
  if (wanted === undefined || wanted <= names) return undefined;
  return t("There are {0} names, fewer than the {1} to be recorded.", count(names), count(wanted));
}

/** Options without those that say what would be so anyway. */
export function withoutDefaults(
  options: RecordOptions,
  { model, names }: Omit<RecordFormValue, "options">,
): RecordOptions {
  const { defaults, model: open } = model ?? {};
  const { layer, contexts, covariance, key, hyperParameters, count: wanted } = options;
  const steps = hyperParameters?.v_num_grad_steps;
  return {
    ...(layer !== undefined && layer !== open?.editLayer && { layer }),
    ...(steps !== undefined &&
      steps !== defaults?.hyperParameters.v_num_grad_steps && { hyperParameters: { v_num_grad_steps: steps } }),
    ...(contexts !== undefined && contexts !== defaults?.contexts && { contexts }),
    ...(covariance !== undefined && covariance !== "auto" && { covariance }),
    ...(key !== undefined && key !== "rome" && { key }),
    ...(wanted !== undefined && wanted !== names && { count: wanted }),
  };
}

export function recordForm(lab: Lab, change: (options: RecordOptions) => void): View<RecordFormValue> {
  let now: RecordFormValue = { options: {}, model: null, names: 0 };
  const put = (part: RecordOptions) => change(withoutDefaults({ ...now.options, ...part }, now));
  const names = textField(t("Names"), (text) => {
    const wanted = Number(text);
    if (text.trim() === "") put({ count: undefined });
    else if (Number.isInteger(wanted) && wanted > 0) put({ count: wanted });
  });
  const layer = layerField((value) => put({ layer: value }));
  const contexts = contextsField((value) => put({ contexts: value === 0 ? "none" : value }));
  const steps = rangeField(optimizerRanges().v_num_grad_steps, (value) =>
    put({ hyperParameters: { v_num_grad_steps: value } }),
  );
  const covariance = covarianceField((value) => put({ covariance: value }));
  const key = keyField((value) => put({ key: value }));
  const few = el("p", { class: "note note-error", role: "alert" });
  const summary = el("summary");
  const reset = textButton(t("Back to the model's defaults"), () => {
    names.set("");
    change({});
  });
  const element = folded(
    lab,
    "record",
    summary,
    names.element,
    few,
    layer.element,
    contexts.element,
    steps.element,
    covariance.element,
    key.element,
    reset,
  );
  element.classList.add("record-form");
  return {
    element,
    update(value) {
      now = value;
      const { options, model } = value;
      const { defaults } = model ?? {};
      const chosen = Object.keys(options).length;
      setText(summary, chosen === 0 ? t("How to record") : t("How to record ({0} chosen)", chosen));
      names.element.placeholder = t("all {0}", count(value.names));
      if (options.count !== undefined) names.set(String(options.count));
      const refusal = tooMany(options, value.names);
      setText(few, refusal ?? "");
      setVisible(few, refusal !== undefined);
      layer.setMax(Math.max(0, (model?.model.layers ?? 1) - 1));
      layer.set(options.layer ?? model?.model.editLayer ?? 0);
      const own = options.contexts ?? defaults?.contexts ?? 0;
      contexts.set(typeof own === "number" ? own : 0);
      steps.set(options.hyperParameters?.v_num_grad_steps ?? defaults?.hyperParameters.v_num_grad_steps ?? 1);
      covariance.set(options.covariance ?? "auto");
      key.set(options.key ?? "rome");
      setVisible(reset, chosen > 0);
    },
  };
}
