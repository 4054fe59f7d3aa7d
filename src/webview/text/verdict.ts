import { t } from "@vscode/l10n";
import type { Health } from "../../protocol/editEntry.ts";

/** An edit's health in a word. */
export function verdict(health: Health | null | undefined): string {
  if (!health) return t("not judged");
  return { good: t("good"), doubtful: t("doubtful"), bad: t("bad") }[health.verdict];
}

/** How it stands, as a mark before the word; undefined where it was not judged. */
export function toneOf(health: Health | null | undefined): "good" | "warning" | "error" | undefined {
  return health ? ({ good: "good", doubtful: "warning", bad: "error" } as const)[health.verdict] : undefined;
}
