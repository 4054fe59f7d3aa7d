import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { EngineClient, type EngineState } from "../../../src/extension/engine/engineClient.ts";
import { EngineProcess } from "../../../src/extension/engine/engineProcess.ts";
import { currentHost, findRuntime } from "../../../src/extension/engine/nodeRuntime.ts";
import type { Progress } from "../../../src/protocol/engine.ts";

const folder = mkdtempSync(join(tmpdir(), "rome-protocol-"));
const modulePath = join(folder, "engine.cjs");
const lines: string[] = [];
const write = (line: string) => lines.push(line);
const log = { debug: write, info: write, warn: write, error: write };
const clients: EngineClient[] = [];

beforeAll(async () => {
  const entryPoints = ["test/support/protocolFixture.ts"];
  await build({ entryPoints, outfile: modulePath, bundle: true, platform: "node", format: "cjs", target: "node20" });
});
afterEach(() => {
  for (const client of clients.splice(0)) client.dispose();
  lines.length = 0;
});
afterAll(() => rmSync(folder, { recursive: true }));

function startClient({ model = "embedded", idleMs = 0, unresponsiveMs = 0, cancelGraceMs = 2000 } = {}): EngineClient {
  const client = new EngineClient({
    spawn: async () => new EngineProcess(modulePath, await findRuntime("", currentHost()), log, cancelGraceMs),
    options: () => ({ model, assetsFolder: folder, storageFolder: folder }),
    idleMs: () => idleMs,
    unresponsiveMs: () => unresponsiveMs,
    log,
  });
  clients.push(client);
  return client;
}

const ask = (client: EngineClient, prompt: string, call = {}) =>
  client.request("complete", { prompt, maxTokens: 1, topK: 1, edits: [] }, call);

/** Waits for a state of the client. */
function reached(client: EngineClient, kind: EngineState["kind"]): Promise<void> {
  if (client.state.kind === kind) return Promise.resolve();
  return new Promise((resolve) => {
    const subscription = client.onDidChangeState((state) => {
      if (state.kind !== kind) return;
      subscription.dispose();
      resolve();
    });
  });
}

describe("engine process", () => {
  it("starts on first use and answers from one process", async () => {
    const client = startClient();
    expect(client.state.kind).toBe("stopped");
    const [first, second] = await Promise.all([ask(client, "a"), ask(client, "b")]);
    expect(first.completion).toBe(second.completion);
    expect(client.state).toMatchObject({ kind: "ready", busy: false });
  });

  it("hands on progress", async () => {
    const seen: Progress[] = [];
    await ask(startClient(), "progress", { progress: (progress: Progress) => seen.push(progress) });
    expect(seen.map(({ done }) => done)).toEqual([1, 2, 3]);
  });

  it("keeps the reason and the words of an error, and the stack of a defect in the log", async () => {
    const client = startClient();
    await expect(ask(client, "refuse")).rejects.toMatchObject({
      reason: "memory",
      message: "Not enough memory for this.",
    });
    await expect(ask(client, "defect")).rejects.toMatchObject({
      reason: "engine",
      message: "The engine failed: a defect",
    });
    expect(lines.join("\n")).toMatch(/TypeError: a defect\n\s+at /);
  });

  it("refuses parameters and answers that break the protocol", async () => {
    const client = startClient();
    const wrong = client.request("complete", { prompt: "a", maxTokens: 0, topK: 1, edits: [] });
    await expect(wrong).rejects.toMatchObject({ reason: "input", message: expect.stringContaining("maxTokens") });
    await expect(ask(client, "garbage")).rejects.toMatchObject({ reason: "engine" });
  });

  it("cancels", async () => {
    const client = startClient();
    const abort = new AbortController();
    const waiting = ask(client, "wait", { signal: abort.signal });
    await reached(client, "ready");
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ reason: "cancelled" });
    await expect(ask(client, "a")).resolves.toBeDefined();
  });

  it("kills a process that does not stop when it is cancelled, and starts another", async () => {
    const client = startClient({ cancelGraceMs: 200 });
    const { completion: before } = await ask(client, "a");
    const abort = new AbortController();
    const hanging = ask(client, "hang", { signal: abort.signal, progress: () => abort.abort() });
    await expect(hanging).rejects.toMatchObject({ reason: "cancelled" });
    expect((await ask(client, "a")).completion).not.toBe(before);
  });

  it("repeats a reading request once when the process dies under it", async () => {
    const client = startClient();
    const { completion: before } = await ask(client, "a");
    const answer = await ask(client, `crashOnce ${join(folder, "crashed")}`);
    expect(answer.completion).not.toBe(before);
    await expect(ask(client, "crash")).rejects.toMatchObject({ message: expect.stringContaining("SIGKILL") });
  });

  it("rejects a flip with a clear message when the process dies under it, and is there again", async () => {
    const client = startClient();
    await expect(client.request("flip", { names: ["Ben"] })).rejects.toMatchObject({
      reason: "engine",
      message: expect.stringMatching(/ended while it worked on this: it was ended by SIGKILL.*run the command again/),
    });
    await reached(client, "ready");
    await expect(ask(client, "a")).resolves.toBeDefined();
  });

  it("stays down after too many ends, until it is restarted", async () => {
    const client = startClient();
    for (let ends = 0; ends < 4; ends++) {
      await client.request("flip", { names: ["Ben"] }).catch(() => {});
    }
    await reached(client, "failed");
    await expect(ask(client, "a")).rejects.toMatchObject({ message: expect.stringContaining("Restart Engine") });
    await client.restart();
    await expect(ask(client, "a")).resolves.toBeDefined();
  });

  it("says why it did not start", async () => {
    await expect(ask(startClient({ model: "broken" }), "a")).rejects.toMatchObject({
      message: expect.stringMatching(/The model is damaged.*Restart Engine/),
    });
    await expect(ask(startClient({ model: "dies" }), "a")).rejects.toMatchObject({
      message: expect.stringMatching(/exited with code 3/),
    });
  });

  it("kills a process that works without a sign of life", async () => {
    const client = startClient({ unresponsiveMs: 2500 });
    await expect(ask(client, "hang")).rejects.toMatchObject({ message: expect.stringContaining("no sign of life") });
  });

  it("is stopped when idle and started by the next request", async () => {
    const client = startClient({ idleMs: 100 });
    const { completion: before } = await ask(client, "a");
    await reached(client, "stopped");
    expect((await ask(client, "a")).completion).not.toBe(before);
  });
});

describe("runtime of the engine", () => {
  const host = currentHost();
  it("is the editor's own where that is plain Node, else one on PATH, else Electron", async () => {
    expect(await findRuntime("", host)).toMatchObject({ source: "editor" });
    const electron = { ...host, versions: { node: "22.0.0", electron: "37.0.0" } };
    expect(await findRuntime("", electron)).toMatchObject({ source: "path" });
    expect(await findRuntime("", { ...electron, path: "" })).toMatchObject({ source: "electron" });
  });

  it("is the one of the setting, if that is Node", async () => {
    expect(await findRuntime(process.execPath, host)).toMatchObject({ source: "setting" });
    await expect(findRuntime("/bin/false", host)).rejects.toThrow(/rome\.nodePath.*cannot be run as Node\.js/);
  });
});
