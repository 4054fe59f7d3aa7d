/** Whom a measurement is of: one name, or many of the names file. */
import { t } from "@vscode/l10n";
import type { LabNames } from "../../protocol/labMeasurements.ts";
import { dropdown, labelled, rangeField, textField } from "../controls.ts";
import { setVisible } from "../dom.ts";

export interface NamesFields {
  readonly elements: readonly HTMLElement[];
  update(chosen: LabNames): void;
}

export const hasName = ({ of, name }: LabNames): boolean => of === "average" || name.trim() !== "";

export function namesFields(what: string, change: (part: Partial<LabNames>) => void): NamesFields {
  const of = dropdown(
    what,
    [
      { value: "name", label: t("One name") },
      { value: "average", label: t("Average over names of the names file") },
    ],
    (value) => change({ of: value === "average" ? "average" : "name" }),
  );
  const name = textField(t("Name"), (text) => change({ name: text }), "Ben");
  const count = rangeField({ label: t("Names"), min: 2, max: 200, step: 1, limit: [2, 1000] }, (value) =>
    change({ count: value }),
  );
  return {
    elements: [labelled(of.element), name.element, count.element],
    update(chosen) {
      of.set(chosen.of);
      name.set(chosen.name);
      count.set(chosen.count);
      setVisible(name.element, chosen.of === "name");
      setVisible(count.element, chosen.of === "average");
    },
  };
}

/** A form of a measurement: Enter in a field starts it. */
export function submitsOnEnter(form: HTMLElement, run: () => void): void {
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.target as Element).matches("vscode-text-field, input")) run();
  });
}
