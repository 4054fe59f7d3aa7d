/** The loss by step as a line of a few dozen pixels; SVG, so that the results view needs no chart library. */
import { t } from "@vscode/l10n";
import { fixed } from "../../text/numbers.ts";
import { el, svg } from "../dom.ts";

const width = 64;
const height = 18;

export function sparkline(losses: readonly number[]): HTMLElement | null {
  const [first, last] = [losses[0], losses.at(-1)];
  if (losses.length < 2 || first === undefined || last === undefined) return null;
  const high = Math.max(...losses);
  const low = Math.min(...losses);
  const x = (i: number) => 2 + (i / (losses.length - 1)) * (width - 4);
  const y = (loss: number) => 2 + (1 - (loss - low) / (high - low || 1)) * (height - 4);
  const points = losses.map((loss, i) => `${x(i).toFixed(1)},${y(loss).toFixed(1)}`).join(" ");
  const text = t("Loss by step: from {0} to {1} in {2} steps", fixed(first, 2), fixed(last, 2), losses.length);
  const line = svg("polyline", { points });
  const end = svg("circle", { cx: x(losses.length - 1), cy: y(last), r: 1.8 });
  return el(
    "span",
    { class: "sparkline", role: "img", "aria-label": text, title: text },
    svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" }, line, end),
  );
}
