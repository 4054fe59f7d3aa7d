import type { Phrase } from "../../protocol/phrase.ts";
import type { PhrasedCheck, PhrasedFigure } from "../../protocol/phrasedCard.ts";
import type { CheckId, Figure, Verdict } from "../../protocol/referee.ts";
import type { Interval } from "../numerics/intervals.ts";
import { english } from "./english.ts";

type Bound = NonNullable<Figure["bound"]>;

export const atLeast = (value: number): Bound => ({ side: "atLeast", value });
export const atMost = (value: number): Bound => ({ side: "atMost", value });

/**
 * What a figure says of its bound: kept for certain where the whole interval keeps it, missed for certain where the
 * whole interval misses it. Without an interval the value itself decides.
 */
export function verdictOf(value: number, interval: Interval | null, { side, value: limit }: Bound): Verdict {
  const [low, high] = interval ?? [value, value];
  const [kept, missed] = side === "atLeast" ? [low >= limit, high < limit] : [high <= limit, low > limit];
  return kept ? "holds" : missed ? "fails" : "undecided";
}

/** A figure, with what it says where it has a bound. */
export function figure(
  says: Phrase,
  { value, interval = null, unit = "share" }: Measured,
  bound: Bound | null = null,
): PhrasedFigure {
  return {
    name: english(says),
    value: rounded(value),
    interval: interval && [rounded(interval[0]), rounded(interval[1])],
    unit,
    bound,
    verdict: bound && verdictOf(value, interval, bound),
    says,
  };
}

export interface Measured {
  readonly value: number;
  readonly interval?: Interval | null;
  readonly unit?: Figure["unit"];
}

/** A figure that decides nothing, but belongs beside those that do. */
export const beside = (figure: PhrasedFigure): PhrasedFigure => ({ ...figure, beside: true });

/** A figure whose miss counts only where a control keeps the bound: what any push does says nothing of this one. */
export function unlessControl(figure: PhrasedFigure, { value, interval = null }: Measured): PhrasedFigure {
  const { bound, verdict } = figure;
  if (!bound || verdict !== "fails" || verdictOf(value, interval, bound) === "holds") return figure;
  return { ...figure, verdict: "undecided" };
}

/** What all figures with a bound say together: holds where all do, fails where one does. */
export function together(figures: readonly Figure[]): Verdict {
  const verdicts = figures.flatMap(({ verdict }) => verdict ?? []);
  if (verdicts.includes("fails")) return "fails";
  return verdicts.length > 0 && verdicts.every((verdict) => verdict === "holds") ? "holds" : "undecided";
}

/** A check as it stands on the card. */
export function checked({ id, claim, figures, threshold, notes = [], incomplete = false }: Tried): PhrasedCheck {
  const verdict = together(figures);
  return {
    id,
    claim: english(claim),
    figures: [...figures],
    threshold: english(threshold),
    verdict: incomplete && verdict === "holds" ? "undecided" : verdict,
    notes: notes.map(english),
    says: { claim, threshold, notes: [...notes] },
  };
}

interface Tried {
  readonly id: CheckId;
  readonly claim: Phrase;
  readonly threshold: Phrase;
  readonly figures: readonly PhrasedFigure[];
  readonly notes?: readonly Phrase[];
  /** Part of what the check rests on could not be asked, so that it cannot hold. */
  readonly incomplete?: boolean;
}

/** Six significant digits: the last ones depend on the order of sums, which another machine may choose otherwise. */
function rounded(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(6)) : 0;
}
