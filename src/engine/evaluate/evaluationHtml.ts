import type { Evaluation, EvaluationRun } from "../../protocol/measurements.ts";
import { fixed, percent, rateText } from "../../text/numbers.ts";
import { direction, plural } from "../../text/words.ts";
import { type Html, html } from "../report/html.ts";
import { modelNote, page } from "../report/page.ts";
import { type Cell, table } from "../report/table.ts";

/** An evaluation as one web page that needs nothing else. */
export function evaluationHtml(evaluation: Evaluation): string {
  const { model, concept, layer, seed, suite, runs } = evaluation;
  return page({
    title: `Evaluation: ${concept.name}`,
    header: html`<h1>What the edits did, and what else</h1>
<p class="soft"><code>${concept.prompt}</code> · ${model.name} · layer ${layer} · seed ${seed}</p>
<p>Each edit was in force alone. A score is the share of prompts where the wanted text is the likelier one, a magnitude by how much; ${plural(suite.neighbours, "neighbour")} of each name share its old label and must keep it.</p>`,
    main: html`<h2>CounterFact's measures</h2>
${table(
  "Measures",
  ["Measure", "Before", ...runs.map(runName)],
  measures.map(({ title, of }) => [
    title,
    cell(runs[0], (run) => of(run, "before")),
    ...runs.map((run) => cell(run, (r) => of(r, "after"))),
  ]),
  { open: true },
)}
<h2>Other facts</h2>
${table(
  "Facts that stayed",
  ["Fact", "Asked by", ...runs.flatMap((run) => [`${runName(run)}: same name`, "neighbours"])],
  suite.facts.map(({ fact, template }, i) => [
    fact,
    template,
    ...runs.flatMap(({ facts }) => [facts[i]?.own, facts[i]?.neighbours].map((rate) => (rate ? rateText(rate) : "–"))),
  ]),
  { open: true },
)}
${runs.map(details)}`,
    footer: modelNote(model),
  });
}

type When = "before" | "after";
const measures: readonly { title: string; of: (run: EvaluationRun, when: When) => string }[] = [
  ...(["efficacy", "paraphrase", "neighbourhood"] as const).flatMap((part) => [
    { title: `${part} score`, of: (run: EvaluationRun, when: When) => percent(run[part][when].score) },
    { title: `${part} magnitude`, of: (run: EvaluationRun, when: When) => fixed(run[part][when].magnitude, 3) },
  ]),
  { title: "score S (harmonic mean)", of: ({ score }, when) => percent(score[when]) },
  { title: "fluency (bits)", of: ({ fluency }, when) => fixed(fluency[when], 3) },
  { title: "consistency", of: ({ consistency }, when) => (consistency ? fixed(consistency[when], 3) : "–") },
  { title: "perplexity", of: (run, when) => fixed(run.perplexity[when], 3) },
  { title: "KL on unrelated prompts", of: (run, when) => fixed(when === "before" ? 0 : run.divergence, 4) },
  { title: "|kᵀu| / ‖k‖", of: (run, when) => (when === "before" ? "–" : fixed(run.denominator, 3)) },
  { title: "‖r‖", of: (run, when) => (when === "before" ? "–" : fixed(run.updateNorm, 2)) },
];

function cell(run: EvaluationRun | undefined, of: (run: EvaluationRun) => string): Cell {
  return run ? of(run) : "–";
}

function runName({ kind, key, scale }: EvaluationRun): string {
  return kind === "edit" ? key : `vector at ${scale}`;
}

function details(run: EvaluationRun): Html {
  return html`<h2>${runName(run)}</h2>
${table(
  plural(run.each.length, "edit"),
  ["Name", "Edit", "Efficacy", "Paraphrase", "Neighbourhood", "KL", "Facts that changed", "Generation before", "after"],
  run.each.map((edit) => [
    edit.name,
    direction(edit.from, edit.to),
    ...[edit.efficacy, edit.paraphrase, edit.neighbourhood].map(({ after }) => ({
      value: after.score,
      text: percent(after.score),
    })),
    { value: edit.divergence, text: fixed(edit.divergence, 4) },
    edit.facts
      .filter(({ kept }) => !kept)
      .map(({ fact, before, after }) => `${fact}: ${before}→${after}`)
      .join(", "),
    `${edit.generations[0]?.prompt ?? ""}${edit.generations[0]?.before ?? ""}`,
    `${edit.generations[0]?.prompt ?? ""}${edit.generations[0]?.after ?? ""}`,
  ]),
)}
${
  run.worst.length > 0 &&
  table(
    "Neighbours that changed",
    ["Edited", "Neighbour", "Fact", "Before", "After"],
    run.worst.map(({ edited, name, fact, before, after }) => [edited, name, fact, before, after]),
  )
}`;
}
