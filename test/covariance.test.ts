/** Counting a covariance: anytime, resumable to the same bytes, and clear about texts that are not there. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Rome } from "../src/engine/rome/rome.ts";
import { rome as cli, fixturePath, temporaryFolder } from "./fixtures.ts";

const text = Array.from({ length: 120 }, (_, i) => `Name ${i} went to town number ${i * 7} and came home late.`);

async function opened(): Promise<{ rome: Rome; file: string }> {
  const storage = await temporaryFolder();
  const file = join(storage, "text.txt");
  writeFileSync(file, text.concat(text, text, text).join("\n"));
  return { rome: await Rome.open(fixturePath("checkpoints/odd-fp16"), { storage }), file };
}

it("goes on after a cancellation to the same bytes", async () => {
  const [whole, parts] = [await opened(), await opened()];
  const expected = await whole.rome.countCovariance([whole.file], { tokens: 6000 });
  const abort = new AbortController();
  const cancelled = parts.rome.countCovariance([parts.file], {
    tokens: 6000,
    signal: abort.signal,
    onProgress: () => abort.abort(),
  });
  await expect(cancelled).rejects.toMatchObject({ reason: "cancelled" });
  const seen: number[] = [];
  const onProgress = (done: number) => void seen.push(done);
  const found = await parts.rome.countCovariance([parts.file], { tokens: 6000, onProgress });
  expect(seen[0]).toBeGreaterThan(2048);
  expect(found.tokens).toBe(expected.tokens);
  expect(readFileSync(found.file).equals(readFileSync(expected.file))).toBe(true);
});

it("is found by edits from then on", async () => {
  const { rome, file } = await opened();
  const { layer, tokens } = await rome.countCovariance([file], { tokens: 3000 });
  expect((await rome.covariance("auto", layer))?.tokens).toBe(tokens);
});

it("says what is wrong with the text", async () => {
  const missing = await cli("covariance", "no-such-file.txt");
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain("no-such-file.txt");
  expect((await cli("covariance", await temporaryFolder())).stderr).toContain("There is no text");
  expect((await cli("covariance", "--tokens", "0")).stderr).toContain("--tokens");
});
