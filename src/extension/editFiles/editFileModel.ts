import { basename } from "node:path";
import { Emitter } from "vscode-jsonrpc";
import type { EditFileMessage, ShownComparison } from "../../protocol/editFileView.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { messageOf } from "../engine/engineError.ts";
import type { ModelService } from "../models/modelService.ts";
import { type EditStore, isSame, type LiveEdit } from "../results/editStore.ts";
import { type FileEdit, type FileEdits, toFileEdits } from "../results/fileEdits.ts";

/** What the model of an open file needs. */
export interface EditFileServices {
  engine: Pick<EngineClient, "request">;
  models: Pick<ModelService, "describe">;
  edits: EditStore;
  fileEdits: FileEdits;
  /** Failures are shown on the page; this one logs them. */
  failed: (error: unknown) => void;
}

/** An open `.romedit` file: what its page shows, and what the page can do. */
export class EditFileModel {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #subscription: { dispose(): void };
  #body: EditFileMessage["body"] = { state: "reading" };
  #comparison: ShownComparison | null = null;
  #edits: readonly FileEdit[] = [];
  /** Only the answer to the newest reading, and to the newest comparison, counts. */
  #reading = 0;
  #comparing = 0;

  constructor(
    readonly path: string,
    private readonly services: EditFileServices,
  ) {
    this.#subscription = services.edits.onDidChange(() => this.#changed.fire());
  }

  get state(): EditFileMessage {
    return { type: "state", file: basename(this.path), body: this.#withSwitches(), comparison: this.#comparison };
  }

  /** Reads the file, anew if it or the open model has changed; a failure becomes the page's text. */
  async read(): Promise<void> {
    const turn = ++this.#reading;
    const { engine, models, edits, fileEdits, failed } = this.services;
    try {
      const file = await engine.request("readEdits", { file: this.path });
      // Which model is open must be known before an edit is switched on.
      await models.describe();
      if (turn !== this.#reading) return;
      this.#edits = toFileEdits(this.path, file);
      fileEdits.refresh(this.path, this.#edits);
      this.#body = {
        state: "done",
        model: file.model,
        differences: file.differences,
        edits: file.edits.map(({ entry }, i) => ({ id: this.#edits[i]?.id as string, entry, on: false })),
      };
      // What an earlier window left on is on again.
      const left = this.#edits.filter(({ id }) => edits.isOn(id));
      if (left.length > 0) fileEdits.add(...left);
    } catch (error) {
      if (turn !== this.#reading) return;
      failed(error);
      this.#edits = [];
      this.#body = { state: "failed", failure: { message: messageOf(error) } };
    }
    this.#changed.fire();
  }

  /** Switches edits of the file, a batch as a whole, each where it is live already; edits of another model stay off. */
  toggle(ids: readonly string[], on: boolean): void {
    if (this.#body.state !== "done" || (on && this.#body.differences.length > 0)) return;
    const batches = new Set(this.#edits.filter(({ id }) => ids.includes(id)).map(({ batch }) => batch));
    const chosen = this.#edits.filter(
      ({ id, batch }) => ids.includes(id) || (batch !== undefined && batches.has(batch)),
    );
    const live = new Map(chosen.map((edit) => [edit, this.#live(edit)]));
    if (on) this.services.fileEdits.add(...chosen.filter((edit) => !live.get(edit)));
    this.services.edits.set(
      chosen.map((edit) => (live.get(edit) ?? edit).id),
      on,
    );
  }

  /** Sets another file beside this one. */
  async compare(other: string): Promise<void> {
    const turn = ++this.#comparing;
    const file = basename(other);
    this.#show({ state: "running", file });
    try {
      const result = await this.services.engine.request("compareEdits", { files: [this.path, other] });
      if (turn === this.#comparing) this.#show({ state: "done", file, result });
    } catch (error) {
      this.services.failed(error);
      if (turn === this.#comparing) this.#show({ state: "failed", file, failure: { message: messageOf(error) } });
    }
  }

  closeComparison(): void {
    this.#comparing++;
    this.#show(null);
  }

  dispose(): void {
    this.#reading++;
    this.#comparing++;
    this.#subscription.dispose();
    this.#changed.dispose();
  }

  #show(comparison: ShownComparison | null): void {
    this.#comparison = comparison;
    this.#changed.fire();
  }

  #withSwitches(): EditFileMessage["body"] {
    if (this.#body.state !== "done") return this.#body;
    const on = new Set(this.#edits.filter((edit) => this.#live(edit)?.on).map(({ id }) => id));
    return { ...this.#body, edits: this.#body.edits.map((edit) => ({ ...edit, on: on.has(edit.id) })) };
  }

  /** An edit of the file among the live ones: itself, or the one that it is a copy of; of several the one that is on. */
  #live({ id, edit }: FileEdit): LiveEdit | undefined {
    const fits = this.#body.state === "done" && this.#body.differences.length === 0;
    const same = this.services.edits.all.filter((one) => one.id === id || (fits && one.fits && isSame(one.edit, edit)));
    return same.find(({ on }) => on) ?? same[0];
  }
}
