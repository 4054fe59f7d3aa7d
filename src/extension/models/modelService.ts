import type { Call, Description, ModelEntry } from "../../protocol/engine.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { type ChosenModel, embedded } from "./chosenModel.ts";

/** Where the user's model folders are kept. */
export interface FolderSettings {
  get(name: "rome.modelFolders"): string[];
  set(name: "rome.modelFolders", value: string[]): Promise<void>;
}

/** Describes, lists and opens models by the engine. */
export class ModelService {
  /** The model that is being opened, if one is. */
  #opening: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly engine: EngineClient,
    private readonly chosen: ChosenModel,
    private readonly settings: FolderSettings,
    /** Where the embedded model lies. */
    private readonly embeddedFolder: string,
    /** Recorded data set of a model, if there is one. */
    private readonly experimentFolder: (folder: string) => string | undefined,
  ) {}

  /** Asks the engine of the chosen model, starting it if need be, and remembers the answer. */
  async describe(call: Partial<Call> = {}): Promise<Description> {
    // While another model is being opened the answer would be about that one.
    await this.#opening;
    const { folder } = this.chosen;
    const answer = await this.engine.request("describe", {}, call);
    this.chosen.remember(folder, answer);
    return answer;
  }

  /** What can be chosen: the embedded model, the Hugging Face cache, the user's folders. */
  async list(): Promise<ModelEntry[]> {
    const entries = await this.engine.request("models", { folders: this.settings.get("rome.modelFolders") });
    return entries.map((entry) => (entry.folder === this.embeddedFolder ? { ...entry, folder: embedded } : entry));
  }

  /** Opens another model and makes it the chosen one; when that fails the old one stays. One at a time. */
  use(folder: string, call: Partial<Call> = {}): Promise<Description> {
    const used = this.#opening.then(() => this.#use(folder, call));
    this.#opening = used.catch(() => {});
    return used;
  }

  async #use(folder: string, call: Partial<Call>): Promise<Description> {
    const previous = this.chosen.folder;
    try {
      const opened = await this.#open(folder, call);
      await this.chosen.choose(folder);
      return opened;
    } catch (error) {
      if (folder !== previous) await this.#open(previous, {}).catch(() => {});
      throw error;
    }
  }

  /** Opens the chosen model anew: it has another data set now. */
  async reopen(): Promise<void> {
    if (this.engine.state.kind === "ready") await this.#open(this.chosen.folder, {});
  }

  /** The setting was changed by hand: a running engine follows, a stopped one will start with it. */
  async followSetting(): Promise<void> {
    if (this.chosen.isOpen) return;
    this.chosen.refresh();
    await this.reopen();
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
    const answer = await this.engine.request("openModel", { folder, experimentFolder }, call);
    this.chosen.remember(folder, answer);
    return answer;
  }
}
