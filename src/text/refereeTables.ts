/** What the tables of a verdict card hold, as pages and files have them. */
import { fixed, percent, significant } from "./numbers.ts";
import { shareText, vectorWords } from "./referee.ts";

interface Rate {
  readonly count: number;
  readonly total: number;
}
type FourRates = Readonly<Record<"plusChanged" | "plusStayed" | "minusChanged" | "minusStayed", Rate>>;

interface Quiet {
  readonly length: number;
  readonly rates: FourRates;
  readonly random: number;
}

interface ComparedVector {
  readonly name: string;
  readonly length: number;
  readonly rates: FourRates;
  readonly random: number;
  readonly quiet: Quiet | null;
  readonly collateral: { readonly facts: number | null; readonly neighbours: number; readonly perplexity: number };
  readonly against: readonly {
    readonly control: string;
    readonly names: number;
    readonly only: number;
    readonly onlyControl: number;
    readonly p: number;
  }[];
  readonly curve: readonly {
    readonly length: number;
    readonly worst: number;
    readonly changed: number;
    readonly random: number;
    readonly facts: number | null;
    readonly divergence: number;
  }[];
}

/** The worst of four rates that any name was asked for. */
export function worstOf(rates: FourRates): number {
  return Math.min(...Object.values(rates).map(({ count, total }) => (total === 0 ? 1 : count / total)));
}

/** "97.1 % at 26.94, random 1.2 %" */
const quietText = (quiet: Quiet | null) =>
  quiet ? `${percent(worstOf(quiet.rates))} at ${fixed(quiet.length, 2)}, random ${percent(quiet.random)}` : "–";

/** The vectors, each at the length that is best for it; a cell has the number that it is sorted by, where it has one. */
export function vectorTable(vectors: readonly ComparedVector[], [first, second]: readonly [string, string]) {
  const share = (value: number) => ({ value, text: percent(value) });
  return {
    head: [
      "Vector",
      "Length",
      ...[`${first} → ${second}`, `${second} stays`, `${second} → ${first}`, `${first} stays`],
      "Worst",
      "Random turns",
      "Worst where random is quiet",
      "Facts stay",
      "Neighbours stay",
      "Perplexity",
    ],
    rows: vectors.map(({ name, length, rates, random, quiet, collateral: { facts, neighbours, perplexity } }) => [
      vectorWords[name] ?? name,
      { value: length, text: fixed(length, 2) },
      ...[rates.plusChanged, rates.plusStayed, rates.minusChanged, rates.minusStayed].map(({ count, total }) =>
        share(count / total),
      ),
      share(worstOf(rates)),
      share(random),
      quietText(quiet),
      { value: facts ?? -1, text: shareText(facts) },
      share(neighbours),
      { value: perplexity, text: `× ${fixed(perplexity, 3)}` },
    ]),
  };
}

/** What each vector and its controls did to the same names, and change against what changes besides, by length. */
export function furtherTablesOf({ vectors }: { readonly vectors: readonly ComparedVector[] }) {
  const controls = [...new Set(vectors.flatMap(({ against }) => against.map(({ control }) => control)))];
  const paired = ({ name, against }: ComparedVector) => [
    vectorWords[name] ?? name,
    ...controls.map((control) => {
      const found = against.find((one) => one.control === control);
      return found ? `${found.only} to ${found.onlyControl} of ${found.names}, p ${significant(found.p, 3)}` : "–";
    }),
  ];
  return {
    paired: [["Right where the other is not", ...controls], ...vectors.map(paired)],
    curves: [
      ["Vector", "Length", "Worst", "Turned", "Random turns", "Facts stay", "Drift, nats"],
      ...vectors.flatMap(({ name, curve }) =>
        curve.map((point, i) => [
          i === 0 ? (vectorWords[name] ?? name) : "",
          fixed(point.length, 2),
          percent(point.worst),
          percent(point.changed),
          percent(point.random),
          shareText(point.facts),
          significant(point.divergence, 2),
        ]),
      ),
    ],
  };
}
