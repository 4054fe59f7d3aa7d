import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { readText } from "../files/readText.ts";
import { generate } from "../model/generate.ts";
import type { Model } from "../model/model.ts";
import { fill } from "./prompt.ts";

/** How many texts the model samples, of which length: the published [[5, 10], [10, 10]]. */
export type ContextParameters = readonly (readonly [length: number, count: number])[];

const topK = 5;

/**
 * Prefix contexts, as the published code makes them: the bare "{}", and texts the model samples (top-k 5) after its
 * end-of-text token (its begin-of-text token, where texts have one), each followed by ". {}". The same seed gives the same texts on the same machine.
 */
export async function sampleContexts(
  model: Model,
  parameters: ContextParameters,
  random: () => number,
  run: Run,
): Promise<string[]> {
  const { endOfText, endTokens } = model.tokenizer;
  const begin = model.tokenizer.encode("");
  if (begin.length === 0 && endOfText !== undefined) begin.push(endOfText);
  if (begin.length === 0)
    throw new RomeError(
      "tokenizer",
      "This tokenizer has no token that ends or begins a text, to sample prefix contexts from. Use --contexts none or a file.",
    );
  const contexts = ["{}"];
  for (const [length, count] of parameters) {
    if (count === 0) continue;
    const rows = Array.from({ length: count }, () => begin);
    const choose = (logits: Float32Array) => sampleTop(logits, random);
    const { tokens } = await generate(model, rows, { maxTokens: length - 1, choose, stopAtEnd: false }, run);
    for (const ids of tokens) {
      const text = model.tokenizer
        .continued(ids.filter((id) => !endTokens.includes(id) && !begin.includes(id)))
        .replaceAll(/\s*\n\s*/g, " ")
        .replaceAll(/[{}]/g, " ");
      contexts.push(`${text}. {}`);
    }
  }
  return contexts;
}

/** One of the topK likeliest tokens, with its probability among them. */
function sampleTop(logits: Float32Array, random: () => number): number {
  const best = Array.from(logits.keys())
    .sort((a, b) => (logits[b] as number) - (logits[a] as number))
    .slice(0, topK);
  const top = logits[best[0] as number] as number;
  const weights = best.map((id) => Math.exp((logits[id] as number) - top));
  let rest = random() * weights.reduce((sum, weight) => sum + weight);
  for (const [i, id] of best.entries()) {
    rest -= weights[i] as number;
    if (rest <= 0) return id;
  }
  return best[0] as number;
}

/** Contexts from a file: a JSON array of templates with one {} each. */
export async function readContexts(path: string): Promise<string[]> {
  const text = await readText(path).catch(() => {
    throw new RomeError("input", `The contexts file ${path} cannot be read.`);
  });
  return parseContexts(text, path);
}

/** @throws RomeError "input" for what is no JSON array of contexts, naming `path` */
export function parseContexts(text: string, path: string): string[] {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson()), text);
  return checkContexts(parsed.success ? parsed.output : undefined, path);
}

const schema = v.pipe(v.array(v.pipe(v.string(), v.maxLength(10_000))), v.minLength(1), v.maxLength(1000));

export function checkContexts(value: unknown, where: string): string[] {
  const result = v.safeParse(schema, value);
  if (!result.success)
    throw new RomeError(
      "input",
      `${where} must be a JSON array of 1 to 1,000 templates, each with one {}, e.g. ["{}", "The weather. {}"].`,
    );
  for (const template of result.output) fill(template, "");
  return result.output;
}
