import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { Emitter } from "vscode-jsonrpc";
import { messageOf } from "../engine/engineError.ts";
import type { Log } from "../engine/log.ts";
import { finishedCard, fromFinished, type ResultCard, toFinished } from "./cards.ts";

/** Cards that are kept; older ones leave, those whose edit is on excepted. */
const capacity = 200;

/**
 * The results of this workspace, newest first. Finished ones are kept as one file each (an edit of a large model is
 * some hundred kilobytes), so that they survive a reload of the window.
 */
export class ResultStore {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  #cards: readonly ResultCard[] = [];
  #writes: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly folder: string,
    private readonly log: Log,
    private readonly isKept: (id: string) => boolean,
  ) {}

  get cards(): readonly ResultCard[] {
    return this.#cards;
  }

  find(id: string): ResultCard | undefined {
    return this.#cards.find((card) => card.id === id);
  }

  /** Reads what an earlier window has left. A damaged file is skipped and logged. */
  async load(): Promise<void> {
    const files = await readdir(this.folder).catch(() => []);
    const stored = await Promise.all(files.filter((file) => file.endsWith(".json")).map((file) => this.#read(file)));
    const known = new Set(this.#cards.map(({ id }) => id));
    const loaded = stored.filter((card) => card !== undefined).filter((card) => !known.has(card.id));
    if (loaded.length === 0) return;
    this.#cards = [...this.#cards, ...loaded].sort((a, b) => b.created - a.created);
    this.#changed.fire();
  }

  add(...cards: ResultCard[]): void {
    const all = [...cards, ...this.#cards];
    const leaving = all.slice(capacity).filter((card) => card.body.state !== "running" && !this.isKept(card.id));
    this.#cards = all.filter((card) => !leaving.includes(card));
    for (const { id } of leaving) this.#delete(id);
    this.#changed.fire();
  }

  /** Replaces cards by their ids; one that was removed meanwhile stays away. Those that are done go to disk. */
  update(...cards: ResultCard[]): void {
    const byId = new Map(cards.map((card) => [card.id, card]));
    this.#cards = this.#cards.map((card) => {
      const next = byId.get(card.id);
      if (next && next.body.state === "done" && card.body.state !== "done") this.#write(next);
      return next ?? card;
    });
    this.#changed.fire();
  }

  remove(...ids: string[]): void {
    this.#cards = this.#cards.filter((card) => !ids.includes(card.id));
    for (const id of ids) this.#delete(id);
    this.#changed.fire();
  }

  /** Brings removed cards back to their places, on disk, too. */
  restore(...cards: ResultCard[]): void {
    const known = new Set(this.#cards.map(({ id }) => id));
    const back = cards.filter(({ id }) => !known.has(id));
    this.#cards = [...this.#cards, ...back].sort((a, b) => b.created - a.created);
    for (const card of back) this.#write(card);
    this.#changed.fire();
  }

  /** Resolves when everything so far is on disk. */
  async settled(): Promise<void> {
    await this.#writes;
  }

  async #read(file: string): Promise<ResultCard | undefined> {
    try {
      return fromFinished(v.parse(finishedCard, JSON.parse(await readFile(join(this.folder, file), "utf8"))));
    } catch (error) {
      this.log.warn(`The stored result ${file} cannot be read and is left out: ${messageOf(error)}`);
      return undefined;
    }
  }

  #write(card: ResultCard): void {
    const finished = toFinished(card);
    if (!finished) return;
    const path = this.#path(card.id);
    this.#queue(async () => {
      await mkdir(this.folder, { recursive: true });
      await writeFile(`${path}.part`, JSON.stringify(finished));
      await rename(`${path}.part`, path);
    });
  }

  #delete(id: string): void {
    this.#queue(() => rm(this.#path(id), { force: true }));
  }

  /** One file operation after the other, so that a result that is removed at once does not come back. */
  #queue(operation: () => Promise<unknown>): void {
    this.#writes = this.#writes.then(operation).catch((error: unknown) => {
      this.log.error(`A result could not be stored: ${messageOf(error)}`);
    });
  }

  #path(id: string): string {
    return join(this.folder, `${id}.json`);
  }
}
