/** A GGUF file from `rome models add` to a completion, by the command line. */
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { unpackGguf } from "../../../src/engine/gguf/unpackGguf.ts";
import { addGguf } from "../../../src/engine/tasks/addGguf.ts";
import { listModels } from "../../../src/engine/tasks/models.ts";
import { removeModel } from "../../../src/engine/tasks/removeModel.ts";
import { byteCount } from "../../../src/text/amounts.ts";
import { expectError } from "../../support/checkpointBuilders.ts";
import { embeddedPath, fixturePath, readFixture, romeWith, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

const home = await temporaryFolder();
const file = join(home, "tiny.gguf");
copyFileSync(fixturePath("gguf", "llama-f16.gguf"), file);
const assets = join(embeddedPath, "..", "..");
/** The program's storage and the Hugging Face cache, both empty. */
const rome = (...args: string[]) =>
  romeWith({ XDG_CACHE_HOME: home, LOCALAPPDATA: home, HOME: home, HF_HOME: join(home, "hf") }, ...args);
const label = "Tiny llama-fp16 (unpacked from F16 GGUF, 16.1 bits a weight)";

test("a GGUF file is unpacked, listed by what it is, run by its path and by its folder, and removed", async () => {
  const early = await rome("--model", file, "complete", "--prompt", "a");
  expect(early).toMatchObject({ code: 1, stdout: "" });
  expect(early.stderr).toContain(`Unpack it with: rome models add ${file}`);

  const added = await rome("models", "add", file);
  expect(added).toMatchObject({ code: 0 });
  expect(added.stdout).toContain(`${label} is in `);
  expect(added.stdout).toContain(`rome --model ${file} `);
  const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
  expect(added.stdout).toContain(`sha256 ${sha256}`);
  expect((await rome("models", "add", file)).stdout).toContain(`${label} was already there: it is in `);
  const again = await rome("models", "add", file, "--json");
  const { model, folder, ...rest } = JSON.parse(again.stdout);
  expect(model).toBe(file);
  expect(rest).toEqual({ sha256, bytes: statSync(file).size, wasThere: true });

  const listed = JSON.parse((await rome("models", "--json")).stdout) as { name: string; usable: boolean }[];
  expect(listed.find(({ name }) => name === label)).toMatchObject({ usable: true, folder });

  const [expected] = readFixture<{ prompts: { text: string; top: { logProb: number }[] }[] }[]>("gguf/models.json");
  const { text, top } = expected!.prompts[0]!;
  for (const choice of [file, folder]) {
    const completed = await rome("--model", choice, "complete", "--prompt", text, "--max-tokens", "1", "--json");
    const { next, model } = JSON.parse(completed.stdout) as { next: { logProb: number }[]; model: { name: string } };
    expect(model.name).toBe(label);
    expect(next[0]!.logProb).toBeCloseTo(top[0]!.logProb, 2);
  }

  const copy = join(home, "copy");
  cpSync(folder, copy, { recursive: true });
  const names = JSON.parse((await rome("models", copy, "--json")).stdout) as { name: string; folder: string }[];
  expect(names.find((entry) => entry.folder === copy)).toMatchObject({ name: "copy" });

  // The same contents elsewhere, or of another time, are the same model.
  utimesSync(file, 1, 1);
  const twin = join(home, "twin.gguf");
  copyFileSync(file, twin);
  for (const same of [file, twin, file]) {
    const { stdout } = await rome("--model", same, "complete", "--prompt", "a", "--max-tokens", "1");
    expect(stdout).toContain(`\n  model   ${label}\n`);
  }
  const bytes = readFileSync(twin);
  bytes.writeUInt8(bytes.at(-1)! ^ 1, bytes.length - 1);
  writeFileSync(twin, bytes);
  expect((await rome("--model", twin, "complete", "--prompt", "a")).stderr).toContain("has changed since");

  const flip = ["--model", file, "flip", "Ben", "--contexts", "3", "--steps", "1", "--max-tokens", "1"];
  expect((await rome(...flip)).stdout).toContain(`\n  model   ${label}\n`);
  expect(JSON.parse((await rome(...flip, "--json")).stdout)[0].model.name).toBe(label);
  const trace = ["--model", file, "trace", "Ben", "--samples", "1"];
  expect((await rome(...trace)).stdout).toContain(`\n  model   ${label}\n`);

  const removed = await rome("models", "remove", file);
  expect(removed.stdout).toContain(`${label} removed`);
  const kept = /stays for the next time: (.*)\n/.exec(removed.stdout)?.[1];
  expect(readdirSync(kept!).length).toBeGreaterThan(0);
  const left = readdirSync(join(folder, "..")).filter((name) => !name.startsWith("."));
  expect(left).toEqual([]);
  expect((await rome("models", "remove", file)).stderr).toContain("Nothing was unpacked from");
});

test("what is no GGUF file is refused in a line", async () => {
  const bad = join(home, "bad.gguf");
  copyFileSync(fixturePath("gguf", "models.json"), bad);
  const refused = await rome("models", "add", bad);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain("is not a GGUF file");
  expect((await rome("models", "add", join(home, "nothing.gguf"))).stderr).toContain("does not exist");
});

test("a GGUF file that is half unpacked is listed with the reason, and removed by its path", async () => {
  const storage = await temporaryFolder();
  const half = fixturePath("gguf", "gpt2-f16.gguf");
  const stop = new AbortController();
  const progress = ({ done }: { done: number }) => {
    if (done >= statSync(half).size + 60_000) stop.abort();
  };
  await expectError(unpackGguf(half, storage, quietRun({ signal: stop.signal, progress })), "cancelled");
  const listed = async () => (await listModels([], assets, storage)).filter(({ folder }) => folder.startsWith(storage));
  const [entry, ...others] = await listed();
  expect(others).toEqual([]);
  expect(entry).toMatchObject({ name: expect.stringContaining("unpacked from F16 GGUF"), usable: false });
  expect(entry!.reason).toContain(`not finished (${byteCount(entry!.bytes)} so far)`);
  expect(entry!.reason).toContain(`rome models add ${half}`);
  expect(await removeModel({ repository: half }, storage)).toEqual({
    model: entry!.name,
    bytes: entry!.bytes,
    kept: [],
  });
  expect(await listed()).toEqual([]);
});

test("where the file is gone by the time it is unpacked, the folder is named", async () => {
  const short = join(home, "short.gguf");
  copyFileSync(fixturePath("gguf", "gpt2-f16.gguf"), short);
  const run = quietRun({ progress: () => rmSync(short, { force: true }) });
  const { model, folder } = await addGguf(short, await temporaryFolder(), run);
  expect(model).toBe(folder);
});

test("a folder is not added, and no Hub is asked for it", async () => {
  const { code, stderr } = await rome("models", "add", home);
  expect(code).toBe(2);
  expect(stderr).toContain(`${home} is a folder and is used as it is: rome --model ${home} `);
});
