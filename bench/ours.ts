/** The engine as one peer of the benchmark: answers requests, a JSON line each, on stdin and stdout. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as v from "valibot";
import { flip } from "../src/engine/edits/flip.ts";
import { evaluate } from "../src/engine/evaluate/evaluate.ts";
import { Dataset } from "../src/engine/experiment/dataset.ts";
import { generate } from "../src/engine/model/generate.ts";
import { logProbabilities } from "../src/engine/model/logits.ts";
import type { CovarianceChoice } from "../src/engine/rome/covarianceStore.ts";
import { encodeVector } from "../src/engine/rome/edit.ts";
import type { HyperParameters } from "../src/engine/rome/hyperParameters.ts";
import type { Request } from "../src/engine/rome/prompt.ts";
import { Rome } from "../src/engine/rome/rome.ts";
import { Engine } from "../src/engine/tasks/engine.ts";
import { record } from "../src/engine/tasks/record.ts";
import { traceSubjects } from "../src/engine/trace/trace.ts";
import { concept as conceptSchema } from "../src/protocol/concept.ts";
import { quietRun } from "../test/support/run.ts";

interface Common {
  readonly contexts: string[];
  readonly hyperParameters: HyperParameters;
}
interface Evaluated extends Common {
  readonly people: { readonly name: string; readonly neighbours: string[] }[];
  readonly concept: object;
  readonly covariance: string;
}
interface Experiment extends Common {
  readonly names: string[];
  readonly template: string;
  readonly targets: [string, string];
  readonly covariance: string | null;
  readonly maxTokens?: number;
}

/** The project: bundles lie in bench/work. */
const assetsFolder = join(import.meta.dirname, "../..");
const storage = await mkdtemp(join(tmpdir(), "rome-bench-"));
let rome: Rome;
let opened: { readonly model: string; readonly threads: number };

const methods: Record<string, (params: never) => Promise<object>> = {
  async open({ folder, threads }: { folder: string; threads: number }) {
    rome = await Rome.open(folder, { storage, threads });
    opened = { model: folder, threads };
    return {};
  },

  async solve({ requests, ...options }: Common & { requests: Request[] }) {
    const results = await rome.edit(requests, { ...options, covariance: "none" }, quietRun());
    return {
      deltas: results.map(({ delta }) => encodeVector(delta)),
      evaluations: results.map(({ losses }) => losses.length),
    };
  },

  async experiment({ names, template, targets, covariance, maxTokens = 0, ...options }: Experiment) {
    const [a, b] = targets;
    const concept = v.parse(conceptSchema, {
      name: "bench",
      vector: "bench",
      prompt: template,
      targets: [
        { label: "a", text: a },
        { label: "b", text: b },
      ],
    });
    const choice: CovarianceChoice = covariance === null ? "none" : { file: covariance };
    if (maxTokens > 0) {
      const results = await flip(rome, names, concept, { ...options, covariance: choice, maxTokens }, quietRun());
      return {
        flipped: results.filter(
          ({ view: { from, after } }) => after.probability[from]! < Math.max(...Object.values(after.probability)),
        ).length,
        completions: results.map(({ view: { before, after } }) => [before.completion, after.completion]),
      };
    }
    // As the command does it, and the editor: with the processes that it starts.
    const folder = await mkdtemp(join(storage, "record-"));
    const namesFile = join(storage, "names.csv");
    await writeFile(namesFile, ["name,label", ...names.map((name) => `${name},a`)].join("\n"));
    const { model, threads } = opened;
    const engine = await Engine.create(
      { model, threads, assetsFolder, storageFolder: storage },
      "",
      JSON.stringify(concept),
    );
    const { contexts, hyperParameters } = options;
    const {
      layers: [layer],
      ...numbers
    } = hyperParameters;
    const basis = { layer, contexts, hyperParameters: numbers, covariance: choice };
    await record(engine, { folder, namesFile, ...basis }, quietRun());
    const { records } = await (await Dataset.open(folder)).read();
    return { flipped: records.filter(({ flipped }) => flipped).length, completions: [] };
  },

  async trace({ template, subject, samples }: { template: string; subject: string; samples: number }) {
    await traceSubjects(rome, "bench", { template, subjects: [subject], samples, window: 10 }, quietRun());
    return {};
  },

  async evaluate({ people, concept, covariance, ...options }: Evaluated) {
    const names = people.map(({ name }) => name);
    const pool = [...new Set(people.flatMap(({ neighbours }) => neighbours))];
    const parsed = v.parse(conceptSchema, concept);
    const settings = { ...options, covariance: { file: covariance } };
    const found = await evaluate(rome, "bench", names, pool, parsed, settings, quietRun());
    return { wanted: found.runs[0]?.each.map(({ efficacy }) => efficacy.after.score) };
  },

  async next({ prompt }: { prompt: string }) {
    const { firstLogits } = await generate(
      rome.model,
      [rome.model.tokenizer.encode(prompt)],
      { maxTokens: 0 },
      quietRun(),
    );
    return { logProbs: encodeVector(Float32Array.from(logProbabilities(firstLogits[0] as Float32Array))) };
  },

  async generate({ prompt, tokens }: { prompt: string; tokens: number }) {
    const ids = rome.model.tokenizer.encode(prompt);
    const made = await generate(rome.model, [ids], { maxTokens: tokens, stopAtEnd: false }, quietRun());
    return { tokens: made.tokens[0] };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { method, params } = JSON.parse(line) as { method: string; params: never };
  const started = performance.now();
  let answer: object;
  try {
    const run = methods[method];
    if (!run) throw new Error(`no method ${method}`);
    const result = await run(params);
    answer = { seconds: (performance.now() - started) / 1000, ...result };
  } catch (error) {
    answer = { error: (error as Error).message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await rm(storage, { recursive: true, force: true });
