/** Downloads from a local server that behaves like the Hub, through everything that goes wrong on the way. */
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openCheckpoint } from "../../../src/engine/checkpoint/openCheckpoint.ts";
import { loadTokenizer } from "../../../src/engine/checkpoint/tokenizer.ts";
import { download as downloadModel } from "../../../src/engine/hub/download.ts";
import { requireModelId } from "../../../src/engine/hub/modelId.ts";
import { seededRandom } from "../../../src/engine/numerics/seededRandom.ts";
import type { Progress } from "../../../src/protocol/engine.ts";
import type { Reason } from "../../../src/protocol/errors.ts";
import { expectError } from "../../support/checkpointBuilders.ts";
import { cli, fixturePath, temporaryFolder } from "../../support/fixtures.ts";
import { HubServer, rangeStart, refuse } from "../../support/hubServer.ts";

const fixture = (name: string) => fixturePath("checkpoints", name);
const kept = { ...process.env };
let hub: HubServer;
let cache: string;

beforeAll(async () => {
  hub = await HubServer.start();
  hub.add("org/torch", fixture("odd-torch-fp16"));
  hub.add("org/torch@float16", fixture("odd-fp16"));
  hub.add("org/shards", fixture("odd-sharded-fp32"));
  hub.add("org/torch-shards", fixture("odd-torch-sharded-fp16"));
});
afterAll(() => hub.close());

beforeEach(async () => {
  hub.reset();
  cache = await temporaryFolder();
  process.env = { ...kept, HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: cache, HF_HOME: join(cache, "home") };
  for (const name of ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"])
    for (const key of [name, name.toLowerCase()]) delete process.env[key];
  return () => {
    process.env = kept;
  };
});

interface Options {
  signal?: AbortSignal;
  progress?: (progress: Progress) => void;
}

const download = (name: string, { signal = new AbortController().signal, progress = () => {} }: Options = {}) =>
  downloadModel(requireModelId(name), { signal, progress }, { firstPause: 1 });
const fails = (name: string, reason: Reason, ...parts: string[]) => expectError(download(name), reason, ...parts);
const folderOf = (name: string) => join(cache, `models--${name.replace("/", "--")}`);
const snapshots = (name = "org/torch") => {
  const path = join(folderOf(name), "snapshots");
  return existsSync(path) ? readdirSync(path) : [];
};
const unfinished = (name = "org/torch") =>
  readdirSync(join(folderOf(name), "blobs")).filter((blob) => blob.endsWith(".incomplete"));
const large = (name: string) => {
  const [id, files] = [...hub.models].find(([known]) => known === name) ?? [];
  const contents = [...(files?.files ?? [])].find(([path]) => /\.(bin|safetensors)$/.test(path))?.[1];
  if (!contents) throw new Error(`${id} has no weights`);
  return contents;
};
/** It is there, loads, and has the very bytes. */
async function expectWhole(folder: string, name: string) {
  const { weights } = await openCheckpoint(folder);
  expect(weights.size).toBeGreaterThan(10);
  await loadTokenizer(folder);
  for (const file of readdirSync(folder)) {
    const expected = hub.models.get(name)?.files.get(file);
    expect(readFileSync(join(folder, file)).equals(expected as Buffer), file).toBe(true);
  }
}

describe("a download", () => {
  test.each(["org/torch", "org/torch@float16", "org/shards", "org/torch-shards"])("of %s loads", async (name) => {
    const seen: Progress[] = [];
    const folder = await download(name, { progress: (progress) => seen.push(progress) });
    await expectWhole(folder, name);
    const [repository = "", revision = "main"] = name.split("@");
    expect(readFileSync(join(folderOf(repository), "refs", revision), "utf8")).toBe(hub.models.get(name)?.commit);
    expect(unfinished(repository)).toEqual([]);
    const last = seen.filter(({ phase }) => phase === "download").at(-1);
    expect(last?.done).toBe(last?.total);
    expect(seen.map(({ phase }) => phase)).toContain("check");
  });

  test("is in the layout that Python's library writes", async () => {
    const folder = await download("org/torch");
    const { commit, files } = hub.models.get("org/torch") ?? { commit: "", files: new Map() };
    expect(folder).toBe(join(folderOf("org/torch"), "snapshots", commit));
    for (const name of files.keys()) expect(readlinkSync(join(folder, name))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]+$/);
  });

  test("takes what is needed and nothing else, safetensors before torch", async () => {
    hub.add("org/all", fixture("odd-fp16"), {
      "pytorch_model.bin": "x",
      "tf_model.h5": "x",
      "flax_model.msgpack": "x",
      "README.md": "x",
      "rome.json": "{}",
    });
    const folder = await download("org/all");
    expect(readdirSync(folder).sort()).toEqual([
      "config.json",
      "model.safetensors",
      "rome.json",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    expect(hub.log.some(({ path }) => /pytorch|tf_model|flax|README/.test(path))).toBe(false);
  });

  test("is not repeated, and two revisions share their files", async () => {
    await download("org/torch");
    hub.reset();
    await download("org/torch");
    expect(hub.log.filter(({ path }) => path.includes("/resolve/"))).toEqual([]);
    await download("org/torch@float16");
    // The tokenizer is the same file on both branches.
    expect(hub.log.filter(({ path }) => path.endsWith("tokenizer.json"))).toEqual([]);
    expect(snapshots()).toHaveLength(2);
  });

  test("finds what Python has fetched, and adds only what is missing", async () => {
    const { commit, files } = hub.models.get("org/torch") ?? { commit: "", files: new Map<string, Buffer>() };
    const snapshot = join(folderOf("org/torch"), "snapshots", commit);
    mkdirSync(snapshot, { recursive: true });
    mkdirSync(join(folderOf("org/torch"), "blobs"));
    writeFileSync(join(folderOf("org/torch"), "blobs", "weights"), large("org/torch"));
    symlinkSync("../../blobs/weights", join(snapshot, "pytorch_model.bin"));
    writeFileSync(join(snapshot, "config.json"), files.get("config.json") as Buffer);
    const folder = await download("org/torch");
    expect(hub.sent).toBe(0);
    expect(readlinkSync(join(folder, "pytorch_model.bin"))).toBe("../../blobs/weights");
    await expectWhole(folder, "org/torch");
  });
});

describe("interrupted", () => {
  test("by broken connections at 10 random places, it goes on by itself and fetches no byte twice", async () => {
    const size = large("org/torch").length;
    const random = seededRandom(7);
    const cuts = Array.from({ length: 10 }, () => 1 + Math.floor(random() * (size / 12)));
    hub.cdnFault = (request, response, url) => {
      const bytes = cuts.pop();
      if (bytes === undefined) return false;
      hub.cutAfter(request, response, url, bytes);
      return true;
    };
    await expectWhole(await download("org/torch"), "org/torch");
    expect(cuts).toEqual([]);
    const starts = hub.log.filter(({ server }) => server === "cdn").map(({ headers }) => headers.range ?? "bytes=0-");
    expect(starts).toHaveLength(11);
    expect(new Set(starts).size).toBe(11);
  });

  test("by killing the program at 10 random places: nothing that loads until the last run, which goes on", async () => {
    const size = large("org/torch").length;
    const random = seededRandom(11);
    for (let kill = 1; kill <= 10; kill++) {
      const child = spawn(process.execPath, [cli, "models", "add", "org/torch"], { stdio: "ignore" });
      const ended = new Promise((resolve) => child.on("close", resolve));
      const share = 1 + Math.floor((random() * size) / 12);
      hub.cdnFault = (request, response, url) => {
        const contents = hub.contents(url) as Buffer;
        const start = rangeStart(request) ?? 0;
        response.writeHead(start ? 206 : 200, {
          "Content-Length": contents.length - start,
          "Content-Range": `bytes ${start}-${contents.length - 1}/${contents.length}`,
        });
        response.write(contents.subarray(start, start + share));
        // What was sent has been written, or not: the kill comes when it will.
        void pause(Math.floor(random() * 40)).then(() => child.kill("SIGKILL"));
        return true;
      };
      await ended;
      expect(snapshots()).toEqual([]);
    }
    const [partial] = unfinished();
    const held = readFileSync(join(folderOf("org/torch"), "blobs", partial as string));
    expect(held.length).toBeGreaterThan(0);
    expect(held.equals(large("org/torch").subarray(0, held.length))).toBe(true);
    hub.reset();
    await expectWhole(await download("org/torch"), "org/torch");
    expect(hub.sent).toBe(size - held.length);
  });

  test("by cancelling: at once, without an error to read, and what came is kept", async () => {
    const size = large("org/torch").length;
    for (const share of [0, 0.3, 0.9]) {
      const abort = new AbortController();
      hub.cdnFault = (request, response, url) => {
        const contents = hub.contents(url) as Buffer;
        const start = rangeStart(request) ?? 0;
        response.writeHead(start ? 206 : 200, { "Content-Range": `bytes ${start}-${size - 1}/${size}` });
        response.write(contents.subarray(start, Math.max(start, Math.floor(share * size))));
        void pause(30).then(() => abort.abort());
        return true;
      };
      await expectError(download("org/torch", { signal: abort.signal }), "cancelled");
      expect(snapshots()).toEqual([]);
    }
    hub.reset();
    await expectWhole(await download("org/torch"), "org/torch");
    expect(hub.sent).toBeLessThan(0.2 * size);
  });

  test("by cancelling while the checksum is made, or while it waits to try again", async () => {
    const abort = new AbortController();
    const atCheck = (progress: Progress) => progress.phase === "check" && progress.total > 1e5 && abort.abort();
    await expectError(download("org/torch", { signal: abort.signal, progress: atCheck }), "cancelled");
    expect(snapshots()).toEqual([]);
    hub.hubFault = (_, response) => {
      refuse(response, 503, undefined, { "Retry-After": "30" });
      return true;
    };
    const later = new AbortController();
    void pause(100).then(() => later.abort());
    const begun = performance.now();
    await expectError(download("org/torch", { signal: later.signal }), "cancelled");
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  test("a server that does not continue sends it all again, and a part longer than the file is dropped", async () => {
    await download("org/torch").then(() => undefined);
    const blob = readlinkSync(join(folderOf("org/torch"), "snapshots", snapshots()[0] as string, "pytorch_model.bin"));
    const path = join(folderOf("org/torch"), "snapshots", "x", blob);
    for (const part of [Buffer.alloc(10), Buffer.alloc(large("org/torch").length + 1)]) {
      cache = process.env.HF_HUB_CACHE = await temporaryFolder();
      mkdirSync(join(folderOf("org/torch"), "blobs"), { recursive: true });
      writeFileSync(`${join(folderOf("org/torch"), "blobs", path.split("/").at(-1) as string)}.incomplete`, part);
      hub.cdnFault = (_, response, url) => {
        response.end(hub.contents(url));
        return true;
      };
      await expectWhole(await download("org/torch"), "org/torch");
    }
  });
});

describe("damage", () => {
  /** Sends the contents with one byte changed. */
  const spoil = (times: number) => {
    hub.cdnFault = (_, response, url) => {
      const contents = Buffer.from(hub.contents(url) as Buffer);
      if (times-- > 0) contents[1234] = (contents[1234] as number) ^ 1;
      response.end(contents);
      return true;
    };
  };

  test("once: fetched again", async () => {
    spoil(1);
    await expectWhole(await download("org/torch"), "org/torch");
  });

  test("twice: refused, and nothing is left that could be taken for a model", async () => {
    spoil(2);
    await fails("org/torch", "network", "pytorch_model.bin", "damaged twice", "checksum");
    expect(snapshots()).toEqual([]);
    expect(unfinished()).toEqual([]);
  });

  test("in the part that an earlier run left: fetched anew", async () => {
    const folder = await download("org/torch");
    const hash = readlinkSync(join(folder, "pytorch_model.bin")).split("/").at(-1) as string;
    cache = process.env.HF_HUB_CACHE = await temporaryFolder();
    mkdirSync(join(folderOf("org/torch"), "blobs"), { recursive: true });
    writeFileSync(join(folderOf("org/torch"), "blobs", `${hash}.incomplete`), randomBytes(5000));
    await expectWhole(await download("org/torch"), "org/torch");
  });

  test("of a small file, which has git's hash", async () => {
    hub.hubFault = (_, response, url) => {
      if (!url.pathname.endsWith("tokenizer.json")) return false;
      response.end("<html>Please sign in to this network</html>".padEnd(14_358));
      return true;
    };
    await fails("org/torch", "network", "tokenizer.json", "damaged");
  });

  test("truncated or too long, again and again: given up", async () => {
    for (const change of [(bytes: Buffer) => bytes.subarray(0, 0), (bytes: Buffer) => Buffer.concat([bytes, bytes])]) {
      hub.cdnFault = (_, response, url) => {
        response.end(change(hub.contents(url) as Buffer));
        return true;
      };
      await fails("org/torch", "network", "pytorch_model.bin", "5 times in a row");
      expect(snapshots()).toEqual([]);
    }
  });
});

describe("the server", () => {
  test("fails and recovers, at every step", async () => {
    const failed = new Map<string, number>();
    const flaky = (_: unknown, response: Parameters<typeof refuse>[0], url: URL) => {
      const times = failed.get(url.pathname) ?? 0;
      if (times === 2) return false;
      failed.set(url.pathname, times + 1);
      if (times === 0) response.destroy();
      else refuse(response, 503, undefined, { "Retry-After": "0" });
      return true;
    };
    // The very first contact must succeed: a server that was never there is not waited for.
    hub.hubFault = (request, response, url) => hub.log.length > 1 && flaky(request, response, url);
    hub.cdnFault = flaky;
    await expectWhole(await download("org/torch"), "org/torch");
  });

  test.each([500, 502, 503, 504, 429])("answers %d for good: given up after five attempts", async (status) => {
    hub.cdnFault = (_, response) => {
      refuse(response, status);
      return true;
    };
    await fails("org/torch", "network", String(status), "5 times in a row", "kept");
    expect(hub.log.filter(({ server }) => server === "cdn")).toHaveLength(5);
  });

  test("redirects: the token goes to the Hub, not to where it sends us", async () => {
    process.env.HF_TOKEN = "secret";
    await download("org/torch");
    for (const { server, headers } of hub.log)
      expect(headers.authorization, server).toBe(server === "hub" ? "Bearer secret" : undefined);
  });

  test("redirects in a circle", async () => {
    hub.hubFault = (_, response, url) => {
      if (!url.pathname.endsWith("config.json")) return false;
      response.writeHead(302, { Location: url.pathname }).end();
      return true;
    };
    await fails("org/torch", "network", "redirect");
  });

  test("takes the token from Python's file", async () => {
    mkdirSync(join(cache, "home"));
    writeFileSync(join(cache, "home", "token"), "from-file\n");
    await download("org/torch");
    expect(hub.log[0]?.headers.authorization).toBe("Bearer from-file");
  });

  const refusals: [string, number, string | undefined, boolean, string[]][] = [
    ["gated", 403, "GatedRepo", false, ["org/torch is gated", "HF_TOKEN"]],
    ["gated, with a token", 403, "GatedRepo", true, ["Accept its conditions"]],
    ["unknown or private", 401, "RepoNotFound", false, ["has no org/torch", "HF_TOKEN"]],
    ["unknown, with a token", 404, "RepoNotFound", true, ["has no org/torch", "may not see it"]],
    ["with a bad token", 401, undefined, true, ["does not accept the token from HF_TOKEN"]],
    ["forbidden", 403, undefined, true, ["may not read it"]],
    ["odd", 418, undefined, false, ["answered 418"]],
  ];
  test.each(refusals)("refuses: %s", async (_, status, code, token, parts) => {
    if (token) process.env.HF_TOKEN = "secret";
    hub.hubFault = (_, response) => {
      refuse(response, status, code);
      return true;
    };
    await fails("org/torch", "network", ...parts);
    expect(hub.log).toHaveLength(1);
  });

  test("does not know the model, or the revision", async () => {
    await fails("org/none", "network", "has no org/none");
    await fails("org/torch@none", "network", "org/torch@none", "no such revision");
  });

  test("is not there, or is no Hub, or must not be asked", async () => {
    const gone = await HubServer.start();
    gone.close();
    process.env.HF_ENDPOINT = gone.endpoint;
    await fails("org/torch", "network", "127.0.0.1", "cannot be reached (ECONNREFUSED", "HTTPS_PROXY");
    process.env.HF_ENDPOINT = hub.endpoint;
    hub.hubFault = (_, response) => {
      response.end("<html>");
      return true;
    };
    await fails("org/torch", "network", "does not answer as the Hub does");
    process.env.HF_ENDPOINT = "mirror";
    await fails("org/torch", "input", "HF_ENDPOINT");
    process.env.HF_HUB_OFFLINE = "1";
    await fails("org/torch", "network", "HF_HUB_OFFLINE is set");
  });

  test.each([
    ["a hash that is a path", (entry: Record<string, unknown>) => ({ ...entry, oid: "../../../evil" })],
    ["a negative size", (entry: Record<string, unknown>) => ({ ...entry, size: -1 })],
    ["no hash", ({ oid: _, ...entry }: Record<string, unknown>) => entry],
  ])("lists %s", async (_, alter) => {
    hub.alterTree = (entries) => entries.map((entry) => (entry.type === "file" ? alter(entry) : entry));
    await fails("org/torch", "network", "does not answer as the Hub does");
    hub.alterTree = () => ({ error: "no" });
    await fails("org/torch", "network", "does not answer as the Hub does");
  });
});

describe("is refused before its weights come:", () => {
  const weightless = (name: string) =>
    expect(
      hub.log.every(({ server }) => server === "hub"),
      name,
    ).toBe(true);

  test("a model without what it needs", async () => {
    hub.add("org/flax", undefined, { "config.json": "{}", "tokenizer.json": "{}", "flax_model.msgpack": "x" });
    await fails("org/flax", "checkpoint", "org/flax holds no weights that can be run", "model.safetensors");
    hub.add("org/bare", undefined, { "config.json": "{}", "pytorch_model.bin": "x" });
    await fails("org/bare", "checkpoint", "org/bare holds no tokenizer.json");
    weightless("org/bare");
  });

  test("another architecture", async () => {
    hub.add("org/bert", fixture("odd-fp16"), { "config.json": '{"model_type":"bert"}' });
    await fails("org/bert", "architecture", "bert");
    weightless("org/bert");
    expect(snapshots("org/bert")).toEqual([]);
  });

  test("an index that leads out of its folder, or to a shard that is not there", async () => {
    for (const shard of ["../../../evil", "..\\evil", "/etc/passwd", ".."]) {
      const index = JSON.stringify({ weight_map: { "lm_head.weight": shard } });
      hub.add("org/evil", undefined, {
        "config.json": readFileSync(join(fixture("odd-fp16"), "config.json")),
        "tokenizer.json": "{}",
        "model.safetensors.index.json": index,
        [shard]: "evil",
      });
      await fails("org/evil", "checkpoint", "which is no file in its folder");
    }
    weightless("org/evil");
    hub.add("org/gap", fixture("odd-sharded-fp32")).files.delete("model-00002-of-00003.safetensors");
    await fails("org/gap", "checkpoint", "org/gap holds no model-00002-of-00003.safetensors");
  });

  test.each(["../evil", "a/b/c", "a--b/c", "/etc", "org/name@../main", "", "org/na me", "https://x/y"])(
    "the name %j",
    async (name) => {
      await expectError((async () => download(name))(), "input", "owner/name");
    },
  );

  test("a model larger than the disk", async () => {
    hub.alterTree = (entries) =>
      entries.map((entry) => (entry.lfs ? { ...entry, lfs: { ...(entry.lfs as object), size: 2 ** 50 } } : entry));
    await fails("org/torch", "disk", "org/torch still takes 1125899.9 GB", "free at", "HF_HUB_CACHE");
    weightless("org/torch");
  });
});

test("two downloads at once: one waits and finds what the other brought", async () => {
  const phases: string[] = [];
  const progress = ({ phase }: { phase: string }) => phases.push(phase);
  // Either of them may be the first at the lock.
  const both = await Promise.all([download("org/torch", { progress }), download("org/torch", { progress })]);
  expect(both[0]).toBe(both[1]);
  expect(phases).toContain("wait for another download");
  expect(hub.sent).toBe(large("org/torch").length);
  await expectWhole(both[0], "org/torch");
});

/** A small file system of its own, where the user may make one. */
const tmpfs = (() => {
  try {
    const folder = execFileSync("mktemp", ["-d"], { encoding: "utf8" }).trim();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], { stdio: "ignore" });
    return folder;
  } catch {
    return undefined;
  }
})();
afterAll(() => {
  if (tmpfs) execFileSync("umount", [tmpfs]);
});

test.skipIf(!tmpfs)("the disk fills up on the way (needs the right to mount a tmpfs)", async () => {
  const folder = join(tmpfs as string, "hub");
  cache = process.env.HF_HUB_CACHE = folder;
  await fails("org/torch", "disk", "org/torch still takes", tmpfs as string);
  // Room enough when it begins; then another program takes it.
  hub.add("org/small", fixture("odd-fp16"), { "model.safetensors": large("org/torch@float16").subarray(0, 150_000) });
  hub.cdnFault = (_, response, url) => {
    writeFileSync(join(tmpfs as string, "other"), Buffer.alloc(100_000));
    response.end(hub.contents(url));
    return true;
  };
  await expectError(download("org/small"), "disk", ".incomplete", "the disk is full");
  expect(snapshots("org/small")).toEqual([]);
});
