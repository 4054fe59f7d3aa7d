/** Beside what is measured of the model without the edits that are on. */
import { setVisible } from "../dom.ts";
import { note } from "../parts.ts";
import type { View } from "../view.ts";
import type { LabState } from "./lab.ts";

/** @param message says so, while edits are on */
export function uneditedNote(message: string): View<Pick<LabState, "status">> {
  const element = note("info", message);
  element.hidden = true;
  return { element, update: ({ status }) => setVisible(element, status.editsOn > 0) };
}
