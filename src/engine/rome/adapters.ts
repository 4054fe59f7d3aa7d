import type { Place } from "../../protocol/editEntry.ts";
import { RomeError } from "../../protocol/errors.ts";
import type { Tokenizer } from "../checkpoint/tokenizer.ts";
import type { Adapter } from "../model/model.ts";
import { dot } from "../numerics/vectors.ts";
import type { LiveEdit } from "./edit.ts";
import { nameTokens } from "./prompt.ts";

/** A text that the model reads and perhaps continues, and what is on meanwhile. */
export interface Row {
  readonly prompt: string;
  readonly edits?: readonly LiveEdit[];
}

/**
 * The edits of a batch's rows as adapters, each on in the rows that list it and at the tokens of its place. Erasures of
 * one layer act one after the other, in the order of the list.
 *
 * @throws RomeError "input" for two erasures of one layer that are on in one row, but at different tokens
 */
export function adaptersOf(tokenizer: Tokenizer, rows: readonly Row[]): Adapter[] {
  const listed = rows.map(({ edits = [] }) => inTurn(edits));
  const edits = [...new Set(listed.flat())];
  return edits.map((edit) => {
    const { at = "all", ...change } = edit;
    const on = listed.map((row) => (row.includes(edit) ? 1 : 0));
    if (at === "all") return { ...change, on };
    const tokens = rows.map(({ prompt }, row) => (on[row] ? tokensAt(tokenizer, prompt, at) : () => false));
    return { ...change, on, at: (row, position) => tokens[row]?.(position) ?? false };
  });
}

/** Whether the token of a position belongs to a place of a text and its continuation. */
function tokensAt(tokenizer: Tokenizer, text: string, at: Exclude<Place, "all">): (position: number) => boolean {
  if (at === "generated") {
    const first = tokenizer.encode(text).length - 1;
    return (position) => position >= first;
  }
  const found = new Set(nameTokens(tokenizer, text, at.name));
  return (position) => found.has(position);
}

/**
 * Edits as the model runs them: all that read the output read it at once, as edits and vectors leave it. So each erasure
 * becomes what it does once those before it have acted: with yᵢ = yᵢ₋₁ + gᵢrᵢ and gᵢ = uᵢᵀyᵢ₋₁ + cᵢ, it reads
 * gᵢ = uᵢᵀy₀ + cᵢ + Σⱼ gⱼ uᵢᵀrⱼ over j < i.
 */
function inTurn(edits: readonly LiveEdit[]): readonly LiveEdit[] {
  const erasures = edits.filter(({ reads }) => reads === "output");
  if (erasures.length < 2) return edits;
  const acting: LiveEdit[] = [];
  for (const edit of erasures) {
    const earlier = acting.filter(({ layer }) => layer === edit.layer);
    if (earlier.some(({ at }) => JSON.stringify(at ?? "all") !== JSON.stringify(edit.at ?? "all")))
      throw new RomeError(
        "input",
        `Two erasures of layer ${edit.layer} are on at different tokens. Put both at the same tokens, or switch one off.`,
      );
    const u = Float64Array.from(edit.u);
    let constant = edit.constant ?? 0;
    for (const other of earlier) {
      const share = dot(edit.u, other.r);
      for (const [i, value] of other.u.entries()) u[i] = (u[i] as number) + share * value;
      constant += share * (other.constant ?? 0);
    }
    acting.push({ ...edit, u: Float32Array.from(u), constant });
  }
  return [...edits.filter(({ reads }) => reads !== "output"), ...acting];
}
