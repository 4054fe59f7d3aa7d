/** What the results view remembers: which cards the user folded or unfolded by hand. */
import * as v from "valibot";

export const layoutState = v.object({
  folded: v.fallback(v.record(v.string(), v.boolean()), {}),
});
export type Layout = v.InferOutput<typeof layoutState>;

/** Cards that stand open side by side before they fold to their first line. */
const mostOpen = 3;

/** Whether a card is folded: as the user left it; else, with more than three, all but the newest and what runs. */
export function isFolded(
  layout: Layout,
  card: { id: string; body: { state: string } },
  position: number,
  total: number,
): boolean {
  return layout.folded[card.id] ?? (total > mostOpen && position > 0 && card.body.state !== "running");
}
