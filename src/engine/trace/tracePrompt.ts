import * as v from "valibot";
import type { TraceKind } from "../../protocol/measurements.ts";
import type { Run } from "../../protocol/run.ts";
import type { Model } from "../model/model.ts";
import { mean } from "../numerics/statistics.ts";
import type { Part } from "./layerGraphs.ts";
import { Layerwise, type Past } from "./layerwise.ts";

/** One prompt to trace. */
export interface TracedPrompt {
  readonly tokens: readonly number[];
  /** First and last token of the subject. */
  readonly start: number;
  readonly lookup: number;
  /** The tokens whose probability is followed: several where they begin forms of one label. */
  readonly targets: readonly number[];
  /** Added to the subject's token embeddings [samples, lookup + 1 − start, d]. */
  readonly noise: Float32Array;
  readonly samples: number;
  /** Layers restored together for mlp and attention. */
  readonly window: number;
}

const grid = v.array(v.array(v.number()));
/** p(target), averaged over the samples. */
export const promptTrace = v.object({
  clean: v.number(),
  corrupted: v.number(),
  /** [tokens][layers] */
  restored: v.object({ hidden: grid, mlp: grid, attention: grid }),
});
export type PromptTrace = v.InferOutput<typeof promptTrace>;

/** What one run puts back at a token: parts of the layers first … last, or (no part) all of the stream before `first`. */
interface Restoration {
  readonly part?: Part;
  readonly first: number;
  readonly last: number;
  /** Where in the grids its result belongs: neighbouring layers near the ends have the same window. */
  readonly cells: { readonly kind: TraceKind; readonly layer: number }[];
}

/** Layers l − ⌊s/2⌋ … l + ⌈s/2⌉ − 1, cut off at the ends. */
export function windowAround(layer: number, size: number, layers: number): [first: number, last: number] {
  return [Math.max(0, layer - Math.floor(size / 2)), Math.min(layers, layer + Math.ceil(size / 2)) - 1];
}

/** The different restorations of one token. */
function restorations(layers: number, window: number): Restoration[] {
  const found = new Map<string, Restoration>();
  for (let layer = 0; layer < layers; layer++) {
    const [first, last] = windowAround(layer, window, layers);
    const wanted = [
      { kind: "hidden", part: undefined, first: layer + 1, last: layer },
      { kind: "mlp", part: "mlp", first, last },
      { kind: "attention", part: "attention", first, last },
    ] as const;
    for (const { kind, ...what } of wanted) {
      const key = `${kind} ${what.first} ${what.last}`;
      const known = found.get(key) ?? { ...what, cells: [] };
      known.cells.push({ kind, layer });
      found.set(key, known);
    }
  }
  return [...found.values()].sort((a, b) => a.first - b.first);
}

/** The clean run and the corrupted ones, as far as restorations need them; by layer, `layers` + 1 streams. */
interface Base {
  /** Of the clean run: stream before each layer [n, d]; the parts' outputs of each layer. */
  readonly clean: Float32Array[];
  readonly parts: Record<Part, Float32Array[]>;
  /** Of the corrupted runs: stream before each layer [samples, n, d], and its keys and values of attention. */
  readonly corrupted: Float32Array[];
  readonly past: Past[];
}

/**
 * Causal tracing of one prompt (Meng et al. 2022, section 2.1). What restorations share is run once: attention is
 * causal, so a restoration at a token leaves everything before it as in the corrupted run (its keys and values are
 * cached), and everything below the first restored layer as well (it begins with that layer's stream). All restorations
 * of a token, and all samples, are rows of one batch, which grows from layer to layer. Progress counts layers run.
 */
export async function tracePrompt(model: Model, prompt: TracedPrompt, run: Run): Promise<PromptTrace> {
  const { layers, width: d } = model.size;
  const { samples, targets, start } = prompt;
  const n = prompt.tokens.length;
  const layerwise = new Layerwise(model, run);
  const total = layers * (1 + n - start);
  const onLayer = (done: number) => run.progress({ phase: "trace", done, total });
  const base = await runBase(layerwise, prompt);
  onLayer(layers);

  const last = (stream: Float32Array, rows: number, length: number) => {
    const ends = new Float32Array(rows * d);
    for (let row = 0; row < rows; row++)
      ends.set(stream.subarray(((row + 1) * length - 1) * d, (row + 1) * length * d), row * d);
    return ends;
  };
  const [clean] = await layerwise.probabilities(last(base.clean[layers] as Float32Array, 1, n), targets);
  const corrupted = mean(
    await layerwise.probabilities(last(base.corrupted[layers] as Float32Array, samples, n), targets),
  );
  // Nothing is corrupted before the subject, so nothing can be restored there.
  const grid = () => Array.from({ length: n }, () => Array<number>(layers).fill(corrupted));
  const restored: Record<TraceKind, number[][]> = { hidden: grid(), mlp: grid(), attention: grid() };
  const wanted = restorations(layers, prompt.window);
  for (let token = start; token < n; token++) {
    const before = layers * (1 + token - start);
    const ends = await restoreAt(layerwise, base, wanted, { token, n, samples }, (layer) => onLayer(before + layer));
    const probabilities = await layerwise.probabilities(last(ends, wanted.length * samples, n - token), targets);
    for (const [i, { cells }] of wanted.entries()) {
      const probability = mean(probabilities.slice(i * samples, (i + 1) * samples));
      for (const { kind, layer } of cells) (restored[kind][token] as number[])[layer] = probability;
    }
  }
  return { clean: clean as number, corrupted, restored };
}

/** Runs the clean prompt (row 0) and its corrupted copies through all layers. */
async function runBase(layerwise: Layerwise, { tokens, start, samples, noise }: TracedPrompt): Promise<Base> {
  const { layers, width: d } = layerwise.model.size;
  const n = tokens.length;
  const embedded = await layerwise.embed(tokens);
  let stream = new Float32Array((1 + samples) * n * d);
  const perSample = noise.length / samples;
  for (let row = 0; row <= samples; row++) stream.set(embedded, row * n * d);
  for (let sample = 0; sample < samples; sample++) {
    const at = ((1 + sample) * n + start) * d;
    for (let i = 0; i < perSample; i++)
      stream[at + i] = (stream[at + i] as number) + (noise[sample * perSample + i] as number);
  }
  const base: Base = { clean: [], parts: { mlp: [], attention: [] }, corrupted: [], past: [] };
  const keep = (values: Float32Array) => {
    base.clean.push(values.slice(0, n * d));
    base.corrupted.push(values.subarray(n * d));
  };
  keep(stream);
  for (let layer = 0; layer < layers; layer++) {
    const out = await layerwise.layer(layer, { stream, n }, ["after", "key", "value", "mlp", "attention"]);
    const perRow = out.key.length / (1 + samples);
    base.past.push({ length: n, key: out.key.subarray(perRow), value: out.value.subarray(perRow) });
    base.parts.mlp.push(out.mlp.slice(0, n * d));
    base.parts.attention.push(out.attention.slice(0, n * d));
    stream = out.after as Float32Array<ArrayBuffer>;
    keep(stream);
  }
  return base;
}

/** The stream behind the last layer, from the token on, of every restoration at it [restorations, samples, n − token, d]. */
async function restoreAt(
  layerwise: Layerwise,
  base: Base,
  wanted: readonly Restoration[],
  { token, n, samples }: { token: number; n: number; samples: number },
  onLayer: (layer: number) => void,
): Promise<Float32Array> {
  const { layers, width: d } = layerwise.model.size;
  const length = n - token;
  const each = samples * length * d;
  const cleanAt = (streams: readonly Float32Array[], layer: number) =>
    (streams[layer] as Float32Array).subarray(token * d, (token + 1) * d);
  const corruptedBefore = (layer: number) => {
    const from = base.corrupted[layer] as Float32Array;
    const tail = new Float32Array(each);
    for (let sample = 0; sample < samples; sample++)
      tail.set(from.subarray((sample * n + token) * d, (sample + 1) * n * d), sample * length * d);
    return tail;
  };
  /** The restorations' streams one after another: they begin at different layers, in this order. */
  const stream = new Float32Array(wanted.length * each);
  let begun = 0;
  const begin = (layer: number) => {
    const tail = corruptedBefore(layer);
    for (; wanted[begun]?.first === layer; begun++) {
      stream.set(tail, begun * each);
      if (wanted[begun]?.part) continue;
      for (let sample = 0; sample < samples; sample++)
        stream.set(cleanAt(base.clean, layer), begun * each + sample * length * d);
    }
  };
  for (let layer = 0; layer < layers; layer++) {
    begin(layer);
    if (begun > 0) {
      const restore = (part: Part) => ({
        clean: cleanAt(base.parts[part], layer),
        rows: Uint8Array.from({ length: begun * samples }, (_, row) => {
          const restoration = wanted[Math.floor(row / samples)];
          return restoration?.part === part && layer <= restoration.last ? 1 : 0;
        }),
      });
      const { after } = await layerwise.layer(
        layer,
        {
          stream: stream.subarray(0, begun * each),
          n: length,
          past: repeatedPast(base.past[layer] as Past, layerwise, { token, samples, times: begun }),
          restore: { mlp: restore("mlp"), attention: restore("attention") },
        },
        ["after"],
      );
      stream.set(after);
    }
    onLayer(layer + 1);
  }
  begin(layers);
  return stream;
}

/** The corrupted runs' keys and values before the token, once for each restoration. */
function repeatedPast(
  past: Past,
  layerwise: Layerwise,
  { token, samples, times }: { token: number; samples: number; times: number },
): Past {
  const { keyHeads, headSize } = layerwise.model.size;
  const repeat = (from: Float32Array) => {
    const groups = samples * keyHeads;
    const [full, kept] = [past.length * headSize, token * headSize];
    const to = new Float32Array(times * groups * kept);
    for (let group = 0; group < groups; group++) to.set(from.subarray(group * full, group * full + kept), group * kept);
    for (let i = 1; i < times; i++) to.copyWithin(i * groups * kept, 0, groups * kept);
    return to;
  };
  return { length: token, key: repeat(past.key), value: repeat(past.value) };
}
