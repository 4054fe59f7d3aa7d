/** Messages between the extension host and the page of a `.romedit` file, as those of resultsView.ts. */
import * as v from "valibot";
import { adapterEntry, editEntry } from "./editEntry.ts";
import { editComparison, modelIdentity } from "./editFile.ts";
import { failure } from "./viewStatus.ts";

/** What the page shows of one edit: all but its vectors. */
const shownEdit = v.object({
  id: v.string(),
  entry: v.union([adapterEntry, editEntry]),
  /** Completions are made with it. */
  on: v.boolean(),
});

/** What became of "Compare with…". */
const shownComparison = v.variant("state", [
  v.object({ state: v.literal("running"), file: v.string() }),
  v.object({ state: v.literal("failed"), file: v.string(), failure }),
  v.object({ state: v.literal("done"), file: v.string(), result: editComparison }),
]);

/** Host → page. */
export const editFileMessage = v.object({
  type: v.literal("state"),
  /** Name of the file, without its folder. */
  file: v.string(),
  body: v.variant("state", [
    v.object({ state: v.literal("reading") }),
    v.object({ state: v.literal("failed"), failure }),
    v.object({
      state: v.literal("done"),
      model: modelIdentity,
      /** What the open model differs in; empty where the edits fit it. */
      differences: v.array(v.string()),
      edits: v.array(shownEdit),
    }),
  ]),
  comparison: v.nullable(shownComparison),
});

/** Page → host. */
export const editFileIntent = v.variant("type", [
  /** The script runs; send the state. */
  v.object({ type: v.literal("ready") }),
  v.object({ type: v.literal("toggle"), ids: v.array(v.string()), on: v.boolean() }),
  /** Choose another file by dialog, and set it beside this one. */
  v.object({ type: v.literal("compare") }),
  v.object({ type: v.literal("closeComparison") }),
  /** Read the file again. */
  v.object({ type: v.literal("again") }),
  v.object({ type: v.literal("chooseModel") }),
  v.object({ type: v.literal("showLog") }),
]);

export type ShownEdit = v.InferOutput<typeof shownEdit>;
export type ShownComparison = v.InferOutput<typeof shownComparison>;
export type EditFileMessage = v.InferOutput<typeof editFileMessage>;
export type EditFileIntent = v.InferOutput<typeof editFileIntent>;
