import { basename } from "node:path";
import { RomeError } from "../../protocol/errors.ts";
import { type Lens, type LensParams, lens as schema } from "../../protocol/lens.ts";
import type { Run } from "../../protocol/run.ts";
import { lensColumns, lensCsv } from "../../text/lensCsv.ts";
import { lensPicture } from "../../text/lensPicture.ts";
import { pictureSvg } from "../../text/picture.ts";
import { cacheOf } from "../checkpoint/fingerprint.ts";
import { defaultCorpus } from "../hub/defaultCorpus.ts";
import type { Jacobian } from "../lens/jacobian.ts";
import { type FitOptions, type FitText, fitFolder, keepFit, keptFit } from "../lens/keptFit.ts";
import { look } from "../lens/lens.ts";
import { fingerprintOf, openTexts } from "../rome/corpus.ts";
import type { Engine } from "./engine.ts";
import { liveEdits } from "./liveEdits.ts";
import { checkOutputs, json, type Outputs, type Writers } from "./outputs.ts";

export interface LensTask extends LensParams, Outputs {
  /** `.romedit` files that are on beside `edits`. */
  readonly files?: readonly string[];
  /** How a Jacobian lens is fitted; left out: as below. */
  readonly fit?: LensFitParams;
}

export interface LensFitParams extends FitOptions {
  /** Text files, or folders of .txt files; none: the model's own corpus, or else WikiText-2 of the Hub. */
  readonly texts?: readonly string[];
}

/** Of the files that the command line writes once it has printed the result. */
export const lensWriters: Writers<Lens> = {
  name: "a lens",
  schema,
  formats: { ".json": json, ".csv": lensCsv, ".svg": (found) => pictureSvg(lensPicture(found)) },
  header: lensColumns.join(","),
};

/** What each layer of the model would say of a prompt, before and after edits. A Jacobian lens is fitted first, if need be. */
export async function lens(
  engine: Engine,
  { out, files, edits, kind, fit, ...request }: LensTask,
  run: Run,
): Promise<Lens> {
  await checkOutputs(out, lensWriters);
  if (fit && kind !== "jacobian")
    throw new RomeError(
      "input",
      "Only the Jacobian lens is fitted. Add --kind jacobian, or leave out what is said of its fit.",
    );
  const live = await liveEdits(engine, { files, edits });
  const { rome, name } = await engine.open();
  const jacobian = kind === "jacobian" ? await jacobianOf(engine, fit, run) : undefined;
  return look(rome.model, name, { ...request, edits: live, jacobian }, run);
}

/** The model's mean Jacobian with these parameters: the one that is kept, or else a new one. */
async function jacobianOf(engine: Engine, fit: LensFitParams | undefined, run: Run): Promise<Jacobian> {
  const { storageFolder } = engine.options;
  const { model } = (await engine.open()).rome;
  const folder = fitFolder(cacheOf(storageFolder, model.checkpoint.fingerprint));
  const text = await textOf(engine, fit?.texts ?? [], run);
  const kept = fit ? undefined : await keptFit(model, folder, text, {});
  return kept ?? keepFit(model, folder, text, fit ?? {}, run);
}

async function textOf(engine: Engine, texts: readonly string[], run: Run): Promise<FitText> {
  const { covariances } = (await engine.open()).rome;
  if (texts.length > 0)
    return { name: texts.map((text) => basename(text)).join(", "), ...(await openTexts(texts, run)) };
  const own = await covariances.ownCorpus();
  if (own) return { name: "corpus.txt of the model", fingerprint: fingerprintOf(own), documents: () => own };
  const path = await defaultCorpus(engine.options.storageFolder, run);
  return { name: "WikiText-2", ...(await openTexts([path], run)) };
}
