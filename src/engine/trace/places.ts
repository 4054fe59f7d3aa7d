import type { TraceGrid, TracePlace } from "../../protocol/measurements.ts";
import { mean } from "../numerics/statistics.ts";

/** A traced subject's prompt. */
export interface PlacedPrompt {
  /** Each token as text. */
  readonly texts: readonly string[];
  /** First and last token of the subject. */
  readonly start: number;
  readonly lookup: number;
}

/** A row of the grids and, of each prompt, the tokens that it stands for. */
export interface Place extends TracePlace {
  readonly tokens: readonly (readonly number[])[];
}

/**
 * The rows of a trace. One prompt: its tokens. Several, of one template: the tokens before the subject by their number,
 * the subject's first, middle and last token (a subject of one token has only the last), and what follows it counted
 * from the prompt's end.
 */
export function placesOf(prompts: readonly PlacedPrompt[]): Place[] {
  const place = (role: TracePlace["role"], text: string, tokens: readonly (readonly number[])[]): Place => ({
    text,
    role,
    tokens,
    subjects: tokens.filter(({ length }) => length > 0).length,
  });
  const [only] = prompts;
  if (prompts.length === 1 && only) {
    const { start, lookup } = only;
    const role = (token: number) => {
      if (token === lookup) return "last";
      if (token > lookup) return "after";
      return token < start ? "before" : token === start ? "first" : "middle";
    };
    return only.texts.map((text, token) => place(role(token), text, [[token]]));
  }
  const textOf = (tokens: readonly (readonly number[])[]) => {
    const i = tokens.findIndex(({ length }) => length > 0);
    return prompts[i]?.texts[tokens[i]?.[0] ?? 0] ?? "";
  };
  const before = range(Math.max(...prompts.map(({ start }) => start))).map((token) => {
    const tokens = prompts.map(({ start }) => (token < start ? [token] : []));
    return place("before", textOf(tokens), tokens);
  });
  const first = prompts.map(({ start, lookup }) => (start < lookup ? [start] : []));
  const middle = prompts.map(({ start, lookup }) => range(lookup - start - 1).map((i) => start + 1 + i));
  const follow = prompts.map(({ texts, lookup }) => texts.length - 1 - lookup);
  const after = range(Math.max(...follow)).map((i) => {
    const fromEnd = Math.max(...follow) - i;
    const tokens = prompts.map(({ texts }, p) => (fromEnd <= (follow[p] as number) ? [texts.length - fromEnd] : []));
    return place("after", textOf(tokens), tokens);
  });
  return [
    ...before,
    place("first", "first subject token", first),
    place("middle", "middle subject tokens", middle),
    place(
      "last",
      "last subject token",
      prompts.map(({ lookup }) => [lookup]),
    ),
    ...after,
  ].filter(({ subjects }) => subjects > 0);
}

/** Mean over the subjects that have a place, of the mean over its tokens there, by layer. */
export function averageGrid(
  places: readonly Place[],
  grids: readonly (readonly (readonly number[])[])[],
  corrupted: readonly number[],
): TraceGrid {
  const layers = grids[0]?.[0]?.length ?? 0;
  const cells = (of: (probability: number, subject: number) => number) =>
    places.map(({ tokens }) =>
      range(layers).map((layer) =>
        mean(
          tokens.flatMap((list, subject) =>
            list.length === 0 ? [] : [mean(list.map((token) => of(grids[subject]?.[token]?.[layer] ?? 0, subject)))],
          ),
        ),
      ),
    );
  return {
    probability: cells((probability) => probability),
    effect: cells((probability, subject) => probability - (corrupted[subject] as number)),
  };
}

function range(length: number): number[] {
  return Array.from({ length: Math.max(0, length) }, (_, i) => i);
}
