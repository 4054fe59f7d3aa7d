import type { Description } from "../../protocol/engine.ts";
import { contextCount, optimiserOf } from "../rome/hyperParameters.ts";
import { runtimeVersions } from "../runtime/onnxruntime.ts";
import type { Engine } from "./engine.ts";

/** The open model, what a request that says nothing else gets, and the process that runs it. */
export async function describe(engine: Engine): Promise<Description> {
  const { rome, name, experiment } = await engine.open();
  const { checkpoint, architecture, size } = rome.model;
  const elements = [...checkpoint.weights.values()].map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  return {
    model: {
      name,
      folder: checkpoint.folder,
      fingerprint: checkpoint.fingerprint,
      architecture: architecture.family,
      parameters: elements.reduce((sum, count) => sum + count, 0),
      width: size.width,
      layers: size.layers,
      editLayer: rome.hyperParameters.layers[0] as number,
      weightType: [...checkpoint.weights.values()][0]?.type ?? "",
    },
    defaults: {
      concept: engine.concept,
      contexts: contextCount(rome.hyperParameters),
      hyperParameters: optimiserOf(rome.hyperParameters),
      origin: rome.origin,
    },
    runtime: {
      ...runtimeVersions(),
      electron: process.versions.electron !== undefined,
      device: rome.model.options.device,
    },
    memoryBytes: process.memoryUsage.rss(),
    hasExperiment: experiment !== undefined,
  };
}

/** Chooses another model ("embedded", a folder, or one of the Hub's in the cache) with its data set, and opens it. */
export async function openModel(
  engine: Engine,
  { folder, experimentFolder }: { folder: string; experimentFolder?: string },
): Promise<Description> {
  engine.use(folder, experimentFolder);
  return describe(engine);
}
