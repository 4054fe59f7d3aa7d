import type { RefereeCard } from "../../protocol/referee.ts";
import type { Report } from "../../protocol/results.ts";
import { count, fixed, percent } from "../../text/numbers.ts";
import { direction, plural } from "../../text/words.ts";
import { type Html, html } from "../report/html.ts";
import { figure, modelNote, page } from "../report/page.ts";
import { table } from "../report/table.ts";
import { verdictCard } from "./report/card.ts";
import { scatter, strip } from "./report/clouds.ts";
import { histogram } from "./report/histogram.ts";
import { learning } from "./report/learning.ts";
import { editsTable, markLegend, markShapes } from "./report/points.ts";
import { resisting, transfer } from "./report/transfer.ts";

/** A report as one web page that needs nothing else, with the referee's card where there is one. */
export function reportHtml(report: Report, card?: RefereeCard): string {
  const { concept, model, layer, seed, recorded } = report;
  return page({
    title: `${concept.name}: ${plural(recorded.total, "edit")}`,
    header: html`${markShapes}
<h1>ROME experiment: ${concept.name}</h1>
<p class="soft"><code>${report.prompt}</code> · ${model.name} · layer ${layer} · seed ${seed}</p>
<p>${introduction(report)}</p>`,
    main: html`${figures(report)}
${card && verdictCard(card)}
<h2>The edits</h2>
${markLegend(report)}
<p hidden><label>Find a name <input id="find" type="search" autocomplete="off"></label> <span id="found" class="soft" role="status"></span></p>
<div class="charts">
${figure("Two principal components", html`Each point is one edit's Δv; its name shows under the pointer.`, scatter(report))}
${figure("Classifier scores", html`Trained on 70 % of the edits; those it never saw are in full colour.`, histogram(report))}
${figure("Learning curve", learningNote(report), learning(report))}
${figure("Projection on the vector", html`How far each Δv reaches along g; bars mark the means.`, strip(report))}
</div>
<h2>The vector on other names</h2>
${vectorFacts(report)}
${report.transfer.length > 0 ? [transfer(report), resisting(report)] : html`<p>It has not been applied to other names yet.</p>`}
<h2>All edits</h2>
${recordedNotes(report)}
${editsTable(report)}`,
    footer: html`${modelNote(model)} Labels are what the model writes after the prompt, no truths about a person.`,
  });
}

function introduction({ concept: { labels }, layer }: Report): string {
  const [first, second] = labels;
  return `For each name, the fact the model holds was rewritten by ROME, from ${first} to ${second} or back. Δv is what had to be added to the output of layer ${layer}'s MLP. The questions: does Δv alone tell the direction, and does the vector that a linear classifier reads from it change names that were never edited?`;
}

/** The numbers that say whether the experiment worked. */
function figures({ recorded, classifier, split }: Report): Html {
  const { testAccuracy, interval95, balancedAccuracy, shuffledLabels } = classifier;
  const range = (low: number, high: number) => `${percent(low)} to ${percent(high)}`;
  const item = (name: string, value: string, note: string) =>
    html`<li><small>${name}</small><b>${value}</b><small>${note}</small></li>`;
  return html`<ul class="figures">
${item("Edits", count(recorded.total), `${fixed(recorded.meanEvaluations, 1)} evaluations each`)}
${item("Success", percent(recorded.flipped / recorded.total), `${count(recorded.flipped)} of ${count(recorded.total)} flipped`)}
${item("Test accuracy", percent(testAccuracy), `95 %: ${range(...interval95)}, n = ${count(split.test)}`)}
${balancedAccuracy && item("Balanced accuracy", percent(balancedAccuracy.value), `mean of both directions; 95 %: ${range(...balancedAccuracy.interval95)}`)}
${item("Shuffled labels", percent(shuffledLabels.mean), `95 % of shuffles: ${range(shuffledLabels.low, shuffledLabels.high)}`)}
</ul>`;
}

function learningNote({ classifier: { onValues, regularization } }: Report): Html {
  const values = onValues && ` On v instead of Δv: ${percent(onValues.testAccuracy)}.`;
  return html`Always tested on the same held-out edits; bands show the range of draws (C = ${regularization}).${values}`;
}

function vectorFacts({ vector, concept: { labels } }: Report): Html {
  const facts: [string, string][] = [
    ["Made of", `g = sign(w): ${direction(...labels)}`],
    ["‖g‖ against the mean ‖Δv‖", `${fixed(vector.norm)} against ${fixed(vector.meanDeltaNorm)}`],
    [
      "Cosine to the mean difference, to w",
      `${fixed(vector.cosineToMeanDifference, 3)}, ${fixed(vector.cosineToWeights, 3)}`,
    ],
    ["Best scale", vector.scale === null ? "not tried yet" : fixed(vector.scale, 2)],
  ];
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${table(
  "Largest components of w",
  ["Component", "Weight"],
  vector.largest.map(({ component, weight }) => [
    { value: component, text: String(component) },
    { value: weight, text: fixed(weight, 4) },
  ]),
)}`;
}

/** What went otherwise than the names file said, or did not go at all. */
function recordedNotes({ recorded: { unexpected, failures } }: Report): Html {
  return html`${
    unexpected.length > 0 &&
    table(
      `${plural(unexpected.length, "name")} for which the model does not say what the file says`,
      ["Name", "File", "Model"],
      unexpected.map(({ name, expected, from }) => [name, expected, from]),
    )
  }${
    failures.length > 0 &&
    table(
      `${plural(failures.length, "edit")} that did not flip`,
      ["Name"],
      failures.map((name) => [name]),
    )
  }`;
}
