import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import type { Lens, LensCell, LensChange, LensFit, LensParams } from "../../protocol/lens.ts";
import type { Run } from "../../protocol/run.ts";
import type { Model } from "../model/model.ts";
import { promptTokens } from "../model/promptTokens.ts";
import { spacingNotes } from "../model/spacing.ts";
import type { LiveEdit } from "../rome/edit.ts";
import { cellOf, changeOf, type Question } from "./cells.ts";
import type { Jacobian } from "./jacobian.ts";
import { readOut, streamsOf } from "./streams.ts";

export interface LensRequest extends Omit<LensParams, "edits" | "kind"> {
  readonly edits?: readonly LiveEdit[];
  /** Of the Jacobian lens; without it, it is the logit lens. */
  readonly jacobian?: Jacobian;
}

/** By layer and token. */
interface Grids {
  /** Of each side: the model as it is, and with edits. */
  readonly cells: LensCell[][][];
  /** From the first side to the second. */
  readonly changes: LensChange[][];
}

/**
 * The logit lens (nostalgebraist 2020): the residual stream after each block, of each token, through the model's own final
 * norm and head (a cap on the logits included, where the family has one). The last layer's row is the model's output. With
 * a mean Jacobian, a stream is carried to the last layer by it first. Progress counts layers read out.
 *
 * @throws RomeError "input" for an empty or overlong prompt, or an empty word
 */
export async function look(model: Model, name: string, request: LensRequest, run: Run): Promise<Lens> {
  const started = performance.now();
  const { prompt, jacobian, topK = 5, edits = [] } = request;
  const tokens = promptTokens(model, prompt);
  const word = wordOf(model, request.word);
  const streams = [await streamsOf(model, { prompt }, run)];
  if (edits.length > 0) streams.push(await streamsOf(model, { prompt, edits }, run));
  const carried = jacobian
    ? streams.map((side) => side.map((stream, layer) => jacobian.carry(layer, stream)))
    : streams;
  const { cells, changes } = await see(model, carried, { topK, word: word?.id }, run);
  const [before, after] = cells as [LensCell[][], LensCell[][] | undefined];
  return {
    model: { name, fingerprint: model.checkpoint.fingerprint },
    prompt,
    kind: jacobian ? "jacobian" : "logit",
    ...(jacobian && { fit: jacobian.fit }),
    tokens: tokens.map((id) => model.tokenizer.token(id)),
    ...(word && { word: { text: word.text, token: model.tokenizer.token(word.id) } }),
    cells: before,
    ...(after && { after, change: changes }),
    warnings: [
      ...(word && word.count > 1
        ? [`${JSON.stringify(word.text)} has ${word.count} tokens: its first is followed.`]
        : []),
      ...(await spacingNotes(model, tokens, word ? [word.text] : [], run)),
      ...(jacobian ? fitWarnings(jacobian.fit) : []),
    ],
    seconds: (performance.now() - started) / 1000,
  };
}

/** Where the text has fewer tokens than its fit has products. */
function fitWarnings({ text, tokens, distinct }: LensFit): string[] {
  if (distinct >= tokens) return [];
  return [
    `${text} has only ${distinct} tokens to fit over, so they were gone through up to ${Math.ceil(tokens / distinct)} times: ` +
      "more directions each, and no more text.",
  ];
}

/** A word's first token; undefined where none is asked for. */
function wordOf({ tokenizer }: Model, text: string | undefined) {
  if (text === undefined) return undefined;
  const ids = text.trim() === "" ? [] : tokenizer.continuation(text);
  const [id] = ids;
  if (id === undefined) throw new RomeError("input", "The word to follow is empty. Give it with its leading space.");
  return { text, id, count: ids.length };
}

/** @param streams of each side, after each layer [n, d] */
async function see(
  model: Model,
  streams: readonly (readonly Float32Array[])[],
  question: Question,
  run: Run,
): Promise<Grids> {
  const { layers, width: d } = model.size;
  const final: Float64Array[] = [];
  const grids: Grids = { cells: streams.map(() => []), changes: [] };
  // The last layer first: the others are compared with it.
  for (const layer of model.layers.toReversed()) {
    throwIfCancelled(run.signal);
    const rows: LensCell[][] = streams.map(() => []);
    const changes: LensChange[] = [];
    let before: Float64Array | undefined;
    let number = 0;
    for await (const logits of readOut(model, sideBySide(streams, layer, d), run)) {
      const { cell, logProbs } = cellOf(logits, final[number], model.tokenizer, question);
      if (layer === layers - 1) final.push(logProbs);
      const side = number++ % streams.length;
      rows[side]?.push(cell);
      if (side === 1 && before) changes.push(changeOf(before, logProbs, question.word));
      before = logProbs;
    }
    for (const [side, row] of rows.entries()) grids.cells[side]?.unshift(row);
    grids.changes.unshift(changes);
    run.progress({ phase: "lens", done: layers - layer, total: layers });
  }
  return grids;
}

/** A layer's streams [n, d] of each side as [n, sides, d]. */
function sideBySide(streams: readonly (readonly Float32Array[])[], layer: number, d: number): Float32Array {
  const each = streams.map((side) => side[layer] as Float32Array);
  const rows = (each[0]?.length ?? 0) / d;
  const joined = new Float32Array(rows * each.length * d);
  for (let row = 0; row < rows; row++)
    for (const [side, stream] of each.entries())
      joined.set(stream.subarray(row * d, (row + 1) * d), (row * each.length + side) * d);
  return joined;
}
