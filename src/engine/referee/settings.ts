/** How much is asked. More names make intervals narrower; the defaults take minutes on the embedded model. */
export interface RefereeSettings {
  /** New names in each half: one chooses lengths, the other is reported. */
  readonly names: number;
  /** Names of each further kind: other languages, other labels, names that neither group owns. */
  readonly others: number;
  /** Edits recorded for a check that needs its own. */
  readonly records: number;
  /** Names over which the universal vector is solved. */
  readonly universal: number;
  /** Vectors of each kind of control. */
  readonly controls: number;
  readonly permutations: number;
  /** Names whose edits are measured for what they do besides. */
  readonly collateral: number;
}

export const usualSettings: RefereeSettings = {
  names: 100,
  others: 100,
  records: 40,
  universal: 32,
  controls: 80,
  permutations: 1000,
  collateral: 80,
};

/** Enough for a first look: wide intervals, many checks undecided. Fewer shuffles could not hold a p under 0.01. */
export const quickSettings: RefereeSettings = {
  names: 40,
  others: 40,
  records: 16,
  universal: 8,
  controls: 20,
  permutations: 500,
  collateral: 20,
};
