import { note } from "../run/note.ts";

/** Says once that what is made of a model cannot be kept, so that it will be made again. */
export function noteUnkept(folder: string): void {
  note(`${folder} cannot be written, so that what is made of the model there is made again the next time.`);
}
