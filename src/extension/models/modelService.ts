import * as v from "valibot";
import type { Memento } from "vscode";
import { Emitter } from "vscode-jsonrpc";
import { type Call, type Description, description, type ModelEntry } from "../../protocol/engine.ts";
import type { EngineClient } from "../engine/engineClient.ts";

/** Folder name that stands for the model inside the extension. */
export const embedded = "embedded";

/** Where the choice of the model is kept. */
export interface ModelSettings {
  get(name: "rome.model"): string;
  get(name: "rome.modelFolders"): string[];
  set(name: "rome.model", value: string): Promise<void>;
  set(name: "rome.modelFolders", value: string[]): Promise<void>;
}

/** The chosen model, and what is known of it. */
export class ModelService {
  readonly #changed = new Emitter<void>();
  /** Another model was chosen, or more is known of the chosen one. */
  readonly onDidChange = this.#changed.event;
  #known: { folder: string; description: Description } | undefined;

  constructor(
    private readonly engine: EngineClient,
    private readonly settings: ModelSettings,
    private readonly memento: Memento,
    /** Where the embedded model lies. */
    private readonly embeddedFolder: string,
    /** Recorded data set of a model, if there is one. */
    private readonly experimentFolder: (folder: string) => string | undefined,
  ) {}

  /** The chosen folder, or "embedded". */
  get folder(): string {
    return this.settings.get("rome.model") || embedded;
  }

  /** The chosen model as the engine last described it, in this or an earlier window. */
  get description(): Description | undefined {
    if (this.#known?.folder === this.folder) return this.#known.description;
    const stored = v.safeParse(description, this.memento.get(storageKey(this.folder)));
    return stored.success ? stored.output : undefined;
  }

  /** Name to show before anything is known. */
  get name(): string {
    return this.description?.model.name ?? this.folder.split(/[\\/]/).at(-1) ?? this.folder;
  }

  /** Asks the engine, starting it if need be, and remembers the answer. */
  async describe(call: Partial<Call> = {}): Promise<Description> {
    return this.#remember(this.folder, await this.engine.request("describe", {}, call));
  }

  /** What can be chosen: the embedded model, the Hugging Face cache, the user's folders. */
  async list(): Promise<ModelEntry[]> {
    const entries = await this.engine.request("models", { folders: this.settings.get("rome.modelFolders") });
    return entries.map((entry) => (entry.folder === this.embeddedFolder ? { ...entry, folder: embedded } : entry));
  }

  /** Opens another model and makes it the chosen one; when that fails the old one stays. */
  async use(folder: string, call: Partial<Call> = {}): Promise<Description> {
    const previous = this.folder;
    try {
      const opened = await this.#open(folder, call);
      await this.settings.set("rome.model", folder);
      this.#changed.fire();
      return opened;
    } catch (error) {
      if (folder !== previous) await this.#open(previous, {}).catch(() => {});
      throw error;
    }
  }

  /** Opens the chosen model anew: it has another data set now. */
  async reopen(): Promise<void> {
    if (this.engine.state.kind === "ready") await this.#open(this.folder, {});
  }

  /** The setting was changed by hand: a running engine follows, a stopped one will start with it. */
  async followSetting(): Promise<void> {
    if (this.#known?.folder === this.folder) return;
    this.#changed.fire();
    if (this.engine.state.kind === "ready") await this.#open(this.folder, {});
  }

  async addFolder(folder: string): Promise<void> {
    const folders = this.settings.get("rome.modelFolders");
    if (!folders.includes(folder)) await this.settings.set("rome.modelFolders", [...folders, folder]);
  }

  async removeFolder(folder: string): Promise<void> {
    const rest = this.settings.get("rome.modelFolders").filter((other) => other !== folder);
    await this.settings.set("rome.modelFolders", rest);
  }

  async #open(folder: string, call: Partial<Call>): Promise<Description> {
    const experimentFolder = this.experimentFolder(folder);
    return this.#remember(folder, await this.engine.request("openModel", { folder, experimentFolder }, call));
  }

  #remember(folder: string, answer: Description): Description {
    const { memoryBytes: _, ...stable } = answer;
    const { memoryBytes: __, ...before } = this.#known?.description ?? { memoryBytes: 0 };
    const changed = this.#known?.folder !== folder || JSON.stringify(stable) !== JSON.stringify(before);
    this.#known = { folder, description: answer };
    if (changed) {
      void this.memento.update(storageKey(folder), answer);
      this.#changed.fire();
    }
    return answer;
  }
}

function storageKey(folder: string): string {
  return `model:${folder}`;
}
