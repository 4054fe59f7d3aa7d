import type { Status } from "../../protocol/viewStatus.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import type { ChosenModel } from "../models/chosenModel.ts";
import type { EditStore } from "../results/editStore.ts";

/** The line above each view: which model, on what, and how many edits are on it. */
export function statusLine(engine: EngineClient, chosen: ChosenModel, edits: EditStore): Status {
  const { state } = engine;
  const { description } = chosen;
  const kind = state.kind === "ready" && state.busy ? "busy" : state.kind;
  return {
    engine: kind,
    model: chosen.name,
    layer: description?.model.editLayer ?? null,
    device: description?.runtime.device ?? "",
    editsOn: edits.on.length,
    ...(state.kind === "failed" ? { message: state.message } : {}),
  };
}
