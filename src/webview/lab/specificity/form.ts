/** Whose edit to measure, and in which ways it is made. */
import { t } from "@vscode/l10n";
import type { LabSpecificityRequest } from "../../../protocol/labMeasurements.ts";
import { button, checkbox } from "../../controls.ts";
import { el, setVisible } from "../../dom.ts";
import type { View } from "../../view.ts";
import { hasName, namesFields, submitsOnEnter } from "../namesFields.ts";

interface FormValue {
  readonly request: LabSpecificityRequest;
  readonly running: boolean;
}

interface FormActions {
  change(part: Partial<LabSpecificityRequest>): void;
  evaluate(): void;
  layers(): void;
  cancel(): void;
}

export function specificityForm({ change, evaluate, layers, cancel }: FormActions): View<FormValue> {
  const names = namesFields(t("Whose edit to measure"), change);
  const compare = checkbox(t("Compare kinds of key, and the vector"), (on) => change({ compare: on }));
  const start = button(t("Evaluate"), evaluate);
  const sweep = button(t("Which Layer?"), layers, "secondary");
  const stop = button(t("Cancel"), cancel, "secondary");
  const element = el(
    "form",
    { class: "measurement-form specificity-form", "aria-label": t("Whose edit to measure") },
    ...names.elements,
    compare.element,
    el("div", { class: "row" }, start, sweep, stop),
  );
  submitsOnEnter(element, () => {
    if (!start.disabled) evaluate();
  });
  return {
    element,
    update({ request, running }) {
      names.update(request);
      compare.set(request.compare);
      start.disabled = sweep.disabled = running || !hasName(request);
      setVisible(stop, running);
    },
  };
}
