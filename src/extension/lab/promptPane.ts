import type { SavedAdapterData } from "../../protocol/edit.ts";
import type { Call } from "../../protocol/engine.ts";
import type { LabPrompt, LabPromptRequest, LabVector } from "../../protocol/labPrompt.ts";
import type { AdapterRequest } from "../../protocol/steer.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { isCancelled, messageOf } from "../engine/engineError.ts";
import type { EditStore } from "../results/editStore.ts";

/** A text of the user's own, as the model goes on with it and as it does with vectors. A newer request ends an older one. */
export class PromptPane {
  #state: LabPrompt = { state: "none" };
  #abort: AbortController | undefined;
  #saved: readonly SavedAdapterData[] = [];

  constructor(
    private readonly engine: Pick<EngineClient, "request">,
    private readonly edits: Pick<EditStore, "on">,
    private readonly changed: () => void,
  ) {}

  get state(): LabPrompt {
    return this.#state;
  }

  /** Ends in the state, not in an exception; a cancelled run leaves what was there before it. */
  async run({ prompt, at, vectors, edits, maxTokens }: LabPromptRequest): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    const before = this.#state.state === "running" ? ({ state: "none" } as const) : this.#state;
    const isNewest = () => this.#abort === abort;
    this.#set({ state: "running", prompt, texts: ["", ""] });
    const call: Call = {
      signal: abort.signal,
      progress: ({ detail }) => {
        const [first, second] = detail?.texts ?? [];
        if (isNewest() && first !== undefined && second !== undefined)
          this.#set({ state: "running", prompt, texts: [first, second] });
      },
    };
    const request = {
      prompt,
      adapters: vectors.flatMap((vector) => adaptersOf(vector, at)),
      edits: edits ? this.edits.on.map(({ edit }) => edit) : [],
      maxTokens,
    };
    try {
      const { view, saved } = await this.engine.request("steer", request, call);
      if (!isNewest()) return;
      this.#saved = saved;
      this.#set({ state: "done", result: view, hasVectors: saved.length > 0 });
    } catch (error) {
      if (isNewest())
        this.#set(isCancelled(error) ? before : { state: "failed", failure: { message: messageOf(error) } });
    }
  }

  cancel(): void {
    this.#abort?.abort();
  }

  /** Writes the vectors of the last result as a `.romedit` file. */
  async save(file: string): Promise<void> {
    await this.engine.request("saveVectors", { file, vectors: [...this.#saved] });
  }

  #set(state: LabPrompt): void {
    this.#state = state;
    this.changed();
  }
}

/** What a slider and its check box ask for: nothing, a vector, an erasure or both. */
function adaptersOf({ from, scale, erase }: LabVector, at: AdapterRequest["at"]): AdapterRequest[] {
  const where = { ...(from === "" ? {} : { from }), at };
  return [
    ...(scale === 0 ? [] : [{ kind: "steer" as const, ...where, scale }]),
    ...(erase ? [{ kind: "erase" as const, ...where }] : []),
  ];
}
