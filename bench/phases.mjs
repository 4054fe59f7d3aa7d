/**
 * Where a command's time goes, phase by phase: what ROME_TRACE left of it, summed up. Each span's own time is counted
 * without that of the spans within it.
 *
 *     ROME_TRACE=out.json node dist/cli.js record --count 200 --out DIR
 *     node bench/phases.mjs out.json
 */
import { readFileSync } from "node:fs";

const [file] = process.argv.slice(2);
if (!file) throw new Error("usage: node bench/phases.mjs FILE");
const spans = JSON.parse(readFileSync(file, "utf8")).sort((a, b) => a.ts - b.ts || b.dur - a.dur);
const phases = new Map();
const open = [];
for (const { name, ts, dur, args } of spans) {
  while (open.length > 0 && open.at(-1).end <= ts) open.pop();
  const phase = phases.get(name) ?? { count: 0, own: 0, tokens: 0 };
  phases.set(name, phase);
  phase.count++;
  phase.own += dur;
  phase.tokens += (args?.rows ?? 0) * (args?.tokens ?? 0);
  const around = open.at(-1);
  if (around) around.phase.own -= dur;
  open.push({ phase, end: ts + dur });
}
const all = Math.max(...spans.map(({ ts, dur }) => ts + dur)) - Math.min(...spans.map(({ ts }) => ts));
const told = [...phases.values()].reduce((sum, { own }) => sum + own, 0);
const line = (name, count, own, tokens) =>
  console.log(
    `${name.padEnd(26)} ${String(count).padStart(6)} ${(own / 1e6).toFixed(2).padStart(8)} s ${((100 * own) / all).toFixed(0).padStart(4)} % ${String(tokens || "").padStart(9)}`,
  );
console.log(`${"phase".padEnd(26)}  times      own        all    tokens`);
for (const [name, { count, own, tokens }] of [...phases].sort((a, b) => b[1].own - a[1].own))
  line(name, count, own, tokens);
line("between the spans", "", all - told, 0);
