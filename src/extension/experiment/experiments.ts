import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Emitter } from "vscode-jsonrpc";
import type { Progress } from "../../protocol/engine.ts";
import type { Recording } from "../../protocol/labExperiment.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { isCancelled, messageOf } from "../engine/engineError.ts";
import type { Log } from "../engine/log.ts";
import type { ChosenModel } from "../models/chosenModel.ts";
import type { ModelService } from "../models/modelService.ts";
import { measureEventLoopDelay } from "./eventLoopDelay.ts";
import { Rate } from "./rate.ts";
import type { Reports } from "./reports.ts";

type Phase = Extract<Recording, { state: "running" }>["phase"];

/** Records the experiment of the chosen model with the chosen names, analyses it, and sweeps the vector's scale. */
export class Experiments {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  #recording: Recording = { state: "none" };
  #abort: AbortController | undefined;

  constructor(
    private readonly engine: EngineClient,
    private readonly chosen: ChosenModel,
    private readonly models: ModelService,
    private readonly reports: Reports,
    private readonly storageFolder: string,
    private readonly log: Log,
    private readonly failed: (error: unknown) => void,
  ) {}

  get recording(): Recording {
    return this.#recording;
  }

  get isRunning(): boolean {
    return this.#recording.state === "running";
  }

  /** Records, or goes on where an earlier run with these names stopped. Ends in the state, not in an exception. */
  async record(namesFile: string | undefined): Promise<void> {
    if (this.isRunning) return;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const stopMeasuring = measureEventLoopDelay();
    let done = 0;
    let total = 0;
    const follow = (phase: Phase) => {
      const rate = new Rate();
      const show = (progress: Progress) => {
        if (phase === "record") ({ done, total } = progress);
        const { perSecond, secondsLeft } = rate.update(progress.done, progress.total);
        const lastNames = (progress.detail?.names ?? []).slice(-5);
        const { done: count, total: all } = progress;
        this.#set({
          state: "running",
          phase,
          done: count,
          total: all,
          namesPerSecond: perSecond,
          secondsLeft,
          lastNames,
        });
      };
      show({ phase, done: 0, total: 0 });
      return { signal, progress: show };
    };
    try {
      const model = this.chosen.folder;
      const folder = await this.#folder(model, namesFile);
      await this.engine.request("record", { namesFile, folder }, follow("record"));
      await this.engine.request("analyze", { folder }, follow("analyze"));
      await this.engine.request("transfer", { folder }, follow("sweep"));
      await this.reports.setRecorded(model, folder);
      await this.reports.load(model);
      await this.models.reopen();
      this.#set({ state: "none" });
    } catch (error) {
      const failure = isCancelled(error) ? null : { message: messageOf(error) };
      if (failure) this.failed(error);
      this.#set({ state: "stopped", done, total, failure });
    } finally {
      this.#abort = undefined;
      const { p50, p99, max } = stopMeasuring();
      const figures = [p50, p99, max].map((delay) => delay.toFixed(1));
      this.log.info(
        `Event-loop delay while recording: p50 ${figures[0]} ms, p99 ${figures[1]} ms, max ${figures[2]} ms`,
      );
    }
  }

  /** Stops the recording; the finished edits are kept. */
  cancel(): void {
    this.#abort?.abort();
  }

  /** Back to the shipped data set; the recorded files stay where they are. */
  async discard(): Promise<void> {
    await this.reports.setRecorded(this.chosen.folder, undefined);
    await this.reports.load(this.chosen.folder);
    this.#set({ state: "none" });
    await this.models.reopen();
  }

  /** One data set for each model and names file, so that the same request finds what it has begun. */
  async #folder(model: string, namesFile: string | undefined): Promise<string> {
    const key = createHash("sha256")
      .update(JSON.stringify([model, namesFile ?? null]))
      .digest("hex")
      .slice(0, 16);
    const folder = join(this.storageFolder, "experiments", key);
    await mkdir(folder, { recursive: true });
    return folder;
  }

  #set(recording: Recording): void {
    this.#recording = recording;
    this.#changed.fire();
  }
}
