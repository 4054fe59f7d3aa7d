import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import {
  CancellationTokenSource,
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
} from "vscode-jsonrpc/node";
import type { Concept } from "../../protocol/concept.ts";
import { type EngineOptions, type Method, notifications, type Params } from "../../protocol/engine.ts";
import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import type { RecordOptions } from "../experiment/record.ts";
import { processesWithin } from "../rome/batchSize.ts";
import type { Rome } from "../rome/rome.ts";
import { note } from "../run/note.ts";
import type { Engine } from "./engine.ts";

/** Batches that a recorder is to have at least: it takes some half a second to start. */
const leastBatches = 8;

/**
 * How many processes of one thread each record faster than one process of all threads: with matrices as small as those
 * of models that are held whole, a second thread waits more than it works.
 *
 * @param batches that are to be recorded
 * @param within how many the memory holds
 */
export function recordersFor(batches: number, threads = availableParallelism(), within = threads): number {
  return Math.min(threads, within, Math.floor(batches / leastBatches));
}

/**
 * Lets engine processes of one thread each record shards side by side, where that is faster. What one of them leaves
 * undone, since it was ended or failed, is told of, and recorded by the caller.
 *
 * @param concept the engine's, with the texts that edits aim at
 */
export function recorders(
  engine: Engine,
  params: Params<"record">,
  { model, options: { memory } }: Rome,
  concept: Concept,
  names: readonly { readonly name: string }[],
): RecordOptions["elsewhere"] {
  if (model.options.policy !== "hold") return undefined;
  return async ({ manifest: { contexts, layer, batch } }, missing, run) => {
    const targets = concept.targets.map(({ text }) => text);
    const extents = names.map(({ name }) => ({ template: concept.prompt, subject: name, targets }));
    const within = processesWithin(model, extents, contexts, layer, batch, memory);
    const count = recordersFor(missing, model.options.threads, within);
    if (count < 2) return;
    const options = {
      ...engine.options,
      conceptText: JSON.stringify(engine.concept),
      memoryBytes: memory && Math.floor(memory / count),
      threads: 1,
    };
    const forms = Object.fromEntries(concept.targets.map(({ label, text }) => [label, text]));
    const runOf = together(count, names.length, run);
    const ends = await Promise.allSettled(
      Array.from({ length: count }, (_, i) =>
        recordShard(options, { ...params, forms, shard: { index: i + 1, count } }, runOf(i)),
      ),
    );
    throwIfCancelled(run.signal);
    for (const end of ends)
      if (end.status === "rejected")
        note(`A process that recorded beside others has ended (${end.reason.message}); its names are recorded here.`);
  };
}

/** The run of each of so many recorders: what they tell is told as of one work. */
export function together(count: number, total: number, run: Run): (recorder: number) => Run {
  const done = new Array<number>(count).fill(0);
  const left = new Array<number | undefined>(count);
  return (i) => ({
    signal: run.signal,
    progress: (progress) => {
      const { names, secondsLeft = left[i] } = progress.detail ?? {};
      [done[i], left[i]] = [progress.done, secondsLeft];
      // None has a pace before its first batch.
      const known = left.filter((seconds) => seconds !== undefined);
      const detail = { names, ...(known.length > 0 && { secondsLeft: Math.max(...known) }) };
      run.progress({ phase: "record", done: done.reduce((a, b) => a + b), total, detail });
    },
  });
}

/** Has an engine process record; errors as it answers them, or how it ended. */
async function recordShard(options: EngineOptions, params: Params<"record">, run: Run): Promise<void> {
  const child = fork(join(options.assetsFolder, "dist/engine.js"), [], {
    execArgv: [],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
  connection.onNotification("progress", (raw: unknown) => {
    const told = v.safeParse(notifications.progress, raw);
    if (told.success && told.output.progress.phase === "record") run.progress(told.output.progress);
  });
  connection.listen();
  const source = new CancellationTokenSource();
  const cancel = () => source.cancel();
  run.signal.addEventListener("abort", cancel);
  const ended = endOf(child);
  const ask = (method: Method, params: object) =>
    Promise.race([connection.sendRequest(method, { token: 0, params }, source.token), ended]);
  try {
    await ask("initialize", options);
    await ask("record", params);
  } finally {
    run.signal.removeEventListener("abort", cancel);
    connection.dispose();
    if (child.connected) child.disconnect();
    await ended.catch(() => undefined);
  }
}

/** Never fulfilled but by an error: how the process ended. */
function endOf(child: ChildProcess): Promise<never> {
  const ended = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(signal ?? `exit code ${code}`)));
  });
  // Whether anybody waits for it or not.
  ended.catch(() => undefined);
  return ended;
}
