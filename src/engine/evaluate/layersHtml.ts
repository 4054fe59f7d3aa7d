import type { LayerRow, Layers } from "../../protocol/measurements.ts";
import type { Rate } from "../../protocol/results.ts";
import { fixed, percent, rateText } from "../../text/numbers.ts";
import { plural } from "../../text/words.ts";
import { at, axes, frame, line, picture } from "../report/chart.ts";
import { type Html, html, trusted } from "../report/html.ts";
import { modelNote, page } from "../report/page.ts";
import { linearScale } from "../report/scale.ts";
import { lightAndDark, pictureStyle } from "../report/style.ts";
import { table } from "../report/table.ts";

const share = ({ count, total }: Rate) => (total === 0 ? 0 : count / total);

const series: readonly { title: string; kind: string; of: (row: LayerRow, all: readonly LayerRow[]) => number }[] = [
  { title: "success", kind: "accent", of: ({ success }) => share(success) },
  { title: "paraphrase", kind: "second", of: ({ paraphrase }) => share(paraphrase) },
  { title: "neighbours changed", kind: "loss", of: ({ damage }) => share(damage) },
  {
    title: "‖Δv‖/‖v‖, of the largest",
    kind: "quiet",
    of: ({ deltaToValue }, all) => deltaToValue / Math.max(1e-9, ...all.map((row) => row.deltaToValue)),
  },
];

/** The sweep over layers as one web page that needs nothing else. */
export function layersHtml(layers: Layers): string {
  const { model, prompt, names, rows, editLayer, key, contexts } = layers;
  return page({
    title: `Which layer: ${prompt}`,
    header: html`<h1>Which layer?</h1>
<p class="soft"><code>${prompt}</code> · ${model.name} · ${plural(names.length, "name")} · ${key} keys · ${plural(contexts, "context")}</p>
<p>The same edits made at every layer. Layer ${editLayer}, which this model's edits use, is marked by a dashed line.</p>`,
    main: html`<p class="legend">${series.map(({ title, kind }) => html`<span><svg viewBox="0 0 18 10" aria-hidden="true"><path class="${kind} line" d="M1 5L17 5"/></svg>${title}</span>`)}</p>
${chart(layers)}
${table(
  "By layer",
  [
    "Layer",
    "Success",
    "Magnitude",
    "Paraphrase",
    "Neighbours changed",
    "|ΔP|",
    "KL elsewhere",
    "‖Δv‖",
    "‖Δv‖/‖v‖",
    "|kᵀu|/‖k‖",
    "Evaluations",
  ],
  rows.map((row) => [
    { value: row.layer, text: String(row.layer) },
    { value: share(row.success), text: rateText(row.success) },
    ...[row.magnitude].map((value) => ({ value, text: fixed(value, 3) })),
    { value: share(row.paraphrase), text: rateText(row.paraphrase) },
    { value: share(row.damage), text: rateText(row.damage) },
    ...[row.damageProbability, row.divergence].map((value) => ({ value, text: fixed(value, 4) })),
    ...[row.deltaNorm, row.deltaToValue, row.denominator, row.evaluations].map((value) => ({
      value,
      text: fixed(value, 2),
    })),
  ]),
  { open: true },
)}`,
    footer: modelNote(model),
  });
}

const [width, height] = [640, 300];

function chart({ rows, editLayer }: Layers): Html {
  const area = frame(width, height);
  const numbers = rows.map(({ layer }) => layer);
  const x = linearScale([Math.min(...numbers) - 0.3, Math.max(...numbers) + 0.3], [area.left, area.right], 12);
  const whole = Object.assign((value: number) => x(value), { ...x, ticks: x.ticks.filter(Number.isInteger) });
  const y = linearScale([0, 1.02], [area.bottom, area.top]);
  return picture(
    area,
    "Success, paraphrase, damage and length of Δv by layer.",
    axes(area, whole, y, { x: "layer" }, { y: (value) => `${Math.round(100 * value)} %` }),
    html`<line class="zero" x1="${at(x(editLayer))}" x2="${at(x(editLayer))}" y1="${area.top}" y2="${area.bottom}"/>`,
    series.map(
      ({ title, kind, of }) =>
        html`${line(
          rows.map((row) => [x(row.layer), y(of(row, rows))] as const),
          `${kind} line`,
        )}${rows.map((row) => html`<circle class="${kind} dot" cx="${at(x(row.layer))}" cy="${at(y(of(row, rows)))}" r="3" data-tip="${title}, layer ${row.layer}: ${percent(of(row, rows))}"/>`)}`,
    ),
  );
}

/** The chart as one picture of its own, for light and dark pages. */
export function layersSvg(layers: Layers): string {
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + 26}" width="${width}" height="${height + 26}" font-family="system-ui, sans-serif">
<style>${trusted(`${lightAndDark}\n${pictureStyle}`)}</style>
<rect class="page" width="${width}" height="${height + 26}"/>
${series.map(({ title, kind }, i) => html`<circle class="${kind} dot" cx="${64 + i * 145}" cy="13" r="4"/><text x="${74 + i * 145}" y="17">${title}</text>`)}
<svg y="26" width="${width}" height="${height}">${chart(layers)}</svg>
</svg>
`.text;
}
