import { t } from "@vscode/l10n";
import type { AgentEdit, AgentEdits, Ask } from "../../mcp/agentEdits.ts";
import type { Call } from "../../protocol/engine.ts";
import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { EngineError } from "../engine/engineError.ts";
import type { EditStore, LiveEdit } from "../results/editStore.ts";
import type { Runner } from "../results/runner.ts";

/** The engine, as an agent's tools ask it: its refusals are told in their own words. */
export function agentAsk(engine: Pick<EngineClient, "request">): Ask {
  return (method, params, call) =>
    engine.request(method, params, call).catch((error: unknown) => {
      if (error instanceof EngineError) throw new RomeError(error.reason, error.message, { cause: error });
      throw error;
    });
}

/** The sidebar's edits, as an agent's tools use them: what it does is seen there as a card and a check box. */
export function agentEdits(edits: EditStore, runner: Runner): AgentEdits {
  const told = ({ id, name, from, to, says, layer, on }: LiveEdit): AgentEdit => ({
    ...{ id, name, from, to, layer, on },
    flipped: says === to,
  });
  return {
    list: () => edits.all.map(told),
    on: () => edits.on.map(({ edit }) => edit),
    set: (ids, on) => edits.set(ids, on),
    made(name, concept, options) {
      const edit = runner.flipped(name, concept, options);
      return edit && told(edit);
    },
    async flip(names, options, { signal, progress }: Call) {
      throwIfCancelled(signal);
      const stop = (ids: string[]) =>
        signal.addEventListener("abort", () => ids.forEach((id) => void runner.cancel(id)));
      const cards = await runner.flip(names, options, { progress, started: stop });
      // The agent's client has cancelled, or the person in the sidebar.
      if (cards.length < names.length) throw new RomeError("cancelled", t("The flip was cancelled."));
      return cards.map(({ id, body }) => {
        if (body.state === "done") return { id, view: body.result.view };
        throw new RomeError("engine", body.state === "failed" ? body.failure.message : t("The flip did not end."));
      });
    },
  };
}
