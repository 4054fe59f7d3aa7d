import type { Memento } from "vscode";
import { Emitter } from "vscode-jsonrpc";
import { type Description, description } from "../../protocol/engine.ts";
import { stored } from "../stored.ts";

/** Folder name that stands for the model inside the extension. */
export const embedded = "embedded";

/** Where the choice of the model is kept. */
export interface ChoiceSettings {
  get(name: "rome.model"): string;
  set(name: "rome.model", value: string): Promise<void>;
}

/** Which model is chosen, and what is known of it without asking the engine. */
export class ChosenModel {
  readonly #changed = new Emitter<void>();
  /** Another model was chosen, or more is known of the chosen one. */
  readonly onDidChange = this.#changed.event;
  #known: { key: string; description: Description } | undefined;

  constructor(
    private readonly settings: ChoiceSettings,
    private readonly memento: Memento,
    /** The chosen concept's file: what is known of a model holds its prompt. */
    private readonly concept: () => string | undefined = () => undefined,
  ) {}

  /** The chosen folder, or "embedded". */
  get folder(): string {
    return this.settings.get("rome.model") || embedded;
  }

  /** The model as the engine last described it, in this or an earlier window. */
  get description(): Description | undefined {
    if (this.isOpen) return this.#known?.description;
    return stored(this.memento, this.#key(this.folder), description);
  }

  /** Name to show before anything is known. */
  get name(): string {
    return this.description?.model.name ?? this.folder.split(/[\\/]/).at(-1) ?? this.folder;
  }

  /** It is the one that the engine described last. */
  get isOpen(): boolean {
    return this.#known?.key === this.#key(this.folder);
  }

  async choose(folder: string): Promise<void> {
    await this.settings.set("rome.model", folder);
    this.#changed.fire();
  }

  /** The setting was changed by hand. */
  refresh(): void {
    this.#changed.fire();
  }

  /** The engine described the model of a folder. */
  remember(folder: string, answer: Description): void {
    const { memoryBytes: _, ...stable } = answer;
    const { memoryBytes: __, ...before } = this.#known?.description ?? { memoryBytes: 0 };
    const changed = this.#known?.key !== this.#key(folder) || JSON.stringify(stable) !== JSON.stringify(before);
    this.#known = { key: this.#key(folder), description: answer };
    if (!changed) return;
    void this.memento.update(this.#key(folder), answer);
    this.#changed.fire();
  }

  #key(folder: string): string {
    const concept = this.concept();
    return concept === undefined ? `model:${folder}` : `model:${folder}:${concept}`;
  }
}
