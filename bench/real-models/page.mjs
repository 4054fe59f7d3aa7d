/** Writes docs/real-models.md and its picture from the digests in results/ and of the embedded model; no figure is written by hand. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { linePanels } from "../harness/linePanels.mjs";
import { models } from "./models.mjs";
import { digestOf, keptDigest } from "./results.mjs";

const percent = (share) => (Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "–");
const of = ({ count, total }) => (total === 0 ? "–" : `${count} of ${total} (${percent(count / total)})`);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const minutes = (seconds) => (seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`);

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
    ["published as", ({ name }) => models[name]?.published ?? "–"],
    ["weights", ({ manifest }) => bits(manifest.model.name)],
    ["layers", ({ prepared }) => (prepared ? String(prepared.findings.trace?.effect.length ?? "–") : "6")],
    [
      "names known: a balanced sample",
      ({ prepared }) => (prepared?.findings.known ? percent(prepared.findings.known.balanced) : "–"),
    ],
    ["names known: those recorded", ({ records }) => of(records.known)],
    ...labels.map((label, i) => [`of them ${label}`, ({ records }) => of(records.knownOf[i])]),
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
    ["loss below 0.05 in the end", ({ records }) => of(records.converged)],
    ["‖Δv‖ / ‖v‖", ({ records }) => records.deltaToValue.toFixed(2)],
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
    ["always the commoner label", ({ records }) => percent(shareOf(records.commoner))],
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
    ["**time**", () => ""],
    [
      "day, machine",
      ({ date, machine }) => (machine ? `${date}, ${machine.cores} cores, ${machine.memoryGiB} GiB` : "–"),
    ],
    ["preparing", ({ prepared }) => (prepared ? minutes(prepared.seconds) : "–")],
    ["recording, classifier, vector", ({ seconds }) => (seconds === undefined ? "–" : minutes(seconds))],
  ];
};

/** By length: the worst of a vector's four rates, and of random signs the share that they turn to each label. */
function lengthsOf({ report }) {
  const { norm, meanDeltaNorm } = report.vector;
  const worst = ({ plus, minus }) =>
    Math.min(...[plus, minus].flatMap(({ changed, stayed }) => [changed, stayed]).map(shareOf));
  const at = (scale, vector) => report.transfer.filter((row) => row.vector === vector && row.scale === scale);
  const scales = [...new Set(report.transfer.map(({ scale }) => scale))].sort((a, b) => a - b);
  return scales.map((scale) => {
    const random = at(scale, "random");
    return {
      scale,
      length: scale * norm,
      ofDelta: (scale * norm) / meanDeltaNorm,
      concept: Math.min(...at(scale, "concept").map(worst)),
      meanDifference: Math.min(...at(scale, "meanDifference").map(worst)),
      random: ["plus", "minus"].map((sign) => mean(random.map((row) => shareOf(row[sign].changed)))),
      draws: random.length,
    };
  });
}

function byLength(result) {
  const { name, report } = result;
  const lines = lengthsOf(result).map(({ scale, length, ofDelta, concept, meanDifference, random, draws }) => [
    `${scale}${scale === report.vector.scale ? " (chosen)" : ""}`,
    `${length.toFixed(1)} (${ofDelta.toFixed(2)})`,
    percent(concept),
    percent(meanDifference),
    `${random.map(percent).join(", ")} (${draws})`,
  ]);
  const [a, b] = report.concept.labels;
  const random = `random signs turn ${a}, ${b} (vectors)`;
  const head = ["scale", "length (of a mean Δv's)", "sign(w), worst rate", "difference of means, worst rate", random];
  return [`### ${name}`, "", table(head, lines)].join("\n");
}

/** The same as lines, a panel a model. */
function lengthPicture(results) {
  const kinds = [
    { name: "sign(w)", colour: "#2a78d6", label: 14, of: ({ concept }) => concept },
    { name: "difference of means", colour: "#d9822b", label: 28, of: ({ meanDifference }) => meanDifference },
    { name: "random signs", colour: "#888888", label: -8, of: ({ random }) => Math.max(...random) },
  ];
  const panels = results.map((result, i) => {
    const lengths = lengthsOf(result);
    const ends = [lengths[0].ofDelta, lengths.at(-1).ofDelta];
    return {
      title: result.name,
      note: "length, in mean Δv's",
      lines: kinds.map(({ name, colour, label, of }) => ({
        name,
        colour,
        // The first panel names the lines: its own are flat at the right, far from each other.
        label: i === 0 ? label : undefined,
        points: lengths.map((one) => [one.ofDelta, of(one)]),
      })),
      ticks: [0.1, 0.2, 0.5, 1, 2, 5]
        .filter((value) => value >= ends[0] && value <= ends[1])
        .map((value) => ({ value, text: value })),
      levels: [0, 0.5, 1].map((value) => ({ value, text: `${100 * value} %` })),
      range: [0, 1],
    };
  });
  return linePanels(panels);
}

const shareOf = ({ count, total }) => (total === 0 ? 1 : count / total);
/** What its name says of a model's file: what it was unpacked from. */
const bits = (model) => /\(unpacked from (.*) a weight\)/.exec(model)?.[1] ?? "as trained";
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

/** Writes the page, and its picture beside it. */
export function writePage(path, root) {
  const embedded = digestOf(join(root, "models", "embedded", "experiment"), { name: "embedded" });
  const names = Object.keys(models);
  const results = [embedded, ...names.map((name) => keptDigest(name)).filter((found) => found !== undefined)];
  const missing = names.filter((name) => !results.some((found) => found.name === name));
  const labels = embedded.report.concept.labels;
  const pictures = join(dirname(path), "pictures");
  mkdirSync(pictures, { recursive: true });
  writeFileSync(join(pictures, "real-models.svg"), lengthPicture(results));
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
they turn: where these turn many, that a vector turns them says little. The picture has the larger of the latter two.

![Worst rate of each vector by its length, a panel a model](pictures/real-models.svg)

${results.map(byLength).join("\n\n")}

## The prefix contexts

Sampled from the model itself, as published: five likeliest tokens, after its end-of-text token.

${results.map(({ name, manifest }) => `### ${name}\n\n\`\`\`json\n${manifest.contexts.map((one) => JSON.stringify(one)).join("\n")}\n\`\`\``).join("\n\n")}

## What failed, by name

${results.map(failures).join("\n\n")}

## Why this layer and these numbers

${results.map(reasons).join("\n\n")}
`,
  );
}
