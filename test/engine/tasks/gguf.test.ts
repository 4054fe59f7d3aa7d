/** A GGUF file from `rome models add` to a completion, by the command line. */
import { copyFileSync, cpSync, readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fixturePath, readFixture, romeWith, temporaryFolder } from "../../support/fixtures.ts";

const home = await temporaryFolder();
const file = join(home, "tiny.gguf");
copyFileSync(fixturePath("gguf", "llama-f16.gguf"), file);
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
  const again = await rome("models", "add", file, "--json");
  const { model, folder } = JSON.parse(again.stdout);
  expect(model).toBe(file);

  const listed = JSON.parse((await rome("models", "--json")).stdout) as { name: string; usable: boolean }[];
  expect(listed.find(({ name }) => name === label)).toMatchObject({ usable: true, folder });

  const [expected] = readFixture<{ prompts: { text: string; top: { logProb: number }[] }[] }[]>("gguf/models.json");
  const { text, top } = expected!.prompts[0]!;
  for (const choice of [file, folder]) {
    const completed = await rome("--model", choice, "complete", "--prompt", text, "--max-tokens", "1", "--json");
    const { next } = JSON.parse(completed.stdout) as { next: { logProb: number }[] };
    expect(next[0]!.logProb).toBeCloseTo(top[0]!.logProb, 2);
  }

  const copy = join(home, "copy");
  cpSync(folder, copy, { recursive: true });
  const names = JSON.parse((await rome("models", copy, "--json")).stdout) as { name: string; folder: string }[];
  expect(names.find((entry) => entry.folder === copy)).toMatchObject({ name: "copy" });

  utimesSync(file, 1, 1);
  expect((await rome("--model", file, "complete", "--prompt", "a")).stderr).toContain("has changed since");

  const removed = await rome("models", "remove", file);
  expect(removed.stdout).toContain(`${label} removed`);
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
