/** An attribution in cells and words. */
import { t } from "@vscode/l10n";
import type { Attribution, Shares } from "../../../protocol/attribution.ts";
import { fixed, signed, typesetPercent } from "../../../text/numbers.ts";
import { visibleToken } from "../../../text/words.ts";
import type { Grid, GridCell } from "../../charts/cellGrid.ts";

/** Of which model: as it is, with the edits that are on, or what they moved. */
export const attributionSides = ["before", "after", "change"] as const;
export type AttributionSide = (typeof attributionSides)[number];

/** The shares of a side; of a change, after less before. */
export function sharesOf(found: Attribution, side: AttributionSide): Shares {
  const { after } = found;
  if (side === "before" || !after) return found;
  if (side === "after") return after;
  const less = (a: readonly number[], b: readonly number[]) => a.map((value, i) => value - (b[i] ?? 0));
  return {
    difference: after.difference - found.difference,
    embedding: after.embedding - found.embedding,
    rest: after.rest - found.rest,
    layers: after.layers.map((layer, i) => {
      const was = found.layers[i] ?? layer;
      return {
        attention: layer.attention - was.attention,
        mlp: layer.mlp - was.mlp,
        bias: layer.bias - was.bias,
        heads: less(layer.heads, was.heads),
        from: layer.from.map((row, head) => less(row, was.from[head] ?? [])),
      };
    }),
  };
}

/** Columns before the heads'. */
export const partColumns = 2;

/** Rows: embedding, layers from the first, rest; columns: attention, MLP, the heads. */
export function attributionGrid(found: Attribution, side: AttributionSide): Grid {
  const { embedding, layers, rest } = sharesOf(found, side);
  const parts = [embedding, rest, ...layers.flatMap(({ attention, mlp }) => [attention, mlp])];
  const largest = (values: readonly number[]) => Math.max(1e-9, ...values.map(Math.abs));
  const [mostPart, mostHead] = [largest(parts), largest(layers.flatMap(({ heads }) => heads))];
  const bar = (value: number, name: string) => shareCell(value, mostPart, name, true);
  const count = layers[0]?.heads.length ?? 0;
  return {
    caption: t("Shares of the difference, in logits"),
    header: [t("layer"), t("attention"), t("MLP"), ...Array.from({ length: count }, (_, head) => t("head {0}", head))],
    rows: [
      { title: t("embedding"), cells: [bar(embedding, t("Embedding"))] },
      ...layers.map(({ attention, mlp, heads }, layer) => ({
        title: String(layer),
        cells: [
          bar(attention, t("Attention of layer {0}", layer)),
          bar(mlp, t("MLP of layer {0}", layer)),
          ...heads.map((value, head) => shareCell(value, mostHead, t("Head {0}.{1}", layer, head), false)),
        ],
      })),
      { title: t("rest"), cells: [bar(rest, t("Biases of norm and head"))] },
    ],
  };
}

function shareCell(value: number, most: number, name: string, bar: boolean): GridCell {
  return {
    text: signed(value, 2),
    fill: Math.abs(value) / most,
    tone: value < 0 ? "second" : "first",
    bar,
    tip: t("{0}: {1} logits", name, signed(value, 2)),
  };
}

/** A row a token: how much of its attention goes to each token. */
export function patternGrid(tokens: readonly string[], shares: readonly (readonly number[])[]): Grid {
  const names = tokens.map(visibleToken);
  return {
    caption: t("What each token looks at"),
    header: [t("token"), ...names],
    rows: shares.map((row, i) => ({
      title: names[i] ?? "",
      cells: row.slice(0, i + 1).map((share, j) => ({
        text: fixed(100 * share, 0),
        fill: share,
        tone: "first",
        tip: t("{0} looks at {1}: {2}", names[i] ?? "", names[j] ?? "", typesetPercent(share)),
      })),
    })),
  };
}
