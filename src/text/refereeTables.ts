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
export const quietText = (quiet: Quiet | null) =>
  quiet ? `${percent(worstOf(quiet.rates))} at ${fixed(quiet.length, 2)}, random ${percent(quiet.random)}` : "–";

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
