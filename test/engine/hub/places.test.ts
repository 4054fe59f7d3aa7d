/** Where things lie, what is kept secret and what is removed; nothing here needs a server. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { download } from "../../../src/engine/hub/download.ts";
import { findSnapshot, requireWeights } from "../../../src/engine/hub/hubCache.ts";
import { cacheFolder, tokenPath } from "../../../src/engine/hub/places.ts";
import { removeModel } from "../../../src/engine/hub/remove.ts";
import { expectError, temporaryFolder } from "../../support/checkpointBuilders.ts";
import { quietRun } from "../../support/run.ts";

const kept = { ...process.env };
const model = { repository: "org/model", revision: undefined };
const [first, second] = ["a".repeat(40), "b".repeat(40)] as const;
let home: string;

/** The environment of a user whose home is a new folder, with nothing said of the Hub but `variables`. */
function environment(variables: Record<string, string>): void {
  const names = /^(HF_|HUGGING|XDG_CACHE|HTTPS?_PROXY|NO_PROXY|TRANSFORMERS_)/i;
  const rest = Object.fromEntries(Object.entries(kept).filter(([name]) => !names.test(name)));
  process.env = { ...rest, HOME: home, USERPROFILE: home, ...variables };
}

beforeEach(() => {
  home = temporaryFolder();
  return () => {
    process.env = kept;
  };
});

test.each<[Record<string, string>, cache: string, token: string]>([
  [{}, "~/.cache/huggingface/hub", "~/.cache/huggingface/token"],
  [{ HF_HOME: "~" }, "~/hub", "~/token"],
  [{ HF_HOME: "~/hf" }, "~/hf/hub", "~/hf/token"],
  [{ HF_HOME: "$HOME/hf" }, "~/hf/hub", "~/hf/token"],
  [{ HF_HOME: "$" + "{DISK}/hf", DISK: "/disk" }, "/disk/hf/hub", "/disk/hf/token"],
  [{ HF_HOME: "/a/$NOT_SET/~" }, "/a/$NOT_SET/~/hub", "/a/$NOT_SET/~/token"],
  [{ XDG_CACHE_HOME: "~/x" }, "~/x/huggingface/hub", "~/x/huggingface/token"],
  [{ HF_HUB_CACHE: "~/c", HF_HOME: "/h" }, "~/c", "/h/token"],
  [{ HUGGINGFACE_HUB_CACHE: "$HOME/old" }, "~/old", "~/.cache/huggingface/token"],
  [{ HF_HUB_CACHE: "~/new", HUGGINGFACE_HUB_CACHE: "~/old" }, "~/new", "~/.cache/huggingface/token"],
  [{ HF_TOKEN_PATH: "~/secret/$USER_NAME", USER_NAME: "me" }, "~/.cache/huggingface/hub", "~/secret/me"],
])("%j means what it means to Python", (variables, cache, token) => {
  environment(variables);
  const atHome = (path: string) => path.replace(/^~/, () => home);
  expect(cacheFolder()).toBe(join(atHome(cache)));
  expect(tokenPath()).toBe(join(atHome(token)));
});

const secret = "hf_S3cretS3cretS3cret";
// Port 9 of this machine answers nobody.
const nowhere = "http://127.0.0.1:9";
test.each<Record<string, string>>([
  { HF_TOKEN: secret, HF_ENDPOINT: nowhere },
  { HF_TOKEN: `${secret} \u00e4`, HF_ENDPOINT: nowhere },
  { HF_TOKEN: `${secret}\nX-Other: 1`, HF_ENDPOINT: nowhere },
  { HUGGING_FACE_HUB_TOKEN: `${secret}\u0001`, HF_ENDPOINT: nowhere },
  { HF_ENDPOINT: `http://me:${secret}@127.0.0.1:9/mirror` },
  { HF_ENDPOINT: `http://127.0.0.1:9/?token=${secret}` },
  { HF_ENDPOINT: `me:${secret}@host` },
  { HF_ENDPOINT: `ftp://me:${secret}@host` },
  { HF_ENDPOINT: `http://me:${secret}@ho st` },
  { HF_ENDPOINT: secret, HF_TOKEN: secret },
  { HF_ENDPOINT: nowhere, HTTP_PROXY: `http://me:${secret}@127.0.0.1:9` },
  { HF_ENDPOINT: nowhere, HTTPS_PROXY: `http://me:${secret}@ho st:1` },
  { HF_ENDPOINT: nowhere, HTTP_PROXY: `${secret}:x@` },
  { HF_ENDPOINT: "https://127.0.0.1:9", https_proxy: `http://${secret}@127.0.0.1:9` },
])("no message holds the secret of %j", async (variables) => {
  environment({ HF_HUB_CACHE: join(home, "cache"), ...variables });
  const failure = await download(model, quietRun(), { firstPause: 1 }).then(
    () => undefined,
    (error: Error) => error,
  );
  expect(failure?.message).toMatch(/\S/);
  expect(`${failure?.name} ${failure?.message}`).not.toMatch(/S3cret/);
});

/** A cached model: main is `first`, and there is `second`; each holds these files. */
function cached(files: Readonly<Record<string, readonly string[]>>): string {
  environment({ HF_HUB_CACHE: join(home, "cache") });
  const folder = join(home, "cache", "models--org--model");
  for (const part of ["blobs", "refs", "snapshots"]) mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, "refs", "main"), first);
  for (const [commit, names] of Object.entries(files)) {
    mkdirSync(join(folder, "snapshots", commit));
    for (const name of names) {
      const blob = `${commit.slice(0, 4)}-${name}`;
      writeFileSync(join(folder, "blobs", blob), name);
      symlinkSync(join("..", "..", "blobs", blob), join(folder, "snapshots", commit, name));
    }
  }
  return folder;
}

/** A folder of the user's outside the cache, with one file. */
function precious(): string {
  const folder = join(home, "precious");
  mkdirSync(folder);
  writeFileSync(join(folder, "thesis"), "mine");
  return folder;
}
const expectUntouched = () => expect(readFileSync(join(home, "precious", "thesis"), "utf8")).toBe("mine");

test("removing one revision keeps the files of the other", async () => {
  const folder = cached({ [first]: ["config.json"], [second]: ["config.json", "model.safetensors"] });
  await removeModel({ ...model, revision: first });
  expect(readdirSync(join(folder, "snapshots"))).toEqual([second]);
  expect(readdirSync(join(folder, "blobs"))).toEqual(["bbbb-config.json", "bbbb-model.safetensors"]);
});

test.each(["blobs", "snapshots", "refs", "."])("removing does not follow %s out of the cache", async (part) => {
  const folder = cached({});
  const outside = precious();
  if (part === ".") {
    for (const commit of [first, second]) mkdirSync(join(outside, "snapshots", commit), { recursive: true });
    for (const inner of ["blobs", "refs"]) mkdirSync(join(outside, inner));
  } else
    for (const commit of [first, second]) {
      const at = part === "snapshots" ? join(outside, commit) : join(folder, "snapshots", commit);
      mkdirSync(at, { recursive: true });
    }
  if (part === "refs") cpSync(join(folder, "refs", "main"), join(outside, "main"));
  rmSync(join(folder, part), { recursive: true });
  symlinkSync(outside, join(folder, part === "." ? "" : part).replace(/\/$/, ""));
  await expectError(removeModel({ ...model, revision: first }), "input", "is a link out of the cache", "precious");
  expectUntouched();
  await removeModel(model);
  expectUntouched();
  expect(existsSync(folder)).toBe(false);
});

test("removing the whole model removes links, not what they lead to", async () => {
  const folder = cached({ [first]: ["config.json"] });
  symlinkSync(precious(), join(folder, "snapshots", first, "more"));
  symlinkSync(join(home, "precious", "thesis"), join(folder, "blobs", "thesis"));
  await removeModel(model);
  expect(existsSync(folder)).toBe(false);
  expectUntouched();
});

test("a cached main without weights is named, with the snapshot that has them", async () => {
  cached({ [first]: ["config.json"], [second]: ["config.json", "model.safetensors"] });
  const snapshot = (await findSnapshot(model)) as string;
  expect(snapshot.endsWith(first)).toBe(true);
  await expectError(
    requireWeights(model, snapshot),
    "checkpoint",
    "org/model without its weights",
    "rome models add org/model",
    `--model org/model@${second.slice(0, 12)}`,
  );
  await requireWeights(model, (await findSnapshot({ ...model, revision: second.slice(0, 12) })) as string);
});
