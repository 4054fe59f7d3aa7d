import type { Lens, LensCell } from "../../protocol/lens.ts";
import { percent } from "../../text/numbers.ts";
import { visibleToken } from "../../text/words.ts";
import { type Html, html, trusted } from "../report/html.ts";
import { heatStyle, lightAndDark } from "../report/style.ts";

const [columnWidth, rowHeight, left, top] = [92, 24, 44, 44];
/** Characters of a word that fit into a cell. */
const fits = 11;

/** The likeliest word of each layer (the last above) and token, the fuller in colour the likelier; a picture of its own. */
export function lensSvg({ tokens, cells, after, prompt }: Lens): string {
  const sides = [
    { title: after ? "before" : prompt, grid: cells },
    ...(after ? [{ title: "after", grid: after }] : []),
  ];
  const width = left + columnWidth * tokens.length + 8;
  const height = top + rowHeight * cells.length + 16;
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height * sides.length}" width="${width}" height="${height * sides.length}" font-family="system-ui, sans-serif">
<style>${trusted(`${lightAndDark}\n${heatStyle}`)}</style>
<rect class="page" width="${width}" height="${height * sides.length}"/>
${sides.map(({ title, grid }, i) => html`<g transform="translate(0 ${i * height})">${gridOf(title, tokens, grid)}</g>`)}
</svg>
`.text;
}

function gridOf(title: string, tokens: readonly string[], grid: readonly (readonly LensCell[])[]): Html {
  const x = (token: number) => left + token * columnWidth;
  const y = (layer: number) => top + (grid.length - 1 - layer) * rowHeight;
  return html`<text x="${left}" y="16" class="subject">${title}</text>
${tokens.map((token, i) => html`<text class="quiet" x="${x(i) + columnWidth / 2}" y="36" text-anchor="middle">${short(token)}</text>`)}
${grid.map(
  (
    row,
    layer,
  ) => html`<text class="quiet" x="${left - 8}" y="${y(layer) + 16}" text-anchor="end">${layer}</text>${row.map(
    ({ top: [best] }, token) => {
      if (!best) return false;
      const tip = `${visibleToken(best.token)} ${percent(best.probability)}`;
      return html`<rect class="cell gain" x="${x(token) + 0.5}" y="${y(layer) + 0.5}" width="${columnWidth - 1}" height="${rowHeight - 1}" fill-opacity="${(0.55 * best.probability).toFixed(3)}"><title>${tip}</title></rect><text x="${x(token) + columnWidth / 2}" y="${y(layer) + 16}" text-anchor="middle">${short(best.token)}</text>`;
    },
  )}
`,
)}`;
}

function short(token: string): string {
  const text = visibleToken(token);
  return text.length > fits ? `${text.slice(0, fits - 1)}…` : text;
}
