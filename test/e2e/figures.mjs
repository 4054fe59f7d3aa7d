/** What a run measures, and how it stands to the goals. Goals are printed, never asserted: machines differ. */

/** Largest values that are wanted, in milliseconds. */
const goals = {
  activation: 100,
  hover: 20,
  "flip, cold engine": 3000,
  "flip, warm engine": 1000,
  "event-loop delay while recording, p99": 50,
};

export class Figures {
  #values = new Map();

  /** @param milliseconds one measurement; of several the largest counts, of flips the median */
  add(what, milliseconds) {
    this.#values.set(what, [...(this.#values.get(what) ?? []), milliseconds]);
  }

  /** Every measurement, by what was measured. */
  toJSON() {
    return Object.fromEntries(this.#values);
  }

  /** The figures beside their goals, one line each. */
  table() {
    const rows = Object.entries(goals).map(([what, goal]) => {
      const values = this.#values.get(what);
      if (!values) return [what, "not measured", `< ${goal} ms`, ""];
      const value = what.startsWith("flip") ? median(values) : Math.max(...values);
      return [what, `${value.toFixed(1)} ms`, `< ${goal} ms`, value < goal ? "met" : "MISSED"];
    });
    const all = [["figure", "measured", "goal", ""], ...rows];
    const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column].length)));
    return all
      .map((row) =>
        row
          .map((cell, i) => (i === 1 ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
          .join("  ")
          .trimEnd(),
      )
      .join("\n");
  }
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
