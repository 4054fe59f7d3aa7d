import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { t } from "@vscode/l10n";
import * as v from "valibot";
import type { Memento } from "vscode";
import { Emitter } from "vscode-jsonrpc";
import { type RecordOptions, recordOptions } from "../../protocol/editOptions.ts";
import type { Progress } from "../../protocol/engine.ts";
import type { Recording } from "../../protocol/labExperiment.ts";
import { count } from "../../text/numbers.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { EngineError, isCancelled, messageOf } from "../engine/engineError.ts";
import type { Log } from "../engine/log.ts";
import type { ChosenModel } from "../models/chosenModel.ts";
import type { ModelService } from "../models/modelService.ts";
import { stored } from "../stored.ts";
import { measureEventLoopDelay } from "./eventLoopDelay.ts";
import { Rate } from "./rate.ts";
import type { Reports } from "./reports.ts";

/** What a recording will be, told before it begins. */
export interface RecordingPlan {
  names: number;
  /** What the edits take by the pace of the last recording of this model; null before there was one. */
  seconds: number | null;
  /** The new names that the vector is tried on afterwards, and what that takes; null before it was tried once. */
  trial: { names: number; seconds: number | null };
  folder: string;
  /** What an earlier run has recorded of it. */
  kept: "nothing" | "part" | "all";
}

/** What is kept of a recording that was not ended, for the next window. */
const stoppedRecording = v.object({ folder: v.string(), options: recordOptions, done: v.number(), total: v.number() });
type Stopped = v.InferOutput<typeof stoppedRecording>;
/** Milliseconds between two keepings of how far it is. */
const keptEvery = 2000;

const seconds = v.pipe(v.number(), v.finite(), v.minValue(0));

type Phase = Extract<Recording, { state: "running" }>["phase"];

/** Records the experiment of the chosen model with the chosen names, analyses it, and sweeps the vector's scale. */
export class Experiments {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  #recording: Recording = { state: "none" };
  #abort: AbortController | undefined;
  /** The recording that was stopped last, in this window or in one before it. */
  #stopped: Stopped | undefined;

  constructor(
    private readonly engine: EngineClient,
    private readonly chosen: ChosenModel,
    private readonly models: ModelService,
    private readonly reports: Reports,
    /** The chosen concept's file; undefined for the usual one. */
    private readonly concept: () => string | undefined,
    private readonly storageFolder: string,
    /** Keeps how long a name takes each model. */
    private readonly memento: Memento,
    /** Keeps what this workspace has stopped. */
    private readonly workspace: Memento,
    private readonly log: Log,
    private readonly failed: (error: unknown) => void,
  ) {
    const left = stored(workspace, stoppedKey, stoppedRecording);
    if (!left || !existsSync(left.folder)) return;
    this.#stopped = left;
    this.#recording = { state: "stopped", done: left.done, total: left.total, failure: null };
  }

  get recording(): Recording {
    return this.#recording;
  }

  /** How the recording that stands stopped was made; undefined where none does. */
  get stoppedOptions(): RecordOptions | undefined {
    return this.#recording.state === "stopped" ? this.#stopped?.options : undefined;
  }

  /** Where what it has kept lies; undefined where none stands stopped. */
  get stoppedFolder(): string | undefined {
    return this.#recording.state === "stopped" ? this.#stopped?.folder : undefined;
  }

  /** Where recordings lie, a folder each. */
  get folder(): string {
    return join(this.storageFolder, "experiments");
  }

  get isRunning(): boolean {
    return this.#recording.state === "running";
  }

  /**
   * What recording a file will be. Nothing is written.
   *
   * @throws EngineError `input` for a file that cannot be read, has mistakes, or has fewer names than are wanted
   */
  async plan(namesFile: string | undefined, options: RecordOptions = {}): Promise<RecordingPlan> {
    if (namesFile !== undefined) await this.#refuseMistakes(namesFile);
    const { recorded, labels, needed, fresh } = await this.engine.request("countNames", { namesFile });
    const { count: names = recorded } = options;
    if (names > recorded)
      throw new EngineError(
        "input",
        t("There are {0} names, fewer than the {1} to be recorded.", count(recorded), count(names)),
      );
    // A sample has its share of each label.
    const sampled = labels.map(({ label, count }) => ({ label, has: Math.floor((count * names) / (recorded || 1)) }));
    if (sampled.some(({ has }) => has < needed)) {
      const found = sampled.map(({ label, has }) => `${label} ${count(has)}`);
      throw new EngineError(
        "input",
        t(
          "These names are too few to tell the answers apart: {0}. At least {1} of each are needed.",
          found.join(", "),
          needed,
        ),
      );
    }
    const model = this.chosen.folder;
    const folder = this.#folder(model, namesFile, options);
    const timeOf = (part: Part, names: number) => {
      const perName = stored(this.memento, paceKey(part, model, options), seconds);
      return perName === undefined ? null : perName * names;
    };
    const files = await readdir(folder).catch((): string[] => []);
    const kept = files.includes("report.json") ? "all" : files.length > 0 ? "part" : "nothing";
    const trial = { names: fresh, seconds: timeOf("trial", fresh) };
    return { names, seconds: timeOf("edits", names), trial, folder, kept };
  }

  async #refuseMistakes(namesFile: string): Promise<void> {
    const label = namesFile.split(/[\\/]/).at(-1) ?? namesFile;
    const text = await readFile(namesFile, "utf8").catch((error: unknown) => {
      throw new EngineError("input", t("{0} cannot be read: {1}", label, messageOf(error)));
    });
    const problems = await this.engine.request("check", { kind: "names", text });
    const [first] = problems;
    if (!first) return;
    const told = t("{0}, line {1}: {2}.", label, first.line, first.message);
    const more = problems.length > 1 ? t("There are {0} problems in all.", problems.length) : "";
    throw new EngineError("input", `${told} ${more}`.trim());
  }

  /** Whether recording this file goes on with what was stopped last in this window. */
  goesOn(namesFile: string | undefined, options: RecordOptions = {}): boolean {
    return (
      this.#recording.state === "stopped" &&
      this.#stopped?.folder === this.#folder(this.chosen.folder, namesFile, options)
    );
  }

  /**
   * Records, or goes on where an earlier run with these names stopped. Ends in the state, not in an exception.
   *
   * @returns whether it was recorded to the end
   */
  async record(namesFile: string | undefined, options: RecordOptions = {}): Promise<boolean> {
    if (this.isRunning) return false;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const stopMeasuring = measureEventLoopDelay();
    let done = 0;
    let total = 0;
    let keptAt = Number.NEGATIVE_INFINITY;
    const keep = () => {
      keptAt = performance.now();
      return this.#keepStopped({ folder, options, done, total });
    };
    const follow = (phase: Phase) => {
      const rate = new Rate();
      const show = (progress: Progress) => {
        if (phase === "record") {
          // What stands before the names counts other things.
          if (progress.phase !== "record") return;
          ({ done, total } = progress);
          if (total > 0 && performance.now() - keptAt > keptEvery) void keep();
        }
        const { perSecond, secondsLeft } = rate.update(progress.done, progress.total);
        const lastNames = (progress.detail?.names ?? []).slice(-5);
        const { done: count, total: all } = progress;
        this.#set({
          state: "running",
          phase,
          done: count,
          total: all,
          // After the edits other things are counted.
          namesPerSecond: phase === "record" ? perSecond : null,
          secondsLeft,
          lastNames,
        });
      };
      show({ phase, done: 0, total: 0 });
      return { signal, progress: show };
    };
    const model = this.chosen.folder;
    const concept = this.concept();
    const folder = this.#folder(model, namesFile, options);
    // It runs from now on: what asks for another recording is told so before a folder is there.
    const recording = follow("record");
    try {
      await mkdir(folder, { recursive: true });
      const begin = performance.now();
      let first: number | undefined;
      const progress = (now: Progress) => {
        first ??= now.done;
        recording.progress(now);
      };
      await this.engine.request("record", { namesFile, folder, ...options }, { ...recording, progress });
      const keepPace = async (part: Part, begin: number, names: number) => {
        if (names > 0)
          await this.memento.update(paceKey(part, model, options), (performance.now() - begin) / 1000 / names);
      };
      await keepPace("edits", begin, total - (first ?? total));
      await this.engine.request("analyze", { folder }, follow("analyze"));
      const { fresh } = await this.engine.request("countNames", { namesFile });
      const tried = performance.now();
      await this.engine.request("transfer", { folder }, follow("sweep"));
      await keepPace("trial", tried, fresh);
      await this.reports.setRecorded(model, folder, concept);
      await this.reports.load(this.chosen.folder);
      await this.models.reopen();
      await this.#keepStopped(undefined);
      this.#set({ state: "none" });
      return true;
    } catch (error) {
      // What was refused leaves nothing behind.
      await rmdir(folder).catch(() => {});
      await keep();
      const failure = isCancelled(error) ? null : { message: messageOf(error) };
      if (failure) this.failed(error);
      this.#set({ state: "stopped", done, total, failure });
      return false;
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
    await this.reports.setRecorded(this.chosen.folder, undefined, this.concept());
    await this.reports.load(this.chosen.folder);
    this.#set({ state: "none" });
    await this.models.reopen();
  }

  /** Removes what a recording has kept. The model's own experiment stays, unless it is this one. */
  async remove(folder: string): Promise<void> {
    if (this.isRunning) return;
    await rm(folder, { recursive: true, force: true });
    if (folder === this.#stopped?.folder) await this.#keepStopped(undefined);
    if (this.reports.recordedFolder(this.chosen.folder) === folder) await this.discard();
    else this.#set({ state: "none" });
  }

  /** One data set for each model, names file and way of recording, so that the same request finds what it has begun. */
  #folder(model: string, namesFile: string | undefined, options: RecordOptions): string {
    const concept = this.concept();
    const differing = Object.keys(options).length === 0 ? [] : [options];
    const key = createHash("sha256")
      .update(JSON.stringify([model, namesFile ?? null, ...(concept === undefined ? [] : [concept]), ...differing]))
      .digest("hex")
      .slice(0, 16);
    return join(this.folder, key);
  }

  #keepStopped(stopped: Stopped | undefined): Thenable<void> {
    this.#stopped = stopped;
    return this.workspace.update(stoppedKey, stopped);
  }

  #set(recording: Recording): void {
    this.#recording = recording;
    this.#changed.fire();
  }
}

const stoppedKey = "stoppedRecording";

/** The parts of a recording that take long, each its own time for a name. */
type Part = "edits" | "trial";

/** A name takes as long as what its edit rests on asks for. */
function paceKey(part: Part, model: string, { count: _, ...basis }: RecordOptions): string {
  const key = part === "edits" ? `secondsPerName:${model}` : `secondsPerName:${part}:${model}`;
  const differs = JSON.stringify(basis);
  return differs === "{}" ? key : `${key}:${differs}`;
}
