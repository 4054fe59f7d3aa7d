import { formsOf, type Target } from "../../protocol/concept.ts";
import { RomeError } from "../../protocol/errors.ts";
import type { Tokenizer } from "../checkpoint/tokenizer.ts";

type Tokens = readonly number[];

/** log p [rows][ids] of token ids after each row, with `more` tokens behind it. */
export type Read = (more: Tokens, ids: readonly number[]) => Promise<readonly ArrayLike<number>[]>;

/**
 * P(label) after each row: the sum over the label's forms. Where the beginning of one label's form is a form of the
 * other's (" he", " hello"), what goes on as the longer one does not count for the shorter.
 *
 * @param rows how many
 * @param telling from `tellingTokens`: of each label the beginnings of its forms
 * @returns [rows][labels]
 */
export async function labelProbabilities(
  rows: number,
  read: Read,
  telling: readonly (readonly Tokens[])[],
): Promise<number[][]> {
  const nodes = new Map<string, Tokens>();
  for (const ids of telling.flat())
    for (let end = 1; end <= ids.length; end++) nodes.set(key(ids.slice(0, end)), ids.slice(0, end));
  const parents = new Map([...nodes.values()].map((ids) => [key(ids.slice(0, -1)), ids.slice(0, -1)]));
  // log P of each beginning after each row, the shortest first.
  const known = new Map([[key([]), Array<number>(rows).fill(0)]]);
  for (const parent of [...parents.values()].sort((a, b) => a.length - b.length)) {
    const children = [...nodes.values()].filter((ids) => key(ids.slice(0, -1)) === key(parent));
    const next = await read(
      parent,
      children.map((child) => child.at(-1) as number),
    );
    const before = known.get(key(parent)) as number[];
    for (const [i, child] of children.entries())
      known.set(
        key(child),
        before.map((sum, row) => sum + (next[row]?.[i] as number)),
      );
  }
  const probability = (ids: Tokens, row: number) => Math.exp(known.get(key(ids))?.[row] as number);
  return Array.from({ length: rows }, (_, row) =>
    telling.map((own, label) => {
      const longer = telling.flatMap((ids, other) =>
        other === label ? [] : ids.filter((one) => own.some((begun) => begins(one, begun))),
      );
      const sum = (all: readonly Tokens[]) => all.reduce((total, ids) => total + probability(ids, row), 0);
      return Math.max(0, sum(own) - sum(longer));
    }),
  );
}

/**
 * The tokens by which the forms of each target are told from those of the other targets: the first ones, as many as make
 * a difference. What two forms of one target begin with alike is counted once.
 *
 * @param whole all tokens of a form, whatever makes a difference
 * @throws RomeError "input" for two targets with a form of the same tokens
 */
export function tellingTokens(
  tokenizer: Tokenizer,
  targets: readonly Target[],
  { whole = false }: { readonly whole?: boolean } = {},
): Tokens[][] {
  const all = targets.map((target) => formsOf(target).map((text) => ({ text, ids: tokenizer.continuation(text) })));
  return all.map((forms, i) => {
    const others = all.filter((_, j) => j !== i).flat();
    const told = forms.map(({ text, ids }) => {
      const twin = others.find((other) => key(other.ids) === key(ids));
      if (twin) {
        const [a, b] = [text, twin.text].map((form) => JSON.stringify(form));
        throw new RomeError("input", `The targets ${a} and ${b} are the same tokens to this model. Choose others.`);
      }
      const shared = Math.max(0, ...others.map((other) => commonLength(ids, other.ids)));
      return whole ? ids : ids.slice(0, shared + 1);
    });
    return told.filter((ids, k) =>
      told.every((other, l) => l === k || !begins(ids, other) || (other.length === ids.length && k < l)),
    );
  });
}

function key(ids: Tokens): string {
  return ids.join(",");
}

/** How many tokens two texts have in common from the start. */
function commonLength(a: Tokens, b: Tokens): number {
  const differs = a.findIndex((id, i) => id !== b[i]);
  return differs < 0 ? a.length : differs;
}

/** `ids` begin with all of `start`. */
function begins(ids: Tokens, start: Tokens): boolean {
  return commonLength(start, ids) === start.length;
}
