import type { Directions, Rate, Report, TransferRow } from "../../../protocol/results.ts";
import { count, fixed, percent, rateText, rateWithInterval } from "../../../text/numbers.ts";
import { plural } from "../../../text/words.ts";
import { mean } from "../../numerics/statistics.ts";
import { at, axes, band, frame, line, picture } from "../../report/chart.ts";
import { type Html, html } from "../../report/html.ts";
import { extent, linearScale } from "../../report/scale.ts";
import { table } from "../../report/table.ts";
import { type Judgement, judgements, rateOf, shareOf } from "../transfer.ts";

/** What a rate is about, in the words of the concept. */
function titleOf({ sign, part }: Judgement, [first, second]: readonly [string, string]): string {
  const [from, to] = sign === "plus" ? [first, second] : [second, first];
  return `${sign === "plus" ? "+" : "−"}g: ${part === "changed" ? `${from}→${to}` : `${to} stays`}`;
}

const series = [
  { vector: "random", kind: "quiet", title: "random signs (mean and range of draws)" },
  { vector: "meanDifference", kind: "second", title: "mean difference, same length" },
  { vector: "concept", kind: "accent", title: "g = sign(w)" },
] as const;

/** The four rates by scale, of the vector and its controls; then the same as tables. */
export function transfer(report: Report): Html {
  const titles = judgements.map((judgement) => titleOf(judgement, report.concept.labels));
  return html`<p class="legend">${[...series]
    .reverse()
    .map(
      ({ kind, title }) =>
        html`<span><svg viewBox="0 0 18 10" aria-hidden="true"><path class="${kind} line${kind === "second" ? " dashed" : ""}" d="M1 5L17 5"/></svg>${title}</span>`,
    )}<span><svg viewBox="0 0 18 10" aria-hidden="true"><path class="zero" d="M9 0L9 10"/></svg>best scale</span></p>
<div class="multiples">${judgements.map((judgement, i) => html`<figure><figcaption>${titles[i]}</figcaption>${ratePicture(report, judgement, titles[i] as string)}</figure>`)}</div>
<h3>At scale ${fixed(report.vector.scale ?? 1, 2)}</h3>
${report.validation ? html`<p class="soft">The scale was chosen on the other half of the new names, which no rate here counts.</p>` : html`<p class="soft">The scale was chosen on these very names (a report of an older version).</p>`}
${summaryTable(report, titles)}
${table(
  "Every vector and scale",
  ["Vector", "Scale", ...titles],
  report.transfer.map((row) => [
    rowName(row),
    { value: row.scale, text: fixed(row.scale, 2) },
    ...judgements.map((judgement) => rateCell(row, judgement)),
  ]),
)}`;
}

function ratePicture({ transfer, vector }: Report, judgement: Judgement, title: string): Html {
  const area = frame(260, 190, { left: 44, right: 10, top: 8, bottom: 38 });
  const scales = [...new Set(transfer.map(({ scale }) => scale))].sort((a, b) => a - b);
  const x = Object.assign(linearScale(extent(scales), [area.left, area.right], 4), {});
  const y = linearScale([0, 1.02], [area.bottom, area.top], 4);
  const lines = series.map(({ vector: kindOfVector, kind, title: seriesTitle }) => {
    const places = scales.flatMap((scale) => {
      const shares = transfer
        .filter((row) => row.vector === kindOfVector && row.scale === scale)
        .map((row) => shareOf(rateOf(row, judgement)));
      if (shares.length === 0) return [];
      const centre = mean(shares);
      return [{ scale, centre, low: Math.min(...shares), high: Math.max(...shares) }];
    });
    if (places.length === 0) return html``;
    return html`${band(
      places.map(({ scale, low, high }) => [x(scale), y(low), y(high)] as const),
      `${kind} band`,
    )}
${line(
  places.map(({ scale, centre }) => [x(scale), y(centre)] as const),
  `${kind} line${kind === "second" ? " dashed" : ""}`,
)}
${places.map(({ scale, centre }) => html`<circle class="${kind} dot" cx="${at(x(scale))}" cy="${at(y(centre))}" r="2.6" data-tip="${seriesTitle}, scale ${scale}: ${percent(centre)}"/>`)}`;
  });
  const best = vector.scale;
  return picture(
    area,
    `${title}: share by scale of the vector, a random one and the mean difference.`,
    axes(area, x, y, { x: "scale" }, { y: (value) => `${Math.round(value * 100)} %` }),
    best !== null &&
      html`<line class="zero" x1="${at(x(best))}" x2="${at(x(best))}" y1="${area.top}" y2="${area.bottom}"/>`,
    lines,
  );
}

/** At the best scale: the vector, its controls on average and at worst, by both ways of judging. */
function summaryTable({ transfer, vector }: Report, titles: readonly string[]): Html {
  const rows = transfer.filter(({ scale }) => scale === vector.scale);
  const ours = rows.filter((row) => row.vector !== "random");
  const random = rows.filter((row) => row.vector === "random");
  const shares = (judgement: Judgement) => random.map((row) => shareOf(rateOf(row, judgement)));
  // A random vector should move nothing: its worst draw changes the most, or keeps the least.
  const worst = (judgement: Judgement) =>
    judgement.part === "stayed" ? Math.min(...shares(judgement)) : Math.max(...shares(judgement));
  const plain = (value: number) => ({ value, text: percent(value) });
  return table(
    "At the best scale",
    ["Vector", ...titles],
    [
      ...ours.map((row) => [
        rowName(row),
        ...judgements.map((judgement) => rateCell(row, judgement, rateWithInterval)),
      ]),
      ...ours.flatMap((row) => {
        const { byFirstWord } = row;
        if (!byFirstWord) return [];
        return [
          [`${rowName(row)}, by the first word`, ...judgements.map((judgement) => rateCell(byFirstWord, judgement))],
        ];
      }),
      ...(random.length > 0
        ? [
            [
              `random signs, mean of ${plural(random.length, "draw")}`,
              ...judgements.map((judgement) => plain(mean(shares(judgement)))),
            ],
            ["random signs, worst draw", ...judgements.map((judgement) => plain(worst(judgement)))],
          ]
        : []),
    ],
    { open: true },
  );
}

function rateCell(row: Directions, judgement: Judgement, text: (rate: Rate) => string = rateText) {
  const rate = rateOf(row, judgement);
  return { value: shareOf(rate), text: text(rate) };
}

function rowName({ vector, seed }: TransferRow): string {
  if (vector === "concept") return "g = sign(w)";
  return vector === "random" ? `random signs${seed === undefined ? "" : `, seed ${seed}`}` : "mean difference";
}

/** Names that did not do what they should at the best scale, with what the model wrote; and names of other labels. */
export function resisting({ transfer, vector, concept: { labels } }: Report): Html {
  const best = transfer.find((row) => row.vector === "concept" && row.scale === vector.scale);
  if (!best) return html``;
  const [first, second] = labels;
  const tried = best.plus.changed.total + best.plus.stayed.total;
  const { failures, others } = best;
  return html`<h3>Names that resist</h3>
${
  failures.length === 0
    ? html`<p>None: all ${plural(tried, "new name")} did what they should under both signs.</p>`
    : html`<p>${plural(failures.length, "failure")} in ${count(2 * tried)} trials (${plural(tried, "new name")}, both signs).</p>${table(
        "Names that resist",
        ["Name", "Completion", "Vector", "Should become or stay"],
        failures.map(({ name, sign, completion }) => [
          name,
          completion.trim(),
          sign === 1 ? "+g" : "−g",
          sign === 1 ? second : first,
        ]),
        { open: true },
      )}`
}${
  others &&
  html`<h3>Names of other labels</h3>
<p>The vector is meant for ${first} and ${second} only. Of names with another label, +g made ${rateText(others.plus)} ${second}, and −g made ${rateText(others.minus)} ${first}.</p>`
}`;
}
