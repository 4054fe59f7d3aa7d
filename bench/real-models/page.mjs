/** Writes docs/real-models.md from what the steps of run.mjs left behind; no figure is written by hand. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const percent = (share) => (Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "–");
const of = ({ count, total }) => (total === 0 ? "–" : `${count} of ${total} (${percent(count / total)})`);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const minutes = (seconds) => (seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`);
const read = (...path) => JSON.parse(readFileSync(join(...path), "utf8"));

/** What is there of one model, of several experiments the largest; undefined where none is done. */
function resultsOf(work, name) {
  const folder = join(work, name);
  const done = existsSync(folder) ? readdirSync(folder).filter((file) => /^experiment.*\.json$/.test(file)) : [];
  if (done.length === 0) return undefined;
  const experiments = done.map((file) => read(folder, file));
  const experiment = experiments.sort((a, b) => b.count - a.count || b.contexts - a.contexts)[0];
  const prepared = read(folder, "prepared.json");
  return { name, prepared, seconds: experiment.seconds, ...dataOf(experiment.out) };
}

function dataOf(folder) {
  const records = readFileSync(join(folder, "records.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  return { records, report: read(folder, "report.json"), manifest: read(folder, "manifest.json") };
}

const best = (report, vector) => {
  const rows = report.transfer.filter((row) => row.vector === vector && row.scale === report.vector.scale);
  return rows.length === 0 ? undefined : rows;
};
/** The scale that was chosen; one at the end of those tried may not be the best there is. */
const bestScale = ({ vector, transfer }) =>
  `${vector.scale}${vector.scale === Math.max(...transfer.map(({ scale }) => scale)) ? ", the largest tried" : ""}`;
/** One rate of a vector at the best scale; of several (random) vectors the mean share. */
const rate = (report, vector, pick) => {
  const rows = best(report, vector);
  if (!rows) return "–";
  if (rows.length === 1) return of(pick(rows[0]));
  return percent(mean(rows.map((row) => pick(row).count / pick(row).total)));
};

const rows = (labels) => {
  const [a, b] = labels;
  const vectors = [
    ["sign(w)", "concept"],
    ["difference of means", "meanDifference"],
    ["random signs", "random"],
  ];
  const picks = [
    [`${a} → ${b}`, ({ plus }) => plus.changed],
    [`${b} stays`, ({ plus }) => plus.stayed],
    [`${b} → ${a}`, ({ minus }) => minus.changed],
    [`${a} stays`, ({ minus }) => minus.stayed],
  ];
  return [
    ["**the model**", () => ""],
    ["layers", ({ prepared }) => (prepared ? String(prepared.findings.trace?.effect.length ?? "–") : "6")],
    [
      "names known: a balanced sample",
      ({ prepared }) => (prepared?.findings.known ? percent(prepared.findings.known.balanced) : "–"),
    ],
    ["names known: those recorded", ({ records }) => of(hits(records, ({ expected, from }) => expected === from))],
    [`of them ${a}`, ({ records }) => known(records, a)],
    [`of them ${b}`, ({ records }) => known(records, b)],
    ["**the edit**", () => ""],
    ["layer", ({ report }) => String(report.layer)],
    ["learning rate, weight decay, clamp, steps", ({ manifest }) => optimiser(manifest)],
    ["prefix contexts", ({ manifest }) => String(manifest.contexts.length)],
    [
      "covariance over",
      ({ prepared }) => (prepared ? `${prepared.covarianceTokens.toLocaleString("en")} tokens` : "its own corpus"),
    ],
    ["**Δv**", () => ""],
    ["names rewritten", ({ report }) => of({ count: report.recorded.flipped, total: report.recorded.total })],
    ["evaluations a name", ({ report }) => report.recorded.meanEvaluations.toFixed(1)],
    ["loss below 0.05 in the end", ({ records }) => of(hits(records, ({ converged }) => converged))],
    ["‖Δv‖ / ‖v‖", ({ records }) => mean(records.map(({ deltaNorm, valueNorm }) => deltaNorm / valueNorm)).toFixed(2)],
    ["**classifier on held-out names**", () => ""],
    [
      "on Δv",
      ({ report: { classifier } }) =>
        `${percent(classifier.testAccuracy)} (95 %: ${classifier.interval95.map(percent).join(" to ")})`,
    ],
    [
      "labels shuffled",
      ({ report: { classifier } }) =>
        `${percent(classifier.shuffledLabels.mean)} (${percent(classifier.shuffledLabels.low)} to ${percent(classifier.shuffledLabels.high)})`,
    ],
    [
      "on v, before any edit",
      ({ report: { classifier } }) => (classifier.onValues ? percent(classifier.onValues.testAccuracy) : "–"),
    ],
    ["always the commoner label", ({ records }) => percent(commoner(records))],
    ["**the vector on new names**", () => ""],
    [
      "length at scale 1; of a mean Δv",
      ({ report: { vector } }) => `${vector.norm.toFixed(1)}; ${vector.meanDeltaNorm.toFixed(1)}`,
    ],
    ["best scale", ({ report }) => bestScale(report)],
    ["cosine to the difference of means", ({ report }) => report.vector.cosineToMeanDifference.toFixed(2)],
    ...vectors.flatMap(([title, vector]) =>
      picks.map(([what, pick]) => [`${title}: ${what}`, ({ report }) => rate(report, vector, pick)]),
    ),
    ["**time, two cores**", () => ""],
    ["preparing", ({ prepared }) => (prepared ? minutes(prepared.seconds) : "–")],
    ["recording, classifier, vector", ({ seconds }) => (seconds === undefined ? "–" : minutes(seconds))],
  ];
};

/** How far a vector of each length goes: the worst of its four rates, and what random signs of that length turn. */
function byLength({ name, report }) {
  const { norm, meanDeltaNorm } = report.vector;
  const worst = ({ plus, minus }) =>
    Math.min(...[plus, minus].flatMap(({ changed, stayed }) => [changed, stayed]).map(shareOf));
  const at = (scale, vector) => report.transfer.filter((row) => row.vector === vector && row.scale === scale);
  const scales = [...new Set(report.transfer.map(({ scale }) => scale))].sort((a, b) => a - b);
  const lines = scales.map((scale) => {
    const random = at(scale, "random");
    const turned = (sign) => percent(mean(random.map((row) => shareOf(row[sign].changed))));
    return [
      `${scale}${scale === report.vector.scale ? " (chosen)" : ""}`,
      `${(scale * norm).toFixed(1)} (${((scale * norm) / meanDeltaNorm).toFixed(2)})`,
      ...["concept", "meanDifference"].map((vector) => percent(Math.min(...at(scale, vector).map(worst)))),
      `${turned("plus")}, ${turned("minus")} (${random.length})`,
    ];
  });
  const [a, b] = report.concept.labels;
  const random = `random signs turn ${a}, ${b} (vectors)`;
  const head = ["scale", "length (of a mean Δv's)", "sign(w), worst rate", "difference of means, worst rate", random];
  return [`### ${name}`, "", table(head, lines)].join("\n");
}

const shareOf = ({ count, total }) => (total === 0 ? 1 : count / total);
const hits = (records, test) => ({ count: records.filter(test).length, total: records.length });
const known = (records, label) =>
  of(
    hits(
      records.filter(({ expected }) => expected === label),
      ({ from }) => from === label,
    ),
  );
const commoner = (records) => {
  const share = records.filter(({ from }) => from === records[0].from).length / records.length;
  return Math.max(share, 1 - share);
};
const optimiser = ({ hyperParameters: h }) =>
  [h.v_lr, h.v_weight_decay, h.clamp_norm_factor, h.v_num_grad_steps].join(", ");

function table(head, body) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...body.map(line)].join("\n");
}

/** What failed, by name. */
function failures({ name, report }) {
  const listed = (names) =>
    names.length > 60 ? `${names.slice(0, 60).join(", ")} and ${names.length - 60} more` : names.join(", ");
  const resisting = report.recorded.failures.map((one) => one.name ?? one);
  const [row] = best(report, "concept") ?? [];
  const unmoved = (sign) => [
    ...new Set((row?.failures ?? []).filter((one) => one.sign === sign).map((one) => one.name)),
  ];
  return [
    `### ${name}`,
    "",
    `- Not rewritten by their own edit: ${resisting.length > 0 ? listed(resisting) : "none"}.`,
    `- The vector fails (added): ${unmoved(1).length > 0 ? listed(unmoved(1)) : "none"}.`,
    `- The vector fails (subtracted): ${unmoved(-1).length > 0 ? listed(unmoved(-1)) : "none"}.`,
  ].join("\n");
}

function reasons({ name, prepared }) {
  if (!prepared) return `### ${name}\n\nIts own \`rome.json\`.`;
  const { findings, reasons: why, unknown } = prepared;
  return [
    `### ${name}`,
    "",
    ...(unknown ? [`${unknown}`, ""] : []),
    why.layer,
    "",
    `Covariance: ${why.covariance}`,
    "",
    `Optimiser: ${why.optimiser}`,
    "",
    table(
      ["pass", "layer", "S", "success", "other words", "names changed", "converged", "loss", "‖Δv‖/‖v‖"],
      findings.trials
        .filter(({ pass }) => pass === "coarse" || pass === "fine")
        .map(({ pass, row, score, converged, loss }) => [
          pass,
          row.layer,
          score.toFixed(3),
          of(row.success),
          of(row.paraphrase),
          of(row.damage),
          of(converged),
          loss.toFixed(3),
          row.deltaToValue.toFixed(2),
        ]),
    ),
  ].join("\n");
}

/** @param models their names, in the order of the page */
export function writePage(path, { root, work, models }) {
  const embedded = { name: "embedded", prepared: undefined, ...dataOf(join(root, "models", "embedded", "experiment")) };
  const results = [embedded, ...models.map((name) => resultsOf(work, name)).filter((found) => found !== undefined)];
  const missing = models.filter((name) => !results.some((found) => found.name === name));
  const labels = embedded.report.concept.labels;
  const few = results.filter(({ manifest }) => manifest.contexts.length < 21).map(({ name }) => name);
  writeFileSync(
    path,
    `# The experiment on pretrained models

Written by \`npm run experiment:real\` from its own results; no figure here was typed. The pretrained models come out of PyPI
packages as GGUF files of 4 to 8 bits a weight (\`bench/real-models/models.mjs\`), unpacked to float16; nobody trained them
for this. Beside them stands the embedded model, which was. The layer and the optimiser's numbers of each were found by
\`rome prepare\`, which is told below; the names are those of \`data/names.csv\`, the new ones of \`data/names-new.csv\`.
${few.length > 0 ? `\nFewer prefix contexts than the published 21, for time: ${few.join(", ")}.\n` : ""}${missing.length > 0 ? `\nNot run yet: ${missing.join(", ")}.\n` : ""}
## Side by side

${table(
  ["", ...results.map(({ name }) => name)],
  rows(labels).map(([title, cell]) => [title, ...results.map((one) => cell(one))]),
)}

"Stays" is the share of names that already have the label to which the vector pushes and keep it. All vectors have the length
of sign(w) at its best scale, which was chosen on the other half of the new names; of the random ones the mean of
${best(embedded.report, "random")?.length ?? 0} is given. Times are by the clock, on a machine that did other work meanwhile.

## The vector by its length

The worst of a vector's four rates (two that change, two that stay), and of random signs of the same length the share that
they turn: where these turn many, that a vector turns them says little.

${results.map(byLength).join("\n\n")}

## What failed, by name

${results.map(failures).join("\n\n")}

## Why this layer and these numbers

${results.map(reasons).join("\n\n")}
`,
  );
}
