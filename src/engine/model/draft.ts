/**
 * Tokens that a text may go on with, found without the model: what followed a place that ended alike, in a text beside it
 * (the nearest such place) or earlier in the text itself (Saxena 2023, "prompt lookup decoding"); else what stands beside it
 * at the same place. A text that repeats itself is drafted as going on to, round after round. A wrong draft costs nothing
 * but its place in the pass that checks it (Leviathan et al. 2023).
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
