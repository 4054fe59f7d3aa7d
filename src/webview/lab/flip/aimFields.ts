/** Which written form of each answer the edit aims at. An answer of one form has no choice and no field. */
import { t } from "@vscode/l10n";
import { formsOf } from "../../../protocol/concept.ts";
import type { LabRequest } from "../../../protocol/labFlip.ts";
import { dropdown, labelled } from "../../controls.ts";
import { el, setVisible } from "../../dom.ts";
import type { View } from "../../view.ts";

export function aimFields(change: (part: Partial<LabRequest>) => void): View<LabRequest> {
  let now: LabRequest | undefined;
  const fields = [0, 1].map((side) => {
    const list = dropdown(side === 0 ? t("Form of one answer") : t("Form of the other"), [], (form) => {
      const label = now?.targets[side]?.label;
      if (label === undefined) return;
      const { [label]: _, ...others } = now?.forms ?? {};
      change({ forms: form === "" ? others : { ...others, [label]: form } });
    });
    return { ...list, element: labelled(list.element) };
  });
  return {
    element: el("div", { class: "stack" }, ...fields.map(({ element }) => element)),
    update(request) {
      now = request;
      request.targets.forEach((target, side) => {
        const field = fields[side];
        if (!field) return;
        const forms = formsOf(target);
        setVisible(field.element, forms.length > 1);
        field.setChoices([
          { value: "", label: t("{0}: as the model writes it most", target.label) },
          ...forms.map((form) => ({ value: form, label: t("{0}: “{1}”", target.label, form.trim()) })),
        ]);
        field.set(request.forms?.[target.label] ?? "");
      });
    },
  };
}
