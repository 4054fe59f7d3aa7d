import { readFileSync, writeFileSync } from "node:fs";

const digits = (value) => (value === undefined ? "" : Number(value.toPrecision(3)).toString());
const megabytes = (bytes) => (bytes === undefined ? "" : Math.round(bytes / 1e6));
const signedPercent = (change) => `${change < 0 ? "−" : "+"}${Math.abs(Math.round(100 * change))} %`;
const row = (cells) => `| ${cells.join(" | ")} |`;

/** Writes the tables between the README's two marks, and returns them. */
export function writeTables(results, readme) {
  const {
    machine,
    checkpoints,
    experiment,
    coldFlip,
    trace,
    evaluation,
    referee,
    real,
    loadLarge,
    installSize,
    ratios,
    before,
  } = results;
  const kinds = ["ours", "reference", "tuned", "published"].filter((kind) =>
    Object.values(checkpoints).some(({ ratios }) => ratios[kind]),
  );
  const table = (title, rows) => [row([title, ...kinds]), row(["---", ...kinds.map(() => "---")]), ...rows, ""];
  const lines = [
    `${daysOf(results.parts)}; ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.threads} threads.`,
    "",
  ];
  for (const [name, c] of Object.entries(checkpoints)) {
    const each = (label, value) => row([label, ...kinds.map((kind) => value(kind))]);
    lines.push(
      ...table(`${name}: ${c.names} names, at most ${c.steps} evaluations`, [
        each("seconds per Δv, median (least – largest)", (kind) => {
          const seconds = c.secondsPerValue[kind];
          return seconds ? `${digits(seconds.median)} (${digits(seconds.least)} – ${digits(seconds.largest)})` : "";
        }),
        each("ratio to ours, paired", (kind) => digits(c.ratios[kind]?.median)),
        each("least cosine of Δv to ours", (kind) => c.cosine[kind]?.toFixed(6) ?? ""),
        row([
          "the evaluations' products alone, as a share of PyTorch's sgemm rate at this width",
          c.sgemm ? `${Math.round(100 * c.shareOfSgemm)} % of ${digits(c.sgemm)} GFLOP/s` : "–",
          ...kinds.slice(1).map(() => ""),
        ]),
        each("load, seconds", (kind) => digits(c.load[kind])),
        each("tokens a second", (kind) => digits(c.tokensPerSecond[kind])),
        each("peak anonymous memory, MB", (kind) => megabytes(c.memory[kind]?.anonymous)),
        each("peak resident memory, MB", (kind) => megabytes(c.memory[kind]?.total)),
      ]),
    );
  }
  if (experiment)
    lines.push(
      ...table("embedded", [
        row([
          `experiment of ${experiment.names} names, seconds`,
          ...kinds.map((kind) => digits(experiment.seconds[kind])),
        ]),
        row(["flip from a cold process, seconds", ...kinds.map((kind) => digits(coldFlip[kind]?.median))]),
      ]),
    );
  if (real) {
    const each = (of) => row([of.label, digits(of.ours), "", digits(of.tuned), ...kinds.slice(3).map(() => "")]);
    const { ours, tuned } = real.secondsPerValue;
    const { model, names, contexts, memory } = real;
    lines.push(
      ...table(
        `real: ${model.type}, ${model.layers} layers, width ${model.width}; ${names} names, ${contexts} contexts`,
        [
          each({ label: "seconds per Δv, median", ours: ours.median, tuned: tuned.median }),
          each({
            label: "peak anonymous memory, MB",
            ours: megabytes(memory.ours.anonymous),
            tuned: megabytes(memory.tuned.anonymous),
          }),
        ],
      ),
    );
  }
  const two = ({ ours, reference }) => [digits(ours), digits(reference), ...kinds.slice(2).map(() => "")];
  const medians = ({ ours, reference }) => two({ ours: ours.median, reference: reference.median });
  lines.push(
    ...table("others", [
      ...(trace
        ? [row(["causal trace: all tokens and layers of three kinds, 10 draws, seconds", ...medians(trace)])]
        : []),
      ...(evaluation
        ? [row(["CounterFact's measures of one edit, its making included, seconds", ...medians(evaluation)])]
        : []),
      ...(referee
        ? [row(["a small verdict card of a recorded direction, seconds", ...two({ ours: referee.seconds })])]
        : []),
      ...(loadLarge ? [row(["load at 12.1 GB, seconds", ...two(loadLarge)])] : []),
      ...(installSize
        ? [row(["installed, MB", ...two({ ours: installSize.ours / 1e6, reference: installSize.reference / 1e6 })])]
        : []),
    ]),
  );
  lines.push(row(["ratio (above 1: ours is better)", "", "the run before", "change"]), row(Array(4).fill("---")));
  for (const [name, value] of Object.entries(ratios)) {
    const was = before?.ratios?.[name];
    lines.push(row([name, digits(value), digits(was), was ? signedPercent(value / was - 1) : ""]));
  }
  const text = lines.join("\n");
  writeBetweenMarks(text, readme);
  return text;
}

/** "2026-11-28: embedded, middle" for each day. */
function daysOf(parts) {
  const days = new Map();
  for (const [name, { date, quick }] of Object.entries(parts)) {
    const day = `${date}${quick ? " with `--quick`" : ""}`;
    days.set(day, [...(days.get(day) ?? []), name]);
  }
  return [...days].map(([day, names]) => `${day}: ${names.join(", ")}`).join("; ");
}

/** Replaces what stands between two marks of a Markdown file. */
export function writeBetweenMarks(text, file, mark = "figures") {
  const [begin, end] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const whole = readFileSync(file, "utf8");
  const [before, after] = [whole.split(begin)[0], whole.split(end)[1]];
  writeFileSync(file, `${before}${begin}\n${text}\n${end}${after}`);
}
