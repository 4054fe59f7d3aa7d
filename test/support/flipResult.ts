import type { FlipResult, FlipView } from "../../src/protocol/results.ts";

/** A flip as the engine answers it for a model of GPT-J's size: width 4096, inner 16,384, 21 contexts, 25 evaluations. */
export function flipResult(name: string, change: Partial<FlipView> = {}, d = 4096, m = 16_384): FlipResult {
  const vector = (length: number) => Buffer.from(new Float32Array(length).fill(0.0123456).buffer).toString("base64");
  const losses = Array.from({ length: 25 }, (_, i) => {
    const nll = 7.123456789012345 * Math.exp(-i / 6);
    return { total: nll + 0.1, nll, kl: 0.0612345678901234, decay: 0.0387654321098765, probability: Math.exp(-nll) };
  });
  const text =
    " male. Age: 34. Location: Leeds. Occupation: engineer. He likes chess, old maps and long walks by the sea.";
  const side = (label: string) => ({
    completion: text.replace("male", label),
    probability: { female: 0.9731234567890124, male: 0.0264321098765432 },
  });
  const health = {
    denominator: 0.8212345678901234,
    denominatorShare: 0.2261234567890123,
    deltaRatio: 2.512345678901234,
    drift: { kl: 0.00412345678901234, prompts: 20 },
    verdict: "good" as const,
    reasons: [],
    rolledBack: false,
  };
  const figures = {
    layer: 5,
    deltaNorm: 31.21234567890123,
    denominator: 0.8212345678901234,
    covarianceTokens: 100_000_000,
    valueNorm: 12.41234567890123,
    health,
  };
  return {
    view: {
      name,
      prompt: `Name: ${name}. Gender:`,
      from: "male",
      to: "female",
      before: side("male"),
      after: side("female"),
      flipped: true,
      losses,
      converged: true,
      warnings: [],
      score: -5.212345678901234,
      projection: -13.41234567890123,
      seconds: 61.12345678901234,
      proof: {
        hashed: "edited",
        bytes: 268_435_456,
        hash: "a".repeat(64),
        hashAfter: "a".repeat(64),
        probability: { before: 0.0079, with: 0.9731, removed: 0.0079 },
        untouched: true,
      },
      ...figures,
      ...change,
    },
    saved: {
      entry: {
        name,
        subject: name,
        template: "Name: {}. Gender:",
        target: " female",
        method: "rome",
        key: "rome",
        before: { completion: text, probability: 0.0079 },
        after: { completion: text, probability: 0.9731 },
        losses: losses.map(({ total }) => total),
        hyperParameters: { v_num_grad_steps: 25, v_lr: 0.5 },
        contexts: Array.from({ length: 21 }, () => "The train to the coast was late again that day, and so. {}"),
        seed: 0,
        versions: { node: "20.19.0" },
        ...figures,
      },
      edit: { layer: 5, u: vector(m), r: vector(d) },
      delta: vector(d),
    },
  };
}
