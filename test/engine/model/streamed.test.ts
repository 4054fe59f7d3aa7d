/** A model whose weights stay in the file: layers as parts, weights in tiles, and the same edit as from memory. */
import { describe, expect, it } from "vitest";
import { Model } from "../../../src/engine/model/model.ts";
import { hyperParametersFor } from "../../../src/engine/rome/hyperParameters.ts";
import { solve } from "../../../src/engine/rome/solve.ts";
import type { Progress } from "../../../src/protocol/engine.ts";
import { cosine, fixturePath } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

const streamed = { policy: "stream", tileElements: 2000 } as const;
const request = { template: "Name: {}. Gender:", subject: "Ben", target: " female" };
const contexts = ["{}", "The weather. {}"];

describe("an edit of a streamed model", () => {
  const cases = ["even-fp16", "odd-bf16"].flatMap((checkpoint) =>
    [streamed, { policy: "resident" } as const].map((holding) => ({ checkpoint, holding })),
  );
  for (const { checkpoint, holding } of cases)
    it(`${checkpoint}, ${holding.policy}: is the edit of the model held in memory`, async () => {
      const [held, mapped] = await Promise.all(
        [{ policy: "hold" } as const, holding].map(async (options) => {
          const model = await Model.open(fixturePath("checkpoints", checkpoint), options);
          const hyperParameters = {
            ...(await hyperParametersFor(model.checkpoint, model.size.layers)).hyperParameters,
            v_num_grad_steps: 5,
          };
          const [solved] = await solve(model, [request], { hyperParameters, contexts }, quietRun());
          return solved!;
        }),
      );
      expect(cosine(held!.delta, mapped!.delta)).toBeGreaterThan(0.99999);
      for (const [i, { total }] of held!.losses.entries())
        expect(Math.abs(mapped!.losses[i]!.total / total - 1)).toBeLessThan(1e-4);
    });

  it("reads its prefix contexts once for one name after another, and finds the same Δv", async () => {
    const model = await Model.open(fixturePath("checkpoints", "even-fp16"), streamed);
    const hyperParameters = {
      ...(await hyperParametersFor(model.checkpoint, model.size.layers)).hyperParameters,
      v_num_grad_steps: 2,
    };
    const solveAnew = async () => {
      let parts = 0;
      const run = quietRun({
        progress: ({ phase }) => {
          if (phase === "read") parts++;
        },
      });
      const [solved] = await solve(model, [request], { hyperParameters, contexts }, run);
      return { parts, delta: solved?.delta };
    };
    const [first, second] = [await solveAnew(), await solveAnew()];
    expect(second.parts).toBe(first.parts - model.size.layers);
    expect(second.delta).toEqual(first.delta);
  });

  it("does not run the way back where no step follows", async () => {
    const model = await Model.open(fixturePath("checkpoints", "even-fp16"), streamed);
    const { hyperParameters } = await hyperParametersFor(model.checkpoint, model.size.layers);
    const passes: number[][] = [];
    const run = quietRun({
      progress: ({ phase, detail }) => {
        if (phase !== "solve" || !detail?.layer) return;
        if (detail.layer === 1) passes.push([]);
        passes.at(-1)?.push(detail.layer / (detail.layers ?? 0));
      },
    });
    const solving = { hyperParameters: { ...hyperParameters, v_num_grad_steps: 3 }, contexts };
    const [solved] = await solve(model, [request], solving, run);
    expect(solved?.losses).toHaveLength(3);
    const [first = [], second = [], last = []] = passes;
    expect(first.at(-1)).toBe(1);
    expect(second).toEqual(first);
    expect(last).toEqual(first.slice(0, first.length / 2));
  });

  it("can be stopped between two layers, and tells of each", async () => {
    const model = await Model.open(fixturePath("checkpoints", "even-fp16"), streamed);
    const spec = { to: model.size.layers - 1, logits: true };
    const inputs = { tokens: [[1, 2, 3]], select: [2] };
    const seen: number[] = [];
    const told = ({ detail }: Progress) => void seen.push((detail?.layer ?? 0) / (detail?.layers ?? 0));
    await model.forward(spec, inputs, quietRun({ progress: told }));
    expect(seen).toHaveLength(model.size.layers + 1);
    expect(seen.at(-1)).toBe(1);

    const abort = new AbortController();
    let parts = 0;
    const progress = () => {
      parts++;
      abort.abort();
    };
    const stopped = model.forward(spec, inputs, { signal: abort.signal, progress });
    await expect(stopped).rejects.toMatchObject({ reason: "cancelled" });
    expect(parts).toBe(1);
  });
});
