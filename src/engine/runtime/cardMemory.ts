import { spawnSync } from "node:child_process";

let known: number | undefined;

/**
 * Bytes that were free on the first NVIDIA card when this process first asked, as nvidia-smi tells; 0 where it tells
 * nothing. What this process takes there itself does not count: it lies in arenas that it uses again.
 */
export function cardMemory(): number {
  known ??= freeOnCard();
  return known;
}

function freeOnCard(): number {
  const query = ["--query-gpu=memory.free", "--format=csv,noheader,nounits", "--id=0"];
  const { stdout } = spawnSync("nvidia-smi", query, { encoding: "utf8", timeout: 10_000 });
  const megabytes = Number.parseInt(stdout ?? "", 10);
  return Number.isNaN(megabytes) ? 0 : megabytes * 2 ** 20;
}
