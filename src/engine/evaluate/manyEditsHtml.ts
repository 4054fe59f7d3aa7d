import { fixed, percent } from "../../text/numbers.ts";
import { at, axes, frame, line, picture } from "../report/chart.ts";
import { type Html, html, trusted } from "../report/html.ts";
import { modelNote, page } from "../report/page.ts";
import { linearScale } from "../report/scale.ts";
import { lightAndDark, pictureStyle } from "../report/style.ts";
import { table } from "../report/table.ts";
import { type ManyEdits, type ManyRow, type Way, ways } from "./manyEdits.ts";

const kinds: Record<Way, string> = { sum: "loss", "in turn": "second", batch: "accent" };
const panels: readonly { title: string; of: (row: ManyRow) => number }[] = [
  { title: "edited names that say the new label", of: ({ success }) => success },
  { title: "other names whose label changed", of: ({ damage }) => damage },
];

/** The measurement of many edits as one web page that needs nothing else. */
export function manyEditsHtml(many: ManyEdits): string {
  const { model, prompt, layer, contexts, covarianceTokens, weight, rows } = many;
  return page({
    title: `Many edits: ${prompt}`,
    header: html`<h1>Many edits at once</h1>
<p class="soft"><code>${prompt}</code> · ${model.name} · layer ${layer} · ${contexts} contexts · covariance over ${covarianceTokens} tokens · λ ${weight}</p>
<p>Every v* is solved on the model as it is. Then the edits are in force together: their rank-one updates added up, written
in turn, or as one least-squares update.</p>`,
    main: html`<p class="legend">${ways.map((way) => html`<span><svg viewBox="0 0 18 10" aria-hidden="true"><path class="${kinds[way]} line" d="M1 5L17 5"/></svg>${way}</span>`)}</p>
${panels.map(({ title, of }) => html`<h2>${title}</h2>${chart(many, title, of)}`)}
${table(
  "By number of edits",
  ["Edits", "Way", "Success", "Other names changed", "Drift in nats"],
  rows.map(({ count, way, success, damage, drift }) => [
    { value: count, text: String(count) },
    { value: ways.indexOf(way), text: way },
    { value: success, text: percent(success) },
    { value: damage, text: percent(damage) },
    { value: drift, text: fixed(drift, 4) },
  ]),
  { open: true },
)}`,
    footer: modelNote(model),
  });
}

const [width, height] = [640, 240];

function chart({ rows }: ManyEdits, title: string, of: (row: ManyRow) => number): Html {
  const area = frame(width, height);
  const counts = [...new Set(rows.map(({ count }) => count))];
  const x = linearScale([-0.3, counts.length - 0.7], [area.left, area.right], counts.length);
  const places = Object.assign((value: number) => x(value), { ...x, ticks: counts.map((_, i) => i) });
  const y = linearScale([0, 1.02], [area.bottom, area.top]);
  return picture(
    area,
    `${title}, by number of edits.`,
    axes(
      area,
      places,
      y,
      { x: "edits" },
      { x: (i) => String(counts[i]), y: (value) => `${Math.round(100 * value)} %` },
    ),
    ways.map((way) => {
      const own = rows.filter((row) => row.way === way);
      const points = own.map((row) => [x(counts.indexOf(row.count)), y(of(row))] as const);
      return html`${line(points, `${kinds[way]} line`)}${own.map((row, i) => {
        const [left, top] = points[i] as readonly [number, number];
        return html`<circle class="${kinds[way]} dot" cx="${at(left)}" cy="${at(top)}" r="3" data-tip="${way}, ${row.count} edits: ${percent(of(row))}"/>`;
      })}`;
    }),
  );
}

/** Both charts as one picture, for light and dark pages. */
export function manyEditsSvg(many: ManyEdits): string {
  const total = 26 + panels.length * (height + 22);
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${total}" width="${width}" height="${total}" font-family="system-ui, sans-serif">
<style>${trusted(`${lightAndDark}\n${pictureStyle}`)}</style>
<rect class="page" width="${width}" height="${total}"/>
${ways.map((way, i) => html`<circle class="${kinds[way]} dot" cx="${64 + i * 120}" cy="13" r="4"/><text x="${74 + i * 120}" y="17">${way}</text>`)}
${panels.map(({ title, of }, i) => html`<text x="58" y="${42 + i * (height + 22)}">${title}</text><svg y="${46 + i * (height + 22)}" width="${width}" height="${height}">${chart(many, title, of)}</svg>`)}
</svg>
`.text;
}
