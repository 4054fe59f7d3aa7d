import type { EngineApi, EngineOptions } from "../../protocol/engine.ts";
import { addModel } from "../tasks/addModel.ts";
import { analyze } from "../tasks/analyze.ts";
import { answers } from "../tasks/answers.ts";
import { apply } from "../tasks/apply.ts";
import { attribute } from "../tasks/attribute.ts";
import { check } from "../tasks/check.ts";
import { complete } from "../tasks/complete.ts";
import { countNames } from "../tasks/countNames.ts";
import { describe, openModel } from "../tasks/describe.ts";
import { compareEdits, readEdits, saveEdits } from "../tasks/editFiles.ts";
import { Engine } from "../tasks/engine.ts";
import { evaluate } from "../tasks/evaluate.ts";
import { exportModel, planExport } from "../tasks/exportModel.ts";
import { flip } from "../tasks/flip.ts";
import { cancelJobs, jobsStatus as jobsOf } from "../tasks/jobs.ts";
import { layers } from "../tasks/layers.ts";
import { lens } from "../tasks/lens.ts";
import { listModels } from "../tasks/models.ts";
import { nearest } from "../tasks/nearest.ts";
import { preflight } from "../tasks/preflight.ts";
import { planPreparation, prepare } from "../tasks/prepare.ts";
import { record } from "../tasks/record.ts";
import { referee } from "../tasks/referee.ts";
import { refereeAtHand } from "../tasks/refereeAtHand.ts";
import { speed } from "../tasks/speed.ts";
import { saveVectors, steer } from "../tasks/steer.ts";
import { submitExperiment } from "../tasks/submitExperiment.ts";
import { trace } from "../tasks/trace.ts";
import { transfer } from "../tasks/transfer.ts";
import { vectorEdits } from "../tasks/vectorEdits.ts";

/** The task behind each request of the wire. */
export function apiOf(engine: Engine): EngineApi {
  return {
    describe: () => describe(engine),
    openModel: (params) => openModel(engine, params),
    models: ({ folders }) => listModels(folders, engine.options.assetsFolder, engine.options.storageFolder),
    speed: (_, run) => speed(engine, run),
    download: (params, run) => addModel(params, engine.options.storageFolder, run),
    planPreparation: (params, run) => planPreparation(engine, params, run),
    prepare: (params, run) => prepare(engine, params, run),
    flip: (params, run) => flip(engine, params, run),
    preflight: (params, run) => preflight(engine, params, run),
    check: (params) => check(engine, params),
    countNames: (params) => countNames(engine, params),
    readEdits: (params) => readEdits(engine, params),
    saveEdits: async (params) => {
      await saveEdits(engine, params);
      return {};
    },
    exportModel: (params, run) => exportModel(engine, params, run),
    planExport: (params) => planExport(engine, params),
    compareEdits,
    answers: (params, run) => answers(engine, params, run),
    complete: (params, run) => complete(engine, params, run),
    apply: (params, run) => apply(engine, params, run),
    vectorEdits: (params, run) => vectorEdits(engine, params, run),
    nearest: (params) => nearest(engine, params),
    record: (params, run) => record(engine, params, run),
    submitExperiment: (params) => submitExperiment(engine, params),
    jobs: ({ folder }) => jobsOf(folder),
    cancelJobs: ({ folder }) => cancelJobs(folder),
    analyze: (params) => analyze(engine, params),
    transfer: (params, run) => transfer(engine, params, run),
    referee: (params, run) => referee(engine, params, run),
    trace: (params, run) => trace(engine, params, run),
    attribute: (params, run) => attribute(engine, params, run),
    steer: (params, run) => steer(engine, params, run),
    saveVectors: (params) => saveVectors(engine, params),
    lens: (params, run) => lens(engine, params, run),
    refereeAtHand: (params, run) => refereeAtHand(engine, params, run),
    layers: (params, run) => layers(engine, params, run),
    evaluate: (params, run) => evaluate(engine, params, run),
  };
}

export async function createApi(options: EngineOptions): Promise<EngineApi> {
  return apiOf(await Engine.create(options, options.conceptFile, options.conceptText));
}
