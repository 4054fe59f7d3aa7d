import { RomeError } from "../../protocol/errors.ts";
import { castsAtUse } from "../graph/weights.ts";
import type { Model } from "../model/model.ts";
import { cardMemory } from "../runtime/cardMemory.ts";
import { freeMemory } from "../runtime/freeMemory.ts";
import { locate } from "./prompt.ts";

/** What a request takes room for: its prompt, and the longest of what may be written after it. */
export interface Extent {
  readonly template: string;
  readonly subject: string;
  readonly targets: readonly string[];
}

/** Of the memory that is free, what a batch may take where no budget is given: others are at work, too. */
const shareOfFree = 0.5;
/** Bytes of activations on a device that does not say what it has free. */
const activationMemory = 2 ** 29;
/** Tokens above the edit that a batch has at most where weights are cast at each use; see `useful`. */
const mostTokens = 448;

/**
 * More names than this a batch gain nothing. On the processor, what is at work leaves the cache and the products wait for
 * memory; weights that are cast at each use are so for all names at once, which hardly counts from some hundred tokens on
 * (`npm run bench:profile`, width 1,024: 4 names in 21 contexts, 352 tokens, at 81 to 88 % of the product rate, 16 at 60 %).
 */
function useful({ device, policy }: Model["options"], tokensPerName: number): number {
  if (device !== "cpu") return 64;
  return castsAtUse(policy) ? Math.min(16, Math.floor(mostTokens / tokensPerName)) : 6;
}

/**
 * Names a batch: what the memory budget holds, beside the model, of the activations that the backward pass needs. They
 * are those of the tokens from the lookup position on, above the edit layer; what stands before is keys and values.
 *
 * @param memory bytes for all; left out: what can be had of what is free now
 * @throws RomeError "memory" where not even one name fits
 */
export function batchSize(
  model: Model,
  requests: readonly Extent[],
  contexts: readonly string[],
  layer: number,
  memory?: number,
): number {
  const { tokens, perName } = needsOf(model, requests, contexts, layer);
  const base = model.residentBytes();
  const fitting = Math.floor((memory === undefined ? usual(model) : memory - base) / perName);
  if (fitting < 1 && memory !== undefined)
    throw new RomeError(
      "memory",
      `One name with ${contexts.length} contexts needs about ${Math.ceil((base + perName) / 2 ** 20)} MB in all; allow more memory or fewer contexts.`,
    );
  return Math.max(1, Math.min(useful(model.options, tokens * (contexts.length + 1)), fitting));
}

/**
 * How many processes that each solve batches of this size, with a model of their own, the memory holds beside this one.
 *
 * @param memory as of `batchSize`
 */
export function processesWithin(
  model: Model,
  requests: readonly Extent[],
  contexts: readonly string[],
  layer: number,
  size: number,
  memory = usual(model),
): number {
  const { perName } = needsOf(model, requests, contexts, layer);
  const base = model.residentBytes();
  return Math.floor((memory - base) / (base + size * perName));
}

/** The tokens above the edit that a name has at most, and the bytes of its activations. */
function needsOf(model: Model, requests: readonly Extent[], contexts: readonly string[], layer: number) {
  const { width: d, inner: m, layers, heads, vocabulary } = model.size;
  const { tokens, past } = longest(model, requests, contexts);
  const perToken = (layers - layer) * (14 * d + 10 * m + 4 * heads * (past + tokens));
  const perRow = 4 * (tokens * perToken + 2 * past * d * layers + 2 * vocabulary);
  return { tokens, perName: perRow * (contexts.length + 1) };
}

function usual({ options: { device } }: Model): number {
  if (device === "cpu") return shareOfFree * freeMemory();
  const card = device === "cuda" ? cardMemory() : 0;
  return card === 0 ? activationMemory : shareOfFree * card;
}

/** The most tokens of any request before its lookup position, and from there to its last target token. */
function longest({ tokenizer }: Model, requests: readonly Extent[], contexts: readonly string[]) {
  const prefix = Math.max(...contexts.map((context) => tokenizer.encode(context.replace("{}", "")).length));
  const lengths = new Map<string, number>();
  const targetLength = (text: string) => {
    const length = lengths.get(text) ?? tokenizer.continuation(text).length;
    lengths.set(text, length);
    return length;
  };
  let [tokens, past] = [1, 0];
  for (const { template, subject, targets } of requests) {
    const located = locate(tokenizer, template, subject);
    const written = Math.max(1, ...targets.map(targetLength)) - 1;
    tokens = Math.max(tokens, located.tokens.length - located.lookup + written);
    past = Math.max(past, prefix + located.lookup);
  }
  return { tokens, past };
}
