/** Models of the Hub on the command line: fetched, listed, named, removed; through a proxy. */
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ModelEntry } from "../../../src/protocol/engine.ts";
import { type CliResult, fixturePath, romeWith, temporaryFolder } from "../../support/fixtures.ts";
import { HubServer } from "../../support/hubServer.ts";

const fixture = (name: string) => fixturePath("checkpoints", name);
let hub: HubServer;
let cache: string;

beforeAll(async () => {
  hub = await HubServer.start();
  hub.add("org/tiny", fixture("odd-torch-fp16"));
  hub.add("org/tiny@float16", fixture("odd-fp16"));
  cache = await temporaryFolder();
});
afterAll(() => hub.close());

/** Runs `rome` with the local Hub and a cache of its own. */
function rome(args: string[], variables: Record<string, string> = {}): Promise<CliResult> {
  return romeWith({ HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: cache, HF_HOME: cache, ...variables }, ...args);
}

const list = async (...folders: string[]) => {
  const { stdout } = await rome(["models", ...folders, "--json"]);
  return JSON.parse(stdout) as ModelEntry[];
};
const complete = ["complete", "--prompt", "Name: Ben.", "--max-tokens", "2", "--json"];

describe("a model of the Hub", () => {
  test("is fetched, listed and used by its name", async () => {
    const unknown = await rome(["--model", "org/tiny", ...complete]);
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining("rome models add org/tiny") });

    const added = await rome(["models", "add", "org/tiny", "--revision", "float16", "--json"]);
    expect(added.code, added.stderr).toBe(0);
    const { folder } = JSON.parse(added.stdout);
    expect(existsSync(join(folder, "model.safetensors"))).toBe(true);
    // The only revision there is needs no naming; the fetch of another makes the name mean main.
    for (const name of ["org/tiny", "org/tiny@float16", "ORG/Tiny", folder])
      expect((await rome(["--model", name, ...complete])).code, name).toBe(0);
    expect((await rome(["models", "add", "org/tiny"])).stdout).toContain("rome --model org/tiny");
    const entries = (await list()).filter(({ name }) => name.startsWith("org/"));
    expect(entries.map(({ name, usable, layer }) => [name, usable, layer]).sort()).toEqual([
      ["org/tiny", true, expect.any(Number)],
      ["org/tiny@float16", true, expect.any(Number)],
    ]);
    const results = await Promise.all(
      ["org/tiny", "org/tiny@float16"].map((name) => rome(["--model", name, ...complete])),
    );
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
  });

  test("is removed, one revision or all, and what another revision needs stays", async () => {
    const one = await rome(["models", "remove", "org/tiny@float16", "--json"]);
    expect(JSON.parse(one.stdout).bytes).toBe(
      hub.models.get("org/tiny@float16")?.files.get("model.safetensors")?.length,
    );
    expect((await rome(["--model", "org/tiny", ...complete])).code).toBe(0);
    expect((await rome(["models", "remove", "org/tiny"])).stdout).toMatch(/org\/tiny removed, .* freed/);
    expect((await list()).filter(({ name }) => name.startsWith("org/"))).toEqual([]);
    expect(await rome(["models", "remove", "org/tiny"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("org/tiny is not in the cache"),
    });
  });

  test("whose name is none is refused in one line", async () => {
    for (const args of [
      ["models", "add", "../evil"],
      ["models", "remove", "../evil"],
      ["models", "add", "org/tiny", "--revision", "../x"],
    ]) {
      const { code, stderr } = await rome(args);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^rome: .* does not name a model of the Hub.*\n$/);
    }
    expect((await rome(["models", "add"])).code).toBe(2);
  });
});

test("the list says of each folder whether it can be used, and if not why", async () => {
  const root = await temporaryFolder();
  const copy = (name: string, from: string, without?: string) => {
    cpSync(fixture(from), join(root, name), { recursive: true });
    if (without) rmSync(join(root, name, without));
    return join(root, name);
  };
  copy("good", "odd-fp16");
  copy("no-shard", "odd-sharded-fp32", "model-00002-of-00003.safetensors");
  copy("no-tokenizer", "odd-fp16", "tokenizer.json");
  copy("no-weights", "odd-fp16", "model.safetensors");
  writeFileSync(join(copy("other", "odd-fp16"), "config.json"), '{"model_type":"bert"}');
  writeFileSync(join(copy("damaged", "odd-fp16"), "model.safetensors"), "x");
  const reasons = Object.fromEntries((await list(root)).map(({ name, reason }) => [name, reason]));
  expect(reasons).toEqual({
    embedded: undefined,
    good: undefined,
    "no-shard": expect.stringContaining("model-00002-of-00003.safetensors is missing"),
    "no-tokenizer": expect.stringContaining("no tokenizer.json"),
    "no-weights": expect.stringContaining("no weights"),
    other: expect.stringContaining('model_type "bert"'),
    damaged: expect.stringContaining("damaged"),
  });
  const { stdout } = await rome(["models", root]);
  expect(stdout).toMatch(/^good {2}\d+\.\d kB, edit layer/m);
  expect(stdout).toMatch(/^other {2}cannot be used: /m);
});

test("the list takes a cache as Python may leave it", async () => {
  const made = (name: string, ...parts: string[]) => {
    const path = join(cache, `models--${name}`, ...parts);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const commit = "c".repeat(40);
  symlinkSync("../../blobs/gone", join(made("a--dangling", "snapshots", commit), "config.json"));
  writeFileSync(join(made("b--begun", "blobs"), `${"1".repeat(64)}.incomplete`), Buffer.alloc(2_000_000));
  made("c--empty");
  cpSync(fixture("odd-fp16"), made("d--noref", "snapshots", commit), { recursive: true });
  cpSync(fixture("odd-fp16"), made("single", "snapshots", commit), { recursive: true });
  writeFileSync(join(made("single", "refs"), "main"), commit);
  writeFileSync(join(cache, "version.txt"), "1");
  const entries = (await list()).slice(1);
  expect(Object.fromEntries(entries.map(({ name, usable, reason }) => [name, usable || reason]))).toEqual({
    "a/dangling@cccccccccccc": expect.stringContaining("config.json"),
    "b/begun": expect.stringMatching(/not finished \(2\.0 MB so far\).*rome models add b\/begun/),
    "c/empty": expect.stringContaining("no snapshot"),
    "d/noref@cccccccccccc": true,
    single: true,
  });
  for (const name of ["d/noref", "d/noref@cccccccccccc", "single"])
    expect((await rome(["--model", name, ...complete])).code, name).toBe(0);
});

describe("a proxy", () => {
  const tunnels: string[] = [];
  let proxy: Server;
  let address: string;
  beforeAll(async () => {
    proxy = createServer((_, response) => response.writeHead(502).end());
    proxy.on("connect", (request, client, head) => {
      tunnels.push(request.url ?? "");
      const { port, hostname } = new URL(`http://${request.url}`);
      const server = connect(Number(port), hostname, () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        server.write(head);
        server.pipe(client).pipe(server);
      });
      server.on("error", () => client.destroy());
      client.on("error", () => server.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    proxy.closeAllConnections();
    proxy.close();
  });

  test("that the environment names is used, for the Hub and for where it redirects to", async () => {
    const { code, stderr } = await rome(["models", "add", "org/tiny"], { HTTP_PROXY: address, NO_PROXY: "" });
    expect(code, stderr).toBe(0);
    const hosts = [hub.endpoint, hub.cdn].map((url) => new URL(url).host);
    expect(new Set(tunnels)).toEqual(new Set(hosts));
  });

  test("is not used for hosts that NO_PROXY names", async () => {
    tunnels.length = 0;
    const variables = { HTTP_PROXY: address, NO_PROXY: "127.0.0.1", HF_HUB_CACHE: await temporaryFolder() };
    expect((await rome(["models", "add", "org/tiny"], variables)).code).toBe(0);
    expect(tunnels).toEqual([]);
  });

  test("that is not there is named as such", async () => {
    const variables = { HTTP_PROXY: "http://127.0.0.1:9", NO_PROXY: "", HF_HUB_CACHE: await temporaryFolder() };
    const { code, stderr } = await rome(["models", "add", "org/tiny"], variables);
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot be reached \(ECONNREFUSED\).*HTTPS_PROXY/);
  });
});
