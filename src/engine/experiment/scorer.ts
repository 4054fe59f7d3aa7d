import { join } from "node:path";
import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import { shellWord } from "../../text/shell.ts";
import { anyObject } from "../checkpoint/sourceFile.ts";
import type { Scorer } from "../edits/flip.ts";
import { readText } from "../files/readText.ts";
import { schemaFault } from "../files/schema.ts";
import { dot, norm } from "../numerics/vectors.ts";

/** Of classifier.json. */
const classifierSchema = 1;
const numbers = v.array(v.pipe(v.number(), v.finite()));
/** classifier.json of a data set: P(first label → second) = σ(wᵀΔv + b), and the vector g = sign(w). */
const schema = v.object({ weights: numbers, intercept: v.number(), vector: numbers });

export interface Classifier {
  readonly weights: Float32Array;
  readonly intercept: number;
  readonly vector: Float32Array;
}

/** Reads the classifier of an analysed data set; `data` error where it is missing, damaged or of another width. */
export async function readClassifier(folder: string, width: number): Promise<Classifier> {
  const path = join(folder, "classifier.json");
  const text = await readText(path).catch((cause) => {
    throw new RomeError("data", `${folder} has no classifier yet. Make it with: rome analyze ${shellWord(folder)}`, {
      cause,
    });
  });
  const json = v.safeParse(v.pipe(v.string(), v.parseJson(), anyObject), text);
  const fault = json.success ? schemaFault(json.output.schema, classifierSchema) : undefined;
  if (fault) throw new RomeError("data", `${path} ${fault}`);
  const parsed = v.safeParse(schema, json.output);
  if (!parsed.success || parsed.output.weights.length !== width || parsed.output.vector.length !== width)
    throw new RomeError("data", `${path} is damaged or belongs to a model of another width. Run rome analyze again.`);
  const { weights, intercept, vector } = parsed.output;
  return { weights: Float32Array.from(weights), intercept, vector: Float32Array.from(vector) };
}

/** Scores a Δv: the classifier's logit, and Δvᵀg/‖g‖. */
export function scorerOf({ weights, intercept, vector }: Classifier): Scorer {
  const length = norm(vector);
  return (delta) => ({ score: dot(weights, delta) + intercept, projection: dot(vector, delta) / length });
}
