import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import type { Memento } from "vscode";
import { Emitter } from "vscode-jsonrpc";
import type { Pretrained } from "../../protocol/labExperiment.ts";
import type { Report } from "../../protocol/results.ts";
import { storedReport } from "../../protocol/storedReport.ts";
import { messageOf } from "../engine/engineError.ts";
import type { Log } from "../engine/log.ts";
import { embedded } from "../models/chosenModel.ts";
import { Newest } from "../newest.ts";
import { stored } from "../stored.ts";
import { summaryOf } from "./pretrained.ts";

export type ReportSource = "shipped" | "recorded";

/**
 * The report of the chosen model, read from its data set by the host itself: hovers know their figures before any
 * engine was started. A data set recorded here goes before the one that is shipped for the embedded model.
 */
export class Reports {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #loads = new Newest();
  #known: readonly Report[] = [];
  #written = 0;
  #source: ReportSource | null = null;
  #pretrained: Pretrained | null = null;

  constructor(
    /** Folders of the data sets that are shipped: the embedded model's, and a pretrained one's. */
    readonly shipped: { readonly embedded: string; readonly pretrained: string },
    private readonly memento: Memento,
    /** The chosen concept's file; undefined for the usual one, whose experiment is shipped. */
    private readonly concept: () => string | undefined,
    private readonly log: Log,
  ) {}

  get report(): Report | null {
    return this.#known[0] ?? null;
  }

  /** When the report was written, in milliseconds of the epoch: its vector is no older. */
  get written(): number {
    return this.#written;
  }

  /** All that is on record of the model, the user's own first: what the hovers know. */
  get known(): readonly Report[] {
    return this.#known;
  }

  get source(): ReportSource | null {
    return this.#source;
  }

  /** What the shipped experiment on a pretrained model came to; null until `loadPretrained`, and for other concepts than its own. */
  get pretrained(): Pretrained | null {
    return this.concept() === undefined ? this.#pretrained : null;
  }

  /** Folder of the data set that was recorded here for a model. */
  recordedFolder(model: string): string | undefined {
    return stored(this.memento, this.#key(model), v.string());
  }

  /** Makes a data set, recorded with a concept, the model's own; undefined goes back to the shipped one. */
  async setRecorded(model: string, folder: string | undefined, concept: string | undefined): Promise<void> {
    await this.memento.update(keyOf(model, concept), folder);
  }

  /** Reads the report of a model anew. */
  async load(model: string): Promise<void> {
    const isNewest = this.#loads.begin();
    const recorded = this.recordedFolder(model);
    const shipped = model === embedded && this.concept() === undefined ? this.shipped.embedded : undefined;
    const fromRecorded = recorded ? await this.#read(recorded) : null;
    const fromShipped = shipped ? await this.#read(shipped) : null;
    const written = await stat(reportFile((fromRecorded ? recorded : shipped) ?? "")).catch(() => undefined);
    if (!isNewest()) return;
    this.#written = written?.mtimeMs ?? 0;
    this.#known = [fromRecorded, fromShipped].filter((report) => report !== null);
    this.#source = fromRecorded ? "recorded" : fromShipped && "shipped";
    this.#changed.fire();
  }

  /** Reads what the lab alone tells of. */
  async loadPretrained(): Promise<void> {
    if (this.#pretrained) return;
    const report = await this.#read(this.shipped.pretrained);
    this.#pretrained = report && summaryOf(report);
    this.#changed.fire();
  }

  #key(model: string): string {
    return keyOf(model, this.concept());
  }

  async #read(folder: string): Promise<Report | null> {
    const file = reportFile(folder);
    try {
      return v.parse(storedReport, JSON.parse(await readFile(file, "utf8")));
    } catch (error) {
      this.log.warn(`The experiment's report cannot be read: ${messageOf(error)} (${file})`);
      return null;
    }
  }
}

function reportFile(folder: string): string {
  return join(folder, "report.json");
}

function keyOf(model: string, concept: string | undefined): string {
  return concept === undefined ? `experiment:${model}` : `experiment:${model}:${concept}`;
}
