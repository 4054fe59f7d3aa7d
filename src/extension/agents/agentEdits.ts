import { t } from "@vscode/l10n";
import type { AgentEdits } from "../../mcp/agentEdits.ts";
import type { Call } from "../../protocol/engine.ts";
import { RomeError } from "../../protocol/errors.ts";
import type { EditStore } from "../results/editStore.ts";
import type { Runner } from "../results/runner.ts";

/** The sidebar's edits, as an agent's tools use them: what it does is seen there as a card and a check box. */
export function agentEdits(edits: EditStore, runner: Runner): AgentEdits {
  return {
    list: () => edits.all.map(({ id, name, from, to, layer, on }) => ({ id, name, from, to, layer, on })),
    on: () => edits.on.map(({ edit }) => edit),
    set: (ids, on) => edits.set(ids, on),
    async flip(names, options, { signal, progress }: Call) {
      const stop = (ids: string[]) =>
        signal.addEventListener("abort", () => ids.forEach((id) => void runner.cancel(id)));
      const cards = await runner.flip(names, options, { progress, started: stop });
      return cards.map(({ id, body }) => {
        if (body.state === "done") return { id, view: body.result.view };
        throw new RomeError("engine", body.state === "failed" ? body.failure.message : t("The flip did not end."));
      });
    },
  };
}
