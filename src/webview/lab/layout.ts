/** What the lab remembers across a reload: the tab, the draft of the form, the selection, the table's order. */
import * as v from "valibot";
import { recordOptions } from "../../protocol/editOptions.ts";
import { labTab } from "../../protocol/lab.ts";
import { labRequest } from "../../protocol/labFlip.ts";
import { labAttributionRequest, labLensRequest } from "../../protocol/labInside.ts";
import { labSpecificityRequest, labTraceRequest } from "../../protocol/labMeasurements.ts";
import { labPromptRequest } from "../../protocol/labPrompt.ts";
import { labRefereeRequest } from "../../protocol/labReferee.ts";
import { constructionNames } from "../../protocol/referee.ts";
import { columnIds, directionFilters, subsets } from "./experiment/rows.ts";

const saved = <T extends v.GenericSchema>(schema: T, value: v.InferOutput<T>) =>
  v.fallback(v.optional(schema, value as never), value as never);

/** Forms with fields that are folded away until they are wanted. */
const foldedFields = ["flip", "record"] as const;
export type FoldedFields = (typeof foldedFields)[number];

export const layoutState = v.object({
  tab: saved(labTab, "flip"),
  /** The form as the user left it, the model it was for, and whether its prompt or answers are the user's own. */
  draft: saved(
    v.nullable(v.object({ fingerprint: v.string(), request: labRequest, ownWords: v.optional(v.boolean(), true) })),
    null,
  ),
  /** The fields that are not folded away, by their form. */
  unfolded: saved(v.array(v.picklist(foldedFields)), []),
  selected: saved(v.array(v.string()), []),
  sort: saved(v.object({ column: v.picklist(columnIds), descending: v.boolean() }), {
    column: "name",
    descending: false,
  }),
  filter: saved(v.object({ text: v.string(), direction: v.picklist(directionFilters), subset: v.picklist(subsets) }), {
    text: "",
    direction: "both",
    subset: "all",
  }),
  /** How to record, where it is not by the model's defaults, and the model it is for. */
  recordDraft: saved(v.nullable(v.object({ fingerprint: v.string(), options: recordOptions })), null),
  axes: saved(v.picklist(["0,1", "0,2", "1,2"]), "0,1"),
  /** Null until the slider is moved: the best scale of the experiment. */
  scale: saved(v.nullable(v.number()), null),
  triedName: saved(v.string(), ""),
  /** The form of the Causal trace tab; a window of null follows the model. */
  trace: saved(labTraceRequest, {
    of: "name",
    name: "Ben",
    count: 20,
    window: null,
    samples: 10,
    target: "",
  }),
  lens: saved(labLensRequest, { prompt: "Name: Ben. Gender:", word: " female", kind: "logit" }),
  attribution: saved(labAttributionRequest, { prompt: "Name: Ben. Gender:", targets: ["", ""], pattern: null }),
  specificity: saved(labSpecificityRequest, { of: "name", name: "Ben", count: 4, compare: false }),
  prompt: saved(labPromptRequest, {
    prompt: "Name: Ben. Gender:",
    at: "name",
    vectors: [{ from: "", label: "", scale: 0, erase: false }],
    edits: false,
    maxTokens: 24,
  }),
  referee: saved(labRefereeRequest, { vector: "sign", size: "quick", skip: [] }),
  /** How the vector that is tried on a name is made. */
  construction: saved(v.picklist(constructionNames), "sign"),
  judge: saved(v.picklist(["label", "firstWord"]), "label"),
});
export type Layout = v.InferOutput<typeof layoutState>;
