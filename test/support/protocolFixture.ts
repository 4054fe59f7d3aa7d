/**
 * An engine process for the tests of its supervision: the real server over the real channel, with an engine that
 * computes nothing but ends, hangs and counts as it is told.
 */
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from "vscode-jsonrpc/node";
import { serve } from "../../src/engine/server/server.ts";
import { type EngineApi, requests } from "../../src/protocol/engine.ts";
import { RomeError, throwIfCancelled } from "../../src/protocol/errors.ts";

const unused = () => Promise.reject(new RomeError("input", "Not part of this test."));

/** The prompt is the instruction. */
const complete: EngineApi["complete"] = async ({ prompt }, { signal, progress }) => {
  const [verb, argument = ""] = prompt.split(" ");
  if (verb === "crash") process.kill(process.pid, "SIGKILL");
  if (verb === "crashOnce" && !existsSync(argument)) {
    writeFileSync(argument, "");
    process.kill(process.pid, "SIGKILL");
  }
  if (verb === "hang") {
    progress({ phase: "hang", done: 0, total: 0 });
    await setTimeout(50);
    for (;;);
  }
  if (verb === "defect") throw new TypeError("a defect");
  if (verb === "refuse") throw new RomeError("memory", "Not enough memory for this.");
  if (verb === "progress") for (let done = 1; done <= 3; done++) progress({ phase: "count", done, total: 3 });
  if (verb === "wait") {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    throwIfCancelled(signal);
  }
  // An answer that the protocol does not allow.
  if (verb === "garbage") return { prompt } as never;
  return { prompt, completion: String(process.pid), next: [] };
};

const flip: EngineApi["flip"] = async () => {
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => {});
};

serve(createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process)), async ({ model }) => {
  if (model === "broken") throw new RomeError("checkpoint", "The model is damaged.");
  if (model === "dies") process.exit(3);
  return {
    ...(Object.fromEntries(Object.keys(requests).map((method) => [method, unused])) as unknown as EngineApi),
    report: async () => null,
    complete,
    flip,
  };
});
process.on("disconnect", () => process.exit(0));
