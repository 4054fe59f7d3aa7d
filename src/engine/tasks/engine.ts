import { join } from "node:path";
import type { Concept } from "../../protocol/concept.ts";
import type { EngineOptions } from "../../protocol/engine.ts";
import { RomeError } from "../../protocol/errors.ts";
import { readConcept } from "../concept/concept.ts";
import type { Scorer } from "../edits/flip.ts";
import { Dataset } from "../experiment/dataset.ts";
import { type Manifest, requireModel } from "../experiment/manifest.ts";
import { type Classifier, readClassifier, scorerOf } from "../experiment/scorer.ts";
import { Rome } from "../rome/rome.ts";
import { span } from "../run/timeline.ts";
import { embeddedFolder, resolveModel } from "./models.ts";

/** Where the shipped data set of the embedded model lies among the shipped files. */
export function shippedExperiment(assets: string): string {
  return join(embeddedFolder(assets), "experiment");
}

/** A model, opened, with what was recorded of it. */
export interface Opened {
  readonly rome: Rome;
  /** What the user calls it. */
  readonly name: string;
  /** The data set whose classifier scores edits; undefined where there is none for this model. */
  readonly experiment: Recorded | undefined;
}

/** An analysed data set of the open model. */
export interface Recorded {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly classifier: Classifier;
  readonly scorer: Scorer;
}

/** What every task works on: the chosen model, opened by the first task that needs it, and the concept. */
export class Engine {
  #opened: Promise<Opened> | undefined;
  #model: string;
  #experimentFolder: string | undefined;

  private constructor(
    readonly options: EngineOptions,
    /** What requests are about that name no concept of their own. */
    readonly concept: Concept,
  ) {
    this.#model = options.model;
    this.#experimentFolder = options.experimentFolder;
  }

  /**
   * The engine for these options. No model is opened yet.
   *
   * @param conceptFile what requests are about; left out: gender
   * @param conceptText its text, where that is not to be read from the file
   * @throws RomeError "input" for a concept file that cannot be read
   */
  static async create(options: EngineOptions, conceptFile?: string, conceptText?: string): Promise<Engine> {
    const file = conceptFile ?? join(options.assetsFolder, "data", "gender.json");
    return new Engine(options, await readConcept(file, conceptText));
  }

  /** Chooses another model; the old sessions go with the last reference to them. */
  use(model: string, experimentFolder?: string): void {
    this.#model = model;
    this.#experimentFolder = experimentFolder;
    this.#opened = undefined;
  }

  /** Its hyper-parameters have changed: the next task opens the model anew. */
  reopen(): void {
    this.#opened = undefined;
  }

  /** The open model; opened by the first request that needs it. */
  open(): Promise<Opened> {
    if (!this.#opened) {
      const opened = this.#open();
      this.#opened = opened;
      opened.catch(() => {
        if (this.#opened === opened) this.#opened = undefined;
      });
    }
    return this.#opened;
  }

  /**
   * The recorded data of the open model, or that of a folder.
   *
   * @throws RomeError "data" where there is none, or the folder holds no analysed data set of this model
   */
  async recorded(folder?: string): Promise<Recorded> {
    const { rome, experiment } = await this.open();
    if (folder !== undefined) return readRecorded(folder, rome);
    if (experiment) return experiment;
    throw new RomeError(
      "data",
      "There is no recorded experiment for this model yet, so there is no vector to apply. Record one first.",
    );
  }

  async #open(): Promise<Opened> {
    const { threads, device, memoryBytes, storageFolder, assetsFolder } = this.options;
    const { name, folder } = await resolveModel(this.#model, assetsFolder, storageFolder);
    const rome = await Rome.open(folder, {
      storage: storageFolder,
      threads,
      device,
      memory: memoryBytes,
    });
    return { rome, name, experiment: await span("recorded data", () => this.#experimentOf(rome)) };
  }

  /** The data set beside the model, or else the shipped one, if it is of this very model and of the concept. */
  async #experimentOf(rome: Rome): Promise<Recorded | undefined> {
    for (const folder of [this.#experimentFolder, shippedExperiment(this.options.assetsFolder)]) {
      const recorded = folder && (await readRecorded(folder, rome).catch(() => undefined));
      if (recorded && isAbout(recorded.manifest, this.concept)) return recorded;
    }
    return undefined;
  }
}

/** What was recorded is the concept's question, with its answers. */
export function isAbout({ prompt, targets }: Manifest, concept: Concept): boolean {
  return prompt === concept.prompt && targets.every(({ label }, i) => label === concept.targets[i]?.label);
}

/** @throws RomeError "data" for a folder without an analysed data set of this very model */
async function readRecorded(folder: string, rome: Rome): Promise<Recorded> {
  const { manifest } = await Dataset.open(folder);
  requireModel(folder, manifest, { name: "the open model", fingerprint: rome.model.checkpoint.fingerprint });
  const classifier = await readClassifier(folder, rome.model.size.width);
  return { folder, manifest, classifier, scorer: scorerOf(classifier) };
}
