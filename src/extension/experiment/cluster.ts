import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import * as v from "valibot";
import type { Memento } from "vscode";
import { Emitter } from "vscode-jsonrpc";
import type { RecordOptions } from "../../protocol/editOptions.ts";
import type { JobsStatus } from "../../protocol/jobs.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { messageOf } from "../engine/engineError.ts";
import type { Log } from "../engine/log.ts";
import type { ChosenModel } from "../models/chosenModel.ts";
import type { ModelService } from "../models/modelService.ts";
import { stored } from "../stored.ts";
import type { Reports } from "./reports.ts";

/** What is kept of an experiment that was handed to the cluster. */
const kept = v.object({
  model: v.string(),
  folder: v.string(),
  /** The concept's file; absent for the usual one. Another may be chosen by the time that the report is there. */
  concept: v.optional(v.string()),
});

/** An experiment that was handed to the cluster. */
export interface ClusterWork extends Readonly<v.InferOutput<typeof kept>> {
  /** As it was last seen; undefined before that. */
  readonly status?: JobsStatus;
}

const key = "rome.jobs";
const interval = 30_000;

/** Whether this machine can hand work to Slurm: a folder of the PATH holds sbatch. */
export function hasSlurm(path = process.env.PATH ?? ""): boolean {
  return path.split(delimiter).some((folder) => folder !== "" && existsSync(join(folder, "sbatch")));
}

/** Experiments in Slurm's hands: looked at now and then, until their reports are there. */
export class Cluster {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  #works: readonly ClusterWork[];
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(
    private readonly engine: EngineClient,
    private readonly reports: Reports,
    private readonly models: ModelService,
    private readonly chosen: Pick<ChosenModel, "folder">,
    private readonly memento: Memento,
    private readonly merged: (work: ClusterWork) => void,
    private readonly log: Log,
  ) {
    this.#works = stored(memento, key, v.array(kept)) ?? [];
    this.#watch();
  }

  get works(): readonly ClusterWork[] {
    return this.#works;
  }

  /** @throws EngineError in Slurm's words where it takes nothing */
  async submit(
    work: ClusterWork,
    namesFile: string | undefined,
    { shards, flags }: { readonly shards: number; readonly flags: readonly string[] },
    options: RecordOptions,
  ): Promise<void> {
    const { model, folder } = work;
    const request = { ...options, model, namesFile, folder, shards, flags: [...flags] };
    const { status } = await this.engine.request("submitExperiment", request);
    await this.#set([...this.#works.filter((other) => other.folder !== folder), { ...work, status }]);
  }

  async cancel(folder: string): Promise<void> {
    await this.engine.request("cancelJobs", { folder });
    await this.#set(this.#works.filter((work) => work.folder !== folder));
  }

  /** Looks at all; a report that is there becomes its model's own. One look at a time. */
  refresh(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    for (const work of this.#works) {
      const { model, folder } = work;
      try {
        const status = await this.engine.request("jobs", { folder });
        if (!status.merged) {
          await this.#set(this.#works.map((other) => (other.folder === folder ? { ...other, status } : other)));
          continue;
        }
        await this.reports.setRecorded(model, folder, work.concept);
        await this.reports.load(this.chosen.folder);
        await this.models.reopen();
        // Others may have been handed over meanwhile.
        await this.#set(this.#works.filter((other) => other.folder !== folder));
        this.merged(work);
      } catch (error) {
        // A scheduler that does not answer now may do so the next time.
        this.log.warn(`The jobs of ${folder} could not be looked at: ${messageOf(error)}`);
      }
    }
  }

  async #set(works: readonly ClusterWork[]): Promise<void> {
    this.#works = works;
    this.#changed.fire();
    this.#watch();
    await this.memento.update(
      key,
      works.map(({ status: _, ...work }) => work),
    );
  }

  #watch(): void {
    const isWanted = this.#works.length > 0;
    if (isWanted) this.#timer ??= setInterval(() => void this.refresh(), interval).unref();
    else this.dispose();
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
