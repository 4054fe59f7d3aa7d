import type { Preparation, TracedLayers, Trial } from "../../protocol/preparation.ts";
import { duration } from "../../text/amounts.ts";
import { fixed, percent, rateText } from "../../text/numbers.ts";
import { plural } from "../../text/words.ts";
import { at, axes, frame, line, picture } from "../report/chart.ts";
import { type Html, html } from "../report/html.ts";
import { modelNote, page } from "../report/page.ts";
import { extent, linearScale } from "../report/scale.ts";
import { table } from "../report/table.ts";
import { knownText } from "./known.ts";

/** What a model was prepared with and why, as one web page that needs nothing else. */
export function preparationHtml(found: Preparation): string {
  const { model, prompt, layer, before, optimiser, findings, reasons, contexts, covarianceTokens } = found;
  const passes = (...wanted: Trial["pass"][]) => findings.trials.filter(({ pass }) => wanted.includes(pass));
  const swept = passes("coarse", "fine");
  const here = ({ row }: Trial) => row.layer === layer;
  const [tuned, counted] = [passes("tune").filter(here), passes("contexts").filter(here)];
  const changed = [
    ["layer", String(before.layer), String(layer)],
    ...Object.entries(optimiser).map(([name, value]) => [
      name,
      String(before.optimiser[name as keyof typeof optimiser]),
      String(value),
    ]),
  ];
  return page({
    title: `${model.name}, prepared`,
    header: html`<h1>${model.name}, prepared</h1>
<p class="soft"><code>${prompt}</code> · layer ${layer} · ${plural(contexts, "context")} · covariance ${covarianceTokens === 0 ? "off" : `over ${covarianceTokens.toLocaleString("en")} tokens`} · ${duration(found.seconds)} in all</p>`,
    main: html`<h2>What it knows</h2>
<p>${findings.known ? knownText(findings.known) : "It was not asked."}</p>
${findings.forms && html`<h2>How it writes it</h2>${findings.forms.map(({ label, aim, forms }) => html`<p>${label}: edits aim at <code>${aim}</code>${forms.length > 1 && html` (${forms.map(({ text, probability }, i) => html`${i > 0 && ", "}<code>${text}</code> ${percent(probability)}`)})`}.</p>`)}`}
<h2>The layer</h2>
<p>${reasons.layer}</p>
${findings.trace && html`<h3>Where the model keeps it</h3>${traceChart(findings.trace, layer)}`}
${swept.length > 0 && html`<h3>The same edits at several layers</h3>${layerChart(swept, layer)}${trialTable("Edits by layer", swept)}`}
<h2>The covariance</h2>
<p>${reasons.covariance}</p>
<h2>The optimiser</h2>
<p>${reasons.optimiser}</p>
${tuned.length > 0 && trialTable("Choices of numbers", tuned)}
<h2>The contexts</h2>
<p>${reasons.contexts}</p>
${counted.length > 0 && trialTable("Numbers of contexts", counted)}
<h2>What changed</h2>
${table("Numbers", ["", `unprepared (${before.origin})`, "prepared"], changed, { open: true })}`,
    footer: modelNote(model),
  });
}

function trialTable(title: string, trials: readonly Trial[]): Html {
  const head = [
    "pass",
    "contexts",
    "layer",
    "v_lr",
    "v_weight_decay",
    "clamp",
    "steps",
    "S",
    "success",
    "other words",
    "names changed",
    "converged",
    "loss",
    "evaluations",
    "‖Δv‖/‖v‖",
    "KL elsewhere",
    "seconds",
  ];
  const number = (value: number, digits: number) => ({ value, text: fixed(value, digits) });
  const rows = trials.map(({ pass, row, contexts, optimiser, converged, loss, score, seconds, names }) => [
    `${pass}, ${plural(names.length, "name")}`,
    { value: contexts, text: String(contexts) },
    { value: row.layer, text: String(row.layer) },
    ...[optimiser.v_lr, optimiser.v_weight_decay, optimiser.clamp_norm_factor, optimiser.v_num_grad_steps].map(
      (value) => ({ value, text: String(value) }),
    ),
    number(score, 3),
    ...[row.success, row.paraphrase, row.damage, converged].map((rate) => rateText(rate)),
    number(loss, 3),
    number(row.evaluations, 1),
    number(row.deltaToValue, 2),
    number(row.divergence, 4),
    number(seconds, 1),
  ]);
  return table(title, head, rows, { open: true });
}

const area = frame(640, 260);

/** Score and loss by layer; both passes, a fine trial in place of a coarse one. */
function layerChart(trials: readonly Trial[], chosen: number): Html {
  const byLayer = new Map(trials.map((trial) => [trial.row.layer, trial]));
  const rows = [...byLayer.values()].sort((a, b) => a.row.layer - b.row.layer);
  const x = linearScale(extent(rows.map(({ row }) => row.layer)), [area.left, area.right], 12);
  const y = linearScale([0, Math.max(1.02, ...rows.map(({ loss }) => loss))], [area.bottom, area.top]);
  const series = [
    { title: "S", kind: "accent", of: ({ score }: Trial) => score },
    { title: "loss", kind: "loss", of: ({ loss }: Trial) => loss },
  ];
  return html`<p class="legend">${series.map(({ title, kind }) => html`<span><svg viewBox="0 0 18 10" aria-hidden="true"><path class="${kind} line" d="M1 5L17 5"/></svg>${title}</span>`)}</p>
${picture(
  area,
  "Score and last loss by layer.",
  axes(area, x, y, { x: "layer" }, { y: (value) => fixed(value, 1) }),
  mark(x(chosen)),
  series.map(
    ({ title, kind, of }) =>
      html`${line(
        rows.map((trial) => [x(trial.row.layer), y(of(trial))] as const),
        `${kind} line`,
      )}${rows.map((trial) => html`<circle class="${kind} dot" cx="${at(x(trial.row.layer))}" cy="${at(y(of(trial)))}" r="3" data-tip="${title}, layer ${trial.row.layer}: ${fixed(of(trial), 3)}"/>`)}`,
  ),
)}`;
}

function traceChart({ names, effect, window, clean, corrupted }: TracedLayers, chosen: number): Html {
  const x = linearScale([0, Math.max(1, effect.length - 1)], [area.left, area.right], 12);
  const y = linearScale(extent([0, ...effect]), [area.bottom, area.top]);
  return html`<p>Noise on ${names.join(", ")} lowers P of what the model says from ${percent(clean)} to ${percent(corrupted)}; putting back the
outputs of ${plural(window, "MLP layer")} around each layer, at the name's last token, brings back so much of it:</p>
${picture(
  area,
  "Indirect effect of the MLP at the name's last token by layer.",
  axes(area, x, y, { x: "layer" }, { y: (value) => fixed(value, 2) }),
  mark(x(chosen)),
  line(
    effect.map((value, layer) => [x(layer), y(value)] as const),
    "accent line",
  ),
)}`;
}

function mark(x: number): Html {
  return html`<line class="zero" x1="${at(x)}" x2="${at(x)}" y1="${area.top}" y2="${area.bottom}"/>`;
}
