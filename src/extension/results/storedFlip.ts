import * as v from "valibot";
import { edit } from "../../protocol/edit.ts";
import { editEntry } from "../../protocol/editEntry.ts";
import { flipResult } from "../../protocol/results.ts";

/** Results of earlier versions had the view and what is saved of the edit in one object. */
const flat = v.pipe(
  v.looseObject({ entry: editEntry, edit, delta: v.string() }),
  v.transform(({ entry, edit, delta, ...view }) => ({
    view: { ...view, health: entry.health },
    saved: { entry, edit, delta },
  })),
  flipResult,
);

/** A flip's result as it lies on disk, of this version or an earlier one. */
export const storedFlip = v.union([flipResult, flat]);
