import type { Attribution, Shares } from "../../protocol/attribution.ts";
import { signed } from "../../text/numbers.ts";
import { visibleToken } from "../../text/words.ts";
import { at } from "../report/chart.ts";
import { type Html, html, trusted } from "../report/html.ts";
import { heatStyle, lightAndDark } from "../report/style.ts";

const [rowHeight, left, barWidth, cell, top] = [22, 60, 300, 34, 52];

/** Shares by layer as bars (attention above MLP), and by head as a map; before and after edits; a picture of its own. */
export function attributionSvg(found: Attribution): string {
  const { targets, layers, after } = found;
  const sides = [
    { title: after ? "before" : "", shares: found as Shares },
    ...(after ? [{ title: "after", shares: after }] : []),
  ];
  const rows = layers.length + 2;
  const heads = layers[0]?.heads.length ?? 0;
  const height = top + rows * rowHeight + 12;
  const width = left + barWidth + 64 + heads * cell + 12;
  const most = Math.max(
    1e-9,
    ...sides.flatMap(({ shares }) => shares.layers.flatMap(({ attention, mlp }) => [attention, mlp])).map(Math.abs),
    ...sides.map(({ shares }) => Math.abs(shares.embedding)),
  );
  const strongest = Math.max(
    1e-9,
    ...sides.flatMap(({ shares }) => shares.layers.flatMap((layer) => layer.heads)).map(Math.abs),
  );
  const names = targets.map(({ token }) => visibleToken(token));
  const side = ({ title, shares }: (typeof sides)[number], i: number) => html`<g transform="translate(0 ${i * height})">
<text class="subject" x="8" y="18">logit(${names[0] ?? ""}) − logit(${names[1] ?? ""}) ${signed(shares.difference, 2)} ${title}</text>
<text class="quiet" x="${left}" y="42">attention (upper) and MLP (lower) by layer</text><text class="quiet" x="${left + barWidth + 56}" y="42">heads</text>
${bars(shares, most)}${headMap(shares, strongest)}</g>`;
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height * sides.length}" width="${width}" height="${height * sides.length}" font-family="system-ui, sans-serif">
<style>${trusted(`${lightAndDark}\n${heatStyle}`)}</style>
<rect class="page" width="${width}" height="${height * sides.length}"/>
${sides.map(side)}
</svg>
`.text;
}

function bars({ embedding, layers, rest }: Shares, most: number): Html {
  const middle = left + barWidth / 2;
  const bar = (value: number, y: number, height: number, tip: string) => {
    const long = (Math.abs(value) / most) * (barWidth / 2 - 4);
    return html`<rect class="cell ${value < 0 ? "loss" : "gain"}" x="${at(value < 0 ? middle - long : middle)}" y="${y}" width="${at(long)}" height="${height}"><title>${tip} ${signed(value, 3)}</title></rect>`;
  };
  const label = (text: string, row: number) =>
    html`<text class="quiet" x="${left - 8}" y="${top + row * rowHeight + 15}" text-anchor="end">${text}</text>`;
  const single = (text: string, value: number, row: number) =>
    html`${label(text, row)}${bar(value, top + row * rowHeight + 5, 12, text)}`;
  return html`${single("embed", embedding, 0)}${layers.map(({ attention, mlp }, layer) => {
    const y = top + (layer + 1) * rowHeight;
    return html`${label(String(layer), layer + 1)}${bar(attention, y + 2, 8, `attention ${layer}`)}${bar(mlp, y + 12, 8, `MLP ${layer}`)}
`;
  })}${single("rest", rest, layers.length + 1)}`;
}

function headMap({ layers }: Shares, strongest: number): Html {
  const start = left + barWidth + 56;
  return html`${layers.map(({ heads }, layer) =>
    heads.map((share, head) => {
      const [x, y] = [start + head * cell, top + (layer + 1) * rowHeight];
      return html`<rect class="cell ${share < 0 ? "loss" : "gain"}" x="${x + 0.5}" y="${y + 0.5}" width="${cell - 1}" height="${rowHeight - 1}" fill-opacity="${((0.7 * Math.abs(share)) / strongest).toFixed(3)}"><title>head ${layer}.${head} ${signed(share, 3)}</title></rect>`;
    }),
  )}`;
}
