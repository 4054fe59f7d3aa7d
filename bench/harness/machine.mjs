import { cpus, totalmem } from "node:os";

/** What a figure was measured on. */
export function thisMachine() {
  return { processor: cpus()[0].model, cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30) };
}
