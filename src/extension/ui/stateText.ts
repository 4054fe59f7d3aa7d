import { t } from "@vscode/l10n";
import type { EngineState } from "../engine/engineClient.ts";

/** How the engine is, in words. */
export function stateText(state: EngineState): string {
  if (state.kind === "ready") return state.busy ? t("working") : t("ready");
  if (state.kind === "failed") return state.message;
  return state.kind === "starting" ? t("starting") : t("not started (it starts by itself)");
}
