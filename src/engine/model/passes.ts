import { AsyncLocalStorage } from "node:async_hooks";

/** One run of a graph through the model: over a prompt's tokens, over one new token a row, or one step of the solve. */
export const passKinds = ["read", "generate", "solve"] as const;
export type PassKind = (typeof passKinds)[number];

/** A part of a pass has ended: of a streamed model each layer is a part (on the way back, too), and the head. */
export interface PartDone {
  readonly kind: PassKind;
  /** Parts of this pass that are done, and all of them. */
  readonly done: number;
  readonly total: number;
}

type Listener = (part: PartDone) => void;

const listeners = new AsyncLocalStorage<Listener>();

/** Does some work; `listener` hears of every part that a streamed model runs for it, however deep in the work. */
export function hearParts<T>(listener: Listener, work: () => Promise<T>): Promise<T> {
  return listeners.run(listener, work);
}

/** Tells whoever listens to the work that this is done for. A pass of one part is nothing to wait for. */
export function tellPart(part: PartDone): void {
  if (part.total > 1) listeners.getStore()?.(part);
}
