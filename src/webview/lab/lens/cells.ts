/** The lens in cells and words, by what is looked at. */
import { t } from "@vscode/l10n";
import type { Lens, LensCell, LensView } from "../../../protocol/lens.ts";
import { fixed, percent, signed, typesetPercent } from "../../../text/numbers.ts";
import { visibleToken } from "../../../text/words.ts";
import type { Grid, GridCell } from "../../charts/cellGrid.ts";

/** Of which model: as it is, with the edits that are on, or what they changed. */
export const lensSides = ["before", "after", "change"] as const;
export type LensSide = (typeof lensSides)[number];

/** Rows from the last layer down to the first. */
export function lensGrid(lens: Lens, view: LensView, side: LensSide): Grid {
  const { tokens, cells, after, word } = lens;
  const shown = side === "before" || !after ? cells : after;
  const most = Math.max(1e-9, ...(shown.flat().map((cell) => measure(cell, view)) ?? []));
  const kls = lens.change?.flat().map(({ kl }) => kl) ?? [];
  const mostChanged = Math.max(1e-9, ...kls);
  const cellOf = (cell: LensCell, layer: number, token: number): GridCell => {
    const place = t("{0}, layer {1}", visibleToken(tokens[token] ?? ""), layer);
    const change = side === "change" ? lens.change?.[layer]?.[token] : undefined;
    if (change) {
      const was = cells[layer]?.[token]?.top[0]?.token ?? "";
      const is = cell.top[0]?.token ?? "";
      const text = was === is ? fixed(change.kl, 2) : `${visibleToken(was)} → ${visibleToken(is)}`;
      const moved = change.probability === undefined ? "" : ` ${wordMoved(word, change.probability)}`;
      return {
        text,
        fill: change.kl / mostChanged,
        tone: "second",
        tip: `${place}: ${t("{0} → {1}, KL {2} nats.", visibleToken(was), visibleToken(is), fixed(change.kl, 3))}${moved}`,
      };
    }
    return {
      text: textOf(cell, view),
      fill: view === "words" ? (cell.top[0]?.probability ?? 0) : measure(cell, view) / most,
      tone: "first",
      tip: `${place}: ${sentence(cell, word)}`,
    };
  };
  return {
    caption: t("Likeliest word by layer and token"),
    header: [t("layer"), ...tokens.map(visibleToken)],
    rows: shown
      .map((row, layer) => ({
        title: String(layer),
        cells: row.map((cell, token) => cellOf(cell, layer, token)),
      }))
      .toReversed(),
  };
}

/** What a cell's colour stands for; a low rank is strong. */
function measure(cell: LensCell, view: LensView): number {
  if (view === "entropy") return cell.entropy;
  if (view === "kl") return cell.klToFinal;
  if (view === "rank") return cell.word ? 1 / cell.word.rank : 0;
  return cell.top[0]?.probability ?? 0;
}

function textOf(cell: LensCell, view: LensView): string {
  if (view === "entropy") return fixed(cell.entropy, 2);
  if (view === "kl") return fixed(cell.klToFinal, 2);
  if (view === "rank") return cell.word ? String(cell.word.rank) : "";
  return visibleToken(cell.top[0]?.token ?? "");
}

function sentence({ top: [best], entropy, klToFinal, word: own }: LensCell, word: Lens["word"]): string {
  const said = best ? t("{0} {1}", visibleToken(best.token), percent(best.probability)) : "";
  const facts = t("entropy {0}, KL to the output {1} nats", fixed(entropy, 2), fixed(klToFinal, 2));
  const ranked =
    own && word
      ? `, ${t("{0} is number {1} with {2}", visibleToken(word.token), own.rank, percent(own.probability))}`
      : "";
  return `${said}, ${facts}${ranked}`;
}

function wordMoved(word: Lens["word"], by: number): string {
  return t("{0}: {1} points.", visibleToken(word?.token ?? ""), signed(100 * by, 1));
}

/** The words of a cell, one a line: the word and its probability. */
export function wordRows(cell: LensCell | undefined): [string, string][] {
  return (cell?.top ?? []).map(({ token, probability }) => [visibleToken(token), typesetPercent(probability)]);
}
