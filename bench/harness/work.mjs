/**
 * Multiplications with weights of GPT-J's block, a token: 4 d² of attention, 8 d² of the MLP. An operation each, and one
 * more for its addition, is what a pass there makes, and as much the way back. `test/engine/model/work.test.ts` counts the
 * same from the traced graphs.
 */

/**
 * One way of an evaluation of the solve. Of the first layer above the edit all but attention's output is made anew for the
 * lookup positions alone; of the last, all but keys and values for the asked tokens alone, as the head is. There are at least two layers above.
 */
export function solveProducts({ d, vocabulary, above, tokens, lookups, asked }) {
  const first = 11 * lookups + tokens;
  const last = 2 * tokens + 10 * asked;
  return d * d * (first + 12 * tokens * (above - 2) + last) + asked * d * vocabulary;
}

/** A pass of so many layers over tokens. Where none is asked for its logits, the last layer ends with keys and values. */
export function readProducts({ d, vocabulary, layers, tokens, asked }) {
  const last = 2 * tokens + 10 * asked;
  return d * d * (12 * tokens * (layers - 1) + last) + asked * d * vocabulary;
}
