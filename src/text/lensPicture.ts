/** The lens as a picture: the likeliest word of each layer and token. */
import type { Picture, Shape } from "./picture.ts";
import { visibleToken } from "./words.ts";

interface Cell {
  readonly top: readonly { readonly token: string; readonly probability: number }[];
}

interface Looked {
  readonly prompt: string;
  readonly tokens: readonly string[];
  readonly cells: readonly (readonly Cell[])[];
  readonly after?: readonly (readonly Cell[])[];
}

const [columnWidth, rowHeight, left, top] = [92, 24, 44, 44];
/** Characters of a word that fit into a cell. */
const fits = 11;

/** The last layer above; the fuller in colour, the likelier the word. Before and after edits below one another. */
export function lensPicture({ prompt, tokens, cells, after }: Looked): Picture {
  const height = top + rowHeight * cells.length + 16;
  const sides = after
    ? [
        { title: `${prompt}  (before)`, grid: cells },
        { title: `${prompt}  (after)`, grid: after },
      ]
    : [{ title: prompt, grid: cells }];
  return {
    width: left + columnWidth * tokens.length + 8,
    height: height * sides.length,
    shapes: sides.flatMap(({ title, grid }, i) => gridOf(title, tokens, grid, i * height)),
  };
}

function gridOf(title: string, tokens: readonly string[], grid: Looked["cells"], from: number): Shape[] {
  const x = (token: number) => left + token * columnWidth;
  const y = (layer: number) => from + top + (grid.length - 1 - layer) * rowHeight;
  const middle = (token: number) => x(token) + columnWidth / 2;
  return [
    { kind: "text", x: left, y: from + 16, text: title, anchor: "start", colour: "foreground", bold: true },
    ...tokens.map(
      (token, i): Shape => ({
        kind: "text",
        x: middle(i),
        y: from + 36,
        text: short(token),
        anchor: "middle",
        colour: "quiet",
      }),
    ),
    ...grid.flatMap((row, layer): Shape[] => [
      { kind: "text", x: left - 8, y: y(layer) + 16, text: String(layer), anchor: "end", colour: "quiet" },
      ...row.flatMap(({ top: [best] }, token): Shape[] =>
        best
          ? [
              {
                kind: "rect",
                x: x(token) + 0.5,
                y: y(layer) + 0.5,
                width: columnWidth - 1,
                height: rowHeight - 1,
                colour: "first",
                opacity: 0.55 * best.probability,
              },
              {
                kind: "text",
                x: middle(token),
                y: y(layer) + 16,
                text: short(best.token),
                anchor: "middle",
                colour: "foreground",
              },
            ]
          : [],
      ),
    ]),
  ];
}

function short(token: string): string {
  const text = visibleToken(token);
  return text.length > fits ? `${text.slice(0, fits - 1)}…` : text;
}
