import type { Memento } from "vscode";

/** What the editor keeps for an extension, in memory. */
export function memento(): Memento {
  const kept = new Map<string, unknown>();
  return {
    keys: () => [...kept.keys()],
    get: (key: string, fallback?: unknown) => (kept.has(key) ? kept.get(key) : fallback),
    update: async (key: string, value: unknown) => {
      if (value === undefined) kept.delete(key);
      else kept.set(key, value);
    },
  } as Memento;
}
