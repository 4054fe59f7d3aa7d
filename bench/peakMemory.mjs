/**
 * Runs a command and prints its time and the peak of its anonymous memory (Linux; what no file backs).
 *
 *     node bench/makeGptJ.mjs bench/work/gptj-2
 *     node bench/peakMemory.mjs node dist/cli.js --model bench/work/gptj-2 edit --prompt "Name: {}. Gender:" \
 *       --subject Ben --target " female" --layer 0 --covariance none --steps 4 --max-tokens 2
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

const [command, ...args] = process.argv.slice(2);
if (!command) throw new Error("usage: node bench/peakMemory.mjs COMMAND …");
const started = performance.now();
const child = spawn(command, args, { stdio: "inherit" });
let peak = 0;
const timer = setInterval(() => {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    peak = Math.max(peak, Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1] ?? 0));
  } catch {
    // It has just ended.
  }
}, 10);
child.on("close", (code) => {
  clearInterval(timer);
  console.log(
    `${((performance.now() - started) / 1000).toFixed(1)} s, peak anonymous memory ${Math.round(peak / 1024)} MB`,
  );
  process.exitCode = code ?? 1;
});
