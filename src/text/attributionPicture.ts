/** An attribution as a picture: bars by layer, a map of the heads. */
import { signed } from "./numbers.ts";
import type { Picture, Shape } from "./picture.ts";
import { visibleToken } from "./words.ts";

interface Shares {
  readonly difference: number;
  readonly embedding: number;
  readonly rest: number;
  readonly layers: readonly { readonly attention: number; readonly mlp: number; readonly heads: readonly number[] }[];
}

interface Found extends Shares {
  readonly targets: readonly { readonly token: string }[];
  readonly after?: Shares;
}

const [rowHeight, left, barWidth, cell, top] = [22, 60, 300, 34, 52];

/** What is shown in full colour and length. */
interface Most {
  readonly part: number;
  readonly head: number;
}

/** Attention above MLP in each layer; the two colours are the two targets. Before and after edits below one another. */
export function attributionPicture(found: Found): Picture {
  const { targets, layers, after } = found;
  const sides: { shares: Shares; title: string }[] = after
    ? [
        { shares: found, title: "  (before)" },
        { shares: after, title: "  (after)" },
      ]
    : [{ shares: found, title: "" }];
  const largest = (of: (shares: Shares) => readonly number[]) =>
    Math.max(1e-9, ...sides.flatMap(({ shares }) => of(shares)).map(Math.abs));
  const most = {
    part: largest((side) => [
      side.embedding,
      side.rest,
      ...side.layers.flatMap(({ attention, mlp }) => [attention, mlp]),
    ]),
    head: largest((side) => side.layers.flatMap(({ heads }) => heads)),
  };
  const [a = "", b = ""] = targets.map(({ token }) => visibleToken(token));
  const height = top + (layers.length + 2) * rowHeight + 12;
  return {
    width: left + barWidth + 64 + (layers[0]?.heads.length ?? 0) * cell + 12,
    height: height * sides.length,
    shapes: sides.flatMap(({ shares, title }, i) => [
      text(8, i * height + 18, `logit(${a}) − logit(${b}) ${signed(shares.difference, 2)}${title}`, true),
      quiet(left, i * height + 42, "attention (upper) and MLP (lower) by layer", "start"),
      quiet(left + barWidth + 56, i * height + 42, "heads", "start"),
      ...sideOf(shares, most, i * height + top),
    ]),
  };
}

function sideOf({ embedding, layers, rest }: Shares, most: Most, from: number): Shape[] {
  const y = (row: number) => from + row * rowHeight;
  return [
    quiet(left - 8, y(0) + 15, "embed", "end"),
    bar(embedding, most, y(0) + 5, 12),
    ...layers.flatMap(({ attention, mlp, heads }, layer): Shape[] => [
      quiet(left - 8, y(layer + 1) + 15, String(layer), "end"),
      bar(attention, most, y(layer + 1) + 2, 8),
      bar(mlp, most, y(layer + 1) + 12, 8),
      ...heads.map(
        (share, head): Shape => ({
          kind: "rect",
          x: left + barWidth + 56 + head * cell + 0.5,
          y: y(layer + 1) + 0.5,
          width: cell - 1,
          height: rowHeight - 1,
          colour: share < 0 ? "second" : "first",
          opacity: 0.06 + (0.74 * Math.abs(share)) / most.head,
        }),
      ),
    ]),
    quiet(left - 8, y(layers.length + 1) + 15, "rest", "end"),
    bar(rest, most, y(layers.length + 1) + 5, 12),
  ];
}

function bar(value: number, most: Most, y: number, height: number): Shape {
  const middle = left + barWidth / 2;
  const width = (Math.abs(value) / most.part) * (barWidth / 2 - 4);
  const x = value < 0 ? middle - width : middle;
  return { kind: "rect", x, y, width, height, colour: value < 0 ? "second" : "first", opacity: 0.9 };
}

function text(x: number, y: number, words: string, bold = false): Shape {
  return { kind: "text", x, y, text: words, anchor: "start", colour: "foreground", bold };
}

function quiet(x: number, y: number, words: string, anchor: "start" | "end"): Shape {
  return { kind: "text", x, y, text: words, anchor, colour: "quiet" };
}
