import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cosine, summary, vector } from "./statistics.mjs";

const names = ["Ben", "Brittany", "Emma", "Liam", "Olivia", "Noah", "Mia", "James"];

/**
 * Seconds per Δv on a pretrained checkpoint that the user has, ours against the tuned PyTorch, in turns; the batch is what
 * each takes by itself. Fails where the two find different Δv's.
 */
export async function measureReal({ ours, tuned }, { folder, threads, contexts, published, rounds, progress }) {
  const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  const layers = config.num_hidden_layers;
  const layer = Math.round((5 / 28) * layers);
  const hyperParameters = { ...published, layers: [layer], v_loss_layer: layers - 1, v_num_grad_steps: 3 };
  const requests = names.map((subject) => ({ template: "Name: {}. Gender:", subject, target: " Female" }));
  const peers = { ours: ours(), tuned: tuned() };
  const solve = (kind) => peers[kind].call("solve", { requests, contexts, hyperParameters });
  const found = {};
  for (const kind of Object.keys(peers)) {
    await peers[kind].call("open", { folder, threads });
    found[kind] = await solve(kind);
    progress(`real: ${kind} is warm`);
  }
  const each = found.tuned.deltas.map((text, i) => cosine(vector(text), vector(found.ours.deltas[i])));
  if (!(Math.min(...each) > 0.999)) throw new Error(`real: tuned finds another Δv (cosine ${Math.min(...each)})`);
  const seconds = { ours: [], tuned: [] };
  for (let round = 0; round < rounds; round++) {
    for (const kind of Object.keys(peers)) seconds[kind].push((await solve(kind)).seconds / names.length);
    progress(`real: ours ${seconds.ours.at(-1).toFixed(3)} s, tuned ${seconds.tuned.at(-1).toFixed(3)} s`);
  }
  const memory = {};
  for (const kind of Object.keys(peers)) {
    memory[kind] = peers[kind].memory;
    await peers[kind].close();
  }
  return {
    model: { type: config.model_type, layers, width: config.hidden_size },
    layer,
    names: names.length,
    contexts: contexts.length,
    cosine: Math.min(...each),
    secondsPerValue: { ours: summary(seconds.ours), tuned: summary(seconds.tuned) },
    ratio: summary(seconds.tuned.map((value, i) => value / seconds.ours[i])),
    memory,
  };
}
