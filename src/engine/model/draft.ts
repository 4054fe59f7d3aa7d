/**
 * Tokens that a text may go on with, found without the model: what followed a place that ended alike, in a text beside it
 * (the nearest such place) or earlier in the text itself (Saxena 2023, "prompt lookup decoding"); else what stands beside it
 * at the same place. A text that repeats itself is drafted as going on to, round after round. A wrong draft costs its place
 * in the pass that checks it, and nothing else (Leviathan et al. 2023).
 *
 * @param text token ids so far, prompt included
 * @param beside a text that this one may be like, such as the same prompt's before an edit
 * @param most so many tokens at most
 */
export function draft(text: readonly number[], beside: readonly number[], most: number): number[] {
  if (most < 1) return [];
  for (let size = Math.min(longestEnd, text.length); size >= 1; size--) {
    const end = text.slice(-size);
    for (const source of [beside, text]) {
      const after = placeAfter(source, end, text.length);
      if (after === undefined) continue;
      const drafted = source.slice(after, after + most);
      if (source === text) for (let i = 0; drafted.length < most; i++) drafted.push(drafted[i] as number);
      return drafted;
    }
  }
  return beside.slice(text.length, text.length + most);
}

/**
 * How far ahead a text is drafted: a pass over more tokens costs more (two fifths at GPT-J's size), so twice as far as the
 * last draft held; where drafts fail, not at all for a while that doubles each time.
 */
export class Reach {
  #held = 0;
  #misses = 0;
  #pause = 0;

  /** Tokens that the next draft may have. */
  get most(): number {
    return this.#pause > 0 ? 0 : 2 * (1 + this.#held);
  }

  /** Told of each pass: so many tokens were drafted, and so many of them held. */
  saw(drafted: number, held: number): void {
    if (drafted === 0) this.#pause = Math.max(0, this.#pause - 1);
    else {
      this.#held = held;
      this.#misses = held > 0 ? 0 : this.#misses + 1;
      this.#pause = Math.min(longestPause, 2 ** this.#misses - 1);
    }
  }
}

const longestPause = 7;

/** The longest end that is looked for: longer ones repeat too seldom. */
const longestEnd = 3;

/** Of the places behind which something comes and before which `end` stands, the one nearest to `wanted`. */
function placeAfter(source: readonly number[], end: readonly number[], wanted: number): number | undefined {
  let best: number | undefined;
  for (let place = end.length; place < source.length; place++) {
    const isThere = end.every((id, i) => source[place - end.length + i] === id);
    if (isThere && (best === undefined || Math.abs(place - wanted) <= Math.abs(best - wanted))) best = place;
  }
  return best;
}
