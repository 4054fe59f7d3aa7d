import type { ModelEntry } from "../../protocol/engine.ts";

/** A model, or a folder that the user has added. */
export type ModelNode =
  | { kind: "model"; entry: ModelEntry }
  | { kind: "folder"; folder: string }
  | { kind: "problem"; message: string };
