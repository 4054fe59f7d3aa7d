/** CounterFact's formulas (Meng et al. 2022, section 3.4 and appendix). */
import { mean } from "../numerics/statistics.ts";

/** Words and punctuation marks. */
export function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? [];
}

/** Entropy in bits of the relative frequencies of n-grams; 0 where there are none. */
export function entropy(words: readonly string[], size: number): number {
  const counts = new Map<string, number>();
  for (let i = 0; i + size <= words.length; i++) {
    const gram = words.slice(i, i + size).join("\u0000");
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  const total = Math.max(0, words.length - size + 1);
  return [...counts.values()].reduce((sum, count) => sum - (count / total) * Math.log2(count / total), 0);
}

/** Fluency: the mean of 2/3 of the bigrams' entropy and 4/3 of the trigrams'. */
export function nGramEntropy(words: readonly string[]): number {
  return ((2 / 3) * entropy(words, 2) + (4 / 3) * entropy(words, 3)) / 2;
}

/** Cosine of two texts' tf-idf vectors; idf = ln((1 + n)/(1 + df)) + 1 over the given documents. */
export function tfIdfCosine(a: string, b: string, documents: readonly string[]): number {
  const terms = (text: string) => wordsOf(text.toLowerCase());
  const sets = documents.map((text) => new Set(terms(text)));
  const weights = (text: string) => {
    const counts = new Map<string, number>();
    for (const term of terms(text)) counts.set(term, (counts.get(term) ?? 0) + 1);
    for (const [term, count] of counts) {
      const documentsWith = sets.filter((set) => set.has(term)).length;
      counts.set(term, count * (Math.log((1 + sets.length) / (1 + documentsWith)) + 1));
    }
    return counts;
  };
  const [x, y] = [weights(a), weights(b)];
  const length = (of: Map<string, number>) =>
    Math.sqrt([...of.values()].reduce((sum, value) => sum + value * value, 0));
  const product = [...x].reduce((sum, [term, value]) => sum + value * (y.get(term) ?? 0), 0);
  return product === 0 ? 0 : product / (length(x) * length(y));
}

/** A pair of mean log-probabilities as a score (is the wanted one likelier?) and a magnitude (by how much). */
export function scoreOf(pairs: readonly { readonly wanted: number; readonly other: number }[]) {
  return {
    score: mean(pairs.map(({ wanted, other }) => (wanted > other ? 1 : 0))),
    magnitude: mean(pairs.map(({ wanted, other }) => Math.exp(wanted) - Math.exp(other))),
  };
}

/** CounterFact's S; 0 where one of the scores is. */
export function harmonicMean(values: readonly number[]): number {
  return values.some((value) => value <= 0) ? 0 : values.length / values.reduce((sum, value) => sum + 1 / value, 0);
}
