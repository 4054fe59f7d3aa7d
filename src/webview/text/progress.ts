import { t } from "@vscode/l10n";
import type { Progress } from "../../protocol/engine.ts";
import { duration } from "../../text/amounts.ts";
import { fixed } from "../../text/numbers.ts";

/** What is being done, and how much of it. Passes other than the solve's are only told of where they take long. */
function stage({ phase, done, total }: Progress): string {
  if (phase === "read") return t("Reading");
  if (phase === "generate") return total > 0 ? t("Token {0} of {1}", done, total) : t("Writing");
  return total > 0 ? t("Step {0} of {1}", done, total) : phase;
}

/** How far a run is, in words: step, layer, loss and the time left, as far as they are known. */
export function progressText(progress: Progress | null, waiting: string): string {
  if (!progress) return waiting;
  const { layer, layers, loss, secondsLeft } = progress.detail ?? {};
  return [
    stage(progress),
    layer === undefined || layers === undefined ? undefined : t("layer {0} of {1}", layer, layers),
    loss === undefined ? undefined : t("loss {0}", fixed(loss, 2)),
    secondsLeft === undefined ? undefined : t("at most {0} left", duration(secondsLeft)),
  ]
    .filter((part) => part !== undefined)
    .join(" · ");
}
