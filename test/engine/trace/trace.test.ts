/** Causal tracing against the independent PyTorch trace (test/reference/causal_trace.py). */
import { beforeAll, describe, expect, it } from "vitest";
import { requireWeight } from "../../../src/engine/checkpoint/openCheckpoint.ts";
import { readSafetensors } from "../../../src/engine/checkpoint/tensorFile.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { locate } from "../../../src/engine/rome/prompt.ts";
import { Rome } from "../../../src/engine/rome/rome.ts";
import { standardDeviation } from "../../../src/engine/trace/noise.ts";
import { type TraceRequest, traceSubjects } from "../../../src/engine/trace/trace.ts";
import { traceHtml, traceSvg } from "../../../src/engine/trace/traceHtml.ts";
import { tracePrompt } from "../../../src/engine/trace/tracePrompt.ts";
import { type TraceKind, traceKinds, usualWindow } from "../../../src/protocol/measurements.ts";
import { traceCsv } from "../../../src/text/traceCsv.ts";
import { embeddedPath, fixturePath, readFixture, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

interface TraceCase {
  checkpoint: string;
  template: string;
  subject: string;
  targetId: number;
  prompt: { ids: number[]; start: number; lookup: number };
  noise: { file: string; scale: number };
  clean: number;
  corrupted: number;
  restored: { kind: TraceKind; window: number; probability: number[][] }[];
}

/** Compares one trace of the fixture; `tolerance` in probability. */
async function compare(trace: TraceCase, model: Model, tolerance: number): Promise<void> {
  const located = locate(model.tokenizer, trace.template, trace.subject);
  expect(located.tokens).toEqual(trace.prompt.ids);
  expect([located.shared, located.lookup]).toEqual([trace.prompt.start, trace.prompt.lookup]);
  const { width, vocabulary } = model.size;
  const embeddings = requireWeight(model.checkpoint, model.architecture.embeddingWeight, [vocabulary, width]);
  const factor = model.architecture.embeddingFactor ?? 1;
  expect(3 * factor * (await standardDeviation(embeddings, quietRun()))).toBeCloseTo(trace.noise.scale, 4);

  const { tensors } = await readSafetensors(fixturePath(trace.noise.file));
  const { shape, data } = tensors.get("noise")!;
  for (const window of new Set(trace.restored.map((restored) => restored.window))) {
    const traced = await tracePrompt(
      model,
      {
        tokens: trace.prompt.ids,
        start: trace.prompt.start,
        lookup: trace.prompt.lookup,
        targets: [trace.targetId],
        noise: data as Float32Array,
        samples: shape[0]!,
        window,
      },
      quietRun(),
    );
    expect(Math.abs(traced.clean - trace.clean)).toBeLessThan(tolerance);
    expect(Math.abs(traced.corrupted - trace.corrupted)).toBeLessThan(tolerance);
    for (const { kind, probability } of trace.restored.filter((restored) => restored.window === window))
      for (const [token, row] of probability.entries())
        for (const [layer, expected] of row.entries())
          expect(
            Math.abs(traced.restored[kind][token]![layer]! - expected),
            `${kind}, window ${window}, token ${token}, layer ${layer}`,
          ).toBeLessThan(tolerance);
  }
}

describe("every restoration agrees with the PyTorch trace", () => {
  for (const trace of readFixture<{ traces: TraceCase[] }>("trace.json").traces) {
    it(`${trace.checkpoint}: ${trace.template.replace("{}", trace.subject)}`, async () => {
      await compare(trace, await Model.open(fixturePath("checkpoints", trace.checkpoint)), 1e-3);
    });
  }
});

describe("every family of transformers", () => {
  for (const family of [
    "codegen-fp16",
    "gpt-neo-fp16",
    "gpt-neox-fp16",
    "gpt2-fp32",
    "llama-fp16",
    "mistral-bf16",
    "qwen2-bf16",
    "qwen3-bf16",
    "phi3-fp16",
    "gemma2-bf16",
    "gemma3-bf16",
    "olmo2-bf16",
  ]) {
    it(family, async () => {
      const { traces } = readFixture<{ traces: TraceCase[] }>(`families/${family}.json`);
      for (const trace of traces) await compare(trace, await Model.open(fixturePath("checkpoints", family)), 1e-3);
    });
  }
});

describe("the embedded model", () => {
  let rome: Rome;
  beforeAll(async () => {
    rome = await Rome.open(embeddedPath, { storage: await temporaryFolder() });
  });
  const template = "Name: {}. Gender:";
  const trace = (request: Partial<TraceRequest>, run = quietRun()) =>
    traceSubjects(rome, "embedded", { template, subjects: ["Margaret"], ...request }, run);

  it("shows the layer and token where its training put the fact", async () => {
    const subjects = ["Margaret", "Christopher", "Kimberly", "Brittany", "Sabrina", "Jonathan"];
    const result = await trace({ subjects, window: 1 });
    expect(result.clean).toBeGreaterThan(result.corrupted + 0.05);
    const cells = result.mlp.effect.flatMap((row, place) => row.map((effect, layer) => ({ effect, place, layer })));
    const best = cells.reduce((a, b) => (b.effect > a.effect ? b : a));
    expect(best.layer).toBe(result.editLayer);
    expect(result.places[best.place]!.role).toBe("last");
    // That one output brings back nearly all that the noise took.
    expect(best.effect / (result.clean - result.corrupted)).toBeGreaterThan(0.9);
  });

  it("restores one layer at a time on few layers when nothing is said, else the published ten", async () => {
    expect((await trace({})).window).toBe(1);
    expect((await trace({ window: 3 })).window).toBe(3);
    expect([19, 20, 28].map(usualWindow)).toEqual([1, 10, 10]);
  });

  it("gives the same for the same seed, another for another, and progress to the end", async () => {
    const seen: [number, number][] = [];
    const first = await trace({}, quietRun({ progress: ({ done, total }) => void seen.push([done, total]) }));
    const again = await trace({});
    expect({ ...again, seconds: 0 }).toEqual({ ...first, seconds: 0 });
    expect((await trace({ seed: 1 })).corrupted).not.toBe(first.corrupted);
    expect(seen.at(-1)![0]).toBe(seen.at(-1)![1]);
    expect(seen.every(([done], i) => i === 0 || done >= seen[i - 1]![0])).toBe(true);
  });

  it("follows all forms of the label that the model says", async () => {
    const labels = [
      { label: "female", text: " woman", forms: [" girl", " female"] },
      { label: "male", text: " male" },
    ];
    const [plain, summed, woman, girl] = [
      await trace({ window: 1 }),
      await trace({ window: 1, labels }),
      await trace({ window: 1, target: " woman" }),
      await trace({ window: 1, target: " girl" }),
    ];
    expect(summed.subjects[0]).toMatchObject({ target: " female", token: " female" });
    expect(summed.clean).toBeCloseTo(plain.clean + woman.clean + girl.clean, 7);
    expect(summed.corrupted).toBeCloseTo(plain.corrupted + woman.corrupted + girl.corrupted, 7);
    expect(summed.clean).toBeGreaterThan(plain.clean);
    // A label that is not said is not followed.
    const [, male] = labels;
    expect((await trace({ window: 1, labels: [male!] })).clean).toBe(plain.clean);
  });

  it("handles a subject at the start and at the end, and long targets", async () => {
    const start = await trace({ template: "{} said that" });
    expect(start.places[0]!.role).not.toBe("before");
    const alone = await trace({ template: "{}" });
    expect(alone.places.at(-1)!.role).toBe("last");
    const long = await trace({ target: ` ${Array(40).fill("male").join(" ")}` });
    expect(long.subjects[0]!.token).toBe(" male");
    expect(long.warnings.join()).toMatch(/40 tokens.*first/);
  });

  it("refuses what cannot be traced, in words", async () => {
    const cases: [Partial<TraceRequest>, RegExp][] = [
      [{ template: "Name: Ben. Gender:" }, /must contain \{\} exactly once/],
      [{ subjects: [" "] }, /name is empty/],
      [{ subjects: [] }, /no name to trace/],
      [{ target: "" }, /target is empty/],
      [{ target: " " }, /target is empty/],
      [{ samples: 0 }, /samples must be/],
      [{ window: 0.5 }, /window must be/],
      [{ template: `${"word ".repeat(300)}{} is` }, /reads at most 256/],
    ];
    for (const [request, message] of cases) await expect(trace(request)).rejects.toThrow(message);
    await expect(trace({}, quietRun({ signal: AbortSignal.abort() }))).rejects.toMatchObject({ reason: "cancelled" });
  });

  it("writes page, picture and table, with whatever text kept text", async () => {
    const result = await trace({ subjects: ['<b>"Ben'], window: 2 });
    const page = traceHtml(result);
    expect(page).not.toContain("<b>&#34;");
    expect(page).not.toContain('<b>"Ben');
    expect(page.match(/class="cell/g)!.length).toBeGreaterThanOrEqual(3 * result.places.length * result.layers);
    expect(traceSvg(result)).toMatch(/^<svg xmlns/);
    const lines = traceCsv(traceKinds, result).trim().split("\r\n");
    expect(lines.length).toBe(1 + 3 * result.places.length * result.layers);
  });
});
