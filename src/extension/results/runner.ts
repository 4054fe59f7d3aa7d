import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Concept } from "../../protocol/concept.ts";
import type { HealthLimits } from "../../protocol/editEntry.ts";
import type { FlipOptions } from "../../protocol/editOptions.ts";
import type { Call, Progress } from "../../protocol/engine.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { isCancelled, messageOf } from "../engine/engineError.ts";
import type { ModelService } from "../models/modelService.ts";
import type { ApplicationCard, CompletionCard, FlipCard, Origin, ResultCard } from "./cards.ts";
import { changeKey, type EditStore, type LiveEdit } from "./editStore.ts";
import type { ResultStore } from "./resultStore.ts";

/** Tokens listed as candidates for the next one. */
const candidates = 10;

/** What a flip takes where its request says nothing else: the settings. */
export interface FlipDefaults {
  maxTokens: number;
  limits: HealthLimits;
}

/** What a run gets beside its request. */
export interface RunOptions {
  /** Told as soon as the cards are there, before anything is computed. */
  started?: (ids: string[]) => void;
  progress?: (progress: Progress) => void;
  /** Where each name stood. */
  origins?: ReadonlyMap<string, Origin>;
}

/** Runs requests of the engine as cards of the result store: there at once, then with progress, then with the result. */
export class Runner {
  readonly #running = new Map<string, AbortController>();

  constructor(
    private readonly engine: EngineClient,
    private readonly models: ModelService,
    private readonly results: ResultStore,
    private readonly edits: EditStore,
    /** What a flip takes where its request says nothing else. */
    private readonly defaults: () => FlipDefaults,
    /** Failures are shown on the card; this one logs them and tells the user where the card is not in sight. */
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Flips names in one batch and switches on the edits that were not rolled back. Resolves with the cards as they ended. */
  async flip(names: readonly string[], options: FlipOptions = {}, run: RunOptions = {}): Promise<FlipCard[]> {
    const request = { ...this.defaults(), ...options };
    const now = Date.now();
    const cards = names.map(
      (name, i): FlipCard => ({
        ...this.#blank(now + names.length - i),
        kind: "flip",
        name,
        options: request,
        ...originOf(name, run),
        body: { state: "running", progress: null },
        nearest: null,
      }),
    );
    const done = await this.#run(cards, run, async (call) => {
      const results = await this.engine.request("flip", { names: [...names], ...request }, call);
      return cards.map((card, row) => ({ ...card, body: { state: "done" as const, result: results[row]! } }));
    });
    // An edit that failed never replaces one that works.
    const working = new Set(this.edits.on.map(changeKey));
    const good = done.filter(({ body }) => {
      if (body.state !== "done") return false;
      const { flipped, health } = body.result.view;
      return !health.rolledBack && (flipped || !working.has(changeKey(body.result.view)));
    });
    this.edits.set(
      good.map(({ id }) => id),
      true,
    );
    return done;
  }

  /** The edit by which a flip of the name, with the same options, succeeded before; it may be off. */
  flipped(name: string, concept: Concept, options: FlipOptions = {}): LiveEdit | undefined {
    return this.#made(name, concept, (card) => {
      if (card.kind !== "flip" || card.body.state !== "done") return undefined;
      const { view } = card.body.result;
      const same = view.flipped && isDeepStrictEqual(card.options, { ...this.defaults(), ...options });
      return same ? view.prompt : undefined;
    });
  }

  /**
   * The edit that wrote the vector for the name before, at this scale and with this sign or any, and changed it; it may
   * be off.
   *
   * @param since when the vector was recorded: what is older was made of another
   */
  applied(
    name: string,
    concept: Concept,
    { scale, sign, since }: { scale: number; sign?: 1 | -1 | undefined; since: number },
  ): LiveEdit | undefined {
    return this.#made(name, concept, (card) => {
      if (card.kind !== "application" || card.body.state !== "done" || card.created < since) return undefined;
      const same = sign === undefined ? Math.abs(card.scale) === scale : card.scale === sign * scale;
      return same && card.body.result.changed ? card.body.result.prompt : undefined;
    });
  }

  /** The edit between the concept's answers whose card was asked the concept's prompt; of a card that does not count `promptOf` gives none. */
  #made(
    name: string,
    { prompt, targets }: Concept,
    promptOf: (card: ResultCard) => string | undefined,
  ): LiveEdit | undefined {
    const labels = targets.map(({ label }) => label);
    const asked = prompt.replace("{}", () => name);
    return this.edits.all.find(({ id, fits, from, to }) => {
      const card = this.results.find(id);
      return fits && card && promptOf(card) === asked && [from, to].every((label) => labels.includes(label));
    });
  }

  /** Completes a prompt with the edits that are on. */
  async complete(prompt: string, run: RunOptions = {}): Promise<void> {
    const on = this.edits.on;
    const card: CompletionCard = {
      ...this.#blank(),
      kind: "completion",
      prompt,
      edits: on.map(({ name }) => name),
      body: { state: "running", progress: null },
    };
    const edits = on.map(({ edit }) => edit);
    await this.#run([card], run, async (call) => {
      const request = { prompt, maxTokens: this.defaults().maxTokens, topK: candidates, edits };
      return [{ ...card, body: { state: "done", result: await this.engine.request("complete", request, call) } }];
    });
  }

  /**
   * Writes the vector for names, with this sign or the one that changes each, and switches on the edits that did.
   *
   * @param scale above 0
   */
  async apply(names: readonly string[], scale: number, sign?: 1 | -1, run: RunOptions = {}): Promise<void> {
    const now = Date.now();
    const cards = names.map(
      (name, i): ApplicationCard => ({
        ...this.#blank(now + names.length - i),
        kind: "application",
        name,
        scale: scale * (sign ?? 1),
        ...(sign && { sign }),
        ...originOf(name, run),
        body: { state: "running", progress: null },
      }),
    );
    const { maxTokens } = this.defaults();
    const done = await this.#run(cards, run, async (call) => {
      const params = { names: [...names], scale, maxTokens, ...(sign && { sign }) };
      const results = await this.engine.request("vectorEdits", params, call);
      return cards.map((card, row) => {
        const { view, scale: signed, edit } = results[row]!;
        return { ...card, scale: signed, edit, body: { state: "done" as const, result: view } };
      });
    });
    const changed = done.filter(({ body }) => body.state === "done" && body.result.changed);
    this.edits.set(
      changed.map(({ id }) => id),
      true,
    );
  }

  /** The same request again, as a new card. */
  async again(id: string, run: RunOptions = {}): Promise<void> {
    const card = this.results.find(id);
    if (card?.kind === "completion") return this.complete(card.prompt, run);
    if (!card) return;
    const origins = new Map(card.origin && [[card.name, card.origin]]);
    if (card.kind === "flip") await this.flip([card.name], card.options, { ...run, origins });
    else await this.apply([card.name], Math.abs(card.scale), card.sign, { ...run, origins });
  }

  /** Finds the recorded names whose Δv is nearest to that of a flip. */
  async findNearest(id: string): Promise<void> {
    const card = this.results.find(id);
    if (card?.kind !== "flip" || card.body.state !== "done") return;
    const nearest = await this.engine.request("nearest", { edit: card.body.result.saved.edit, count: candidates });
    this.results.update({ ...card, nearest });
  }

  /** Stops the batch that a card belongs to; its cards disappear. */
  cancel(id: string): void {
    this.#running.get(id)?.abort();
  }

  /** @param created of a batch a millisecond apart: its order is that of its times, in the next window, too */
  #blank(created = Date.now()) {
    return { id: randomUUID(), created, model: null };
  }

  async #run<C extends ResultCard>(
    cards: readonly C[],
    { started, progress: listener }: RunOptions,
    work: (call: Call) => Promise<C[]>,
  ): Promise<C[]> {
    const ids = cards.map(({ id }) => id);
    const abort = new AbortController();
    for (const id of ids) this.#running.set(id, abort);
    this.results.add(...cards);
    started?.(ids);
    const progress = (progress: Progress) => {
      this.results.update(...cards.map((card) => ({ ...card, body: { state: "running" as const, progress } })));
      listener?.(progress);
    };
    const call = { signal: abort.signal, progress };
    try {
      const { model } = await this.models.describe({ signal: abort.signal });
      const reference = { name: model.name, fingerprint: model.fingerprint };
      const done = (await work(call)).map((card) => ({ ...card, model: reference }));
      this.results.update(...done);
      return done;
    } catch (error) {
      if (isCancelled(error)) {
        this.results.remove(...ids);
        return [];
      }
      this.failed(error);
      const failure = { message: messageOf(error) };
      const failed = cards.map((card) => ({ ...card, body: { state: "failed" as const, failure } }));
      this.results.update(...failed);
      return failed;
    } finally {
      for (const id of ids) this.#running.delete(id);
    }
  }
}

function originOf(name: string, { origins }: RunOptions): { origin?: Origin } {
  const origin = origins?.get(name);
  return origin ? { origin } : {};
}
