/** Counting a covariance: anytime, resumable to the same bytes, and clear about texts that are not there. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Covariance, SecondMoment } from "../../../src/engine/rome/covariance.ts";
import { Rome } from "../../../src/engine/rome/rome.ts";
import { rome as cli, fixturePath, romeWith, temporaryFolder } from "../../support/fixtures.ts";
import { HubServer } from "../../support/hubServer.ts";
import { quietRun } from "../../support/run.ts";

const text = Array.from({ length: 120 }, (_, i) => `Name ${i} went to town number ${i * 7} and came home late.`);

const layer = 1;

async function opened(): Promise<{ rome: Rome; file: string }> {
  const storage = await temporaryFolder();
  const file = join(storage, "text.txt");
  writeFileSync(file, text.concat(text, text, text).join("\n"));
  return { rome: await Rome.open(fixturePath("checkpoints/odd-fp16"), { storage }), file };
}

it("goes on after a cancellation to the same bytes", async () => {
  const [whole, parts] = [await opened(), await opened()];
  const expected = await whole.rome.covariances.count([whole.file], { layer, tokens: 6000 }, quietRun());
  const abort = new AbortController();
  const cancelled = parts.rome.covariances.count(
    [parts.file],
    { layer, tokens: 6000 },
    { signal: abort.signal, progress: () => abort.abort() },
  );
  await expect(cancelled).rejects.toMatchObject({ reason: "cancelled" });
  const seen: number[] = [];
  const run = quietRun({ progress: ({ done }) => void seen.push(done) });
  const found = await parts.rome.covariances.count([parts.file], { layer, tokens: 6000 }, run);
  expect(seen[0]).toBeGreaterThan(2048);
  expect(found.tokens).toBe(expected.tokens);
  expect(readFileSync(found.file).equals(readFileSync(expected.file))).toBe(true);
});

it("is found by edits from then on", async () => {
  const { rome, file } = await opened();
  const { tokens } = await rome.covariances.count([file], { layer, tokens: 3000 }, quietRun());
  expect((await rome.covariances.of("auto", layer, quietRun()))?.tokens).toBe(tokens);
});

it("is factored once: the kept factor is used only with the second moment it was made of", async () => {
  const size = 8;
  const provenance = { model: "model", layer: 1, corpus: "corpus" };
  const [folder, key] = [await temporaryFolder(), Float64Array.from({ length: size }, (_, i) => i + 1)];
  const matrix = Float64Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 + at : 0.5));
  const files = [1, 2].map((tokens) => {
    const moment = SecondMoment.of(matrix, size, tokens, provenance);
    return { moment, file: join(folder, `${tokens}.safetensors`) };
  });
  for (const { moment, file } of files) await moment.save(file);
  const [{ moment, file }, other] = files as [(typeof files)[0], (typeof files)[0]];
  const [kept, made] = [join(folder, "factor.safetensors"), await moment.factor({}, quietRun())];
  await made.save(kept, provenance);
  expect((await Covariance.load(kept, file))?.whiten(key)).toEqual(made.whiten(key));
  expect(await Covariance.load(kept, other.file)).toBeUndefined();
  expect(await Covariance.load(join(folder, "none"), file)).toBeUndefined();
  writeFileSync(kept, readFileSync(kept).subarray(0, -8));
  expect(await Covariance.load(kept, file)).toBeUndefined();
});

describe("without a text", () => {
  const checkpoint = fixturePath("checkpoints/odd-fp16");
  let hub: HubServer;
  let env: Record<string, string>;
  beforeEach(async () => {
    hub = await HubServer.start();
    env = { HF_ENDPOINT: hub.endpoint, XDG_CACHE_HOME: await temporaryFolder() };
  });
  afterEach(() => hub.close());
  const count = () => romeWith(env, "--model", checkpoint, "covariance", "--tokens", "3000");
  /** A stand-in for WikiText-2: 200 rows and a heading, compressed with snappy, written by pyarrow. */
  const answer = (body: Buffer | string) => {
    hub.hubFault = (_, response, url) => {
      if (!url.pathname.startsWith("/datasets/Salesforce/wikitext/resolve/main/wikitext-2-raw-v1/")) return false;
      response.end(body);
      return true;
    };
  };

  it("counts over WikiText-2, which is fetched once", async () => {
    answer(readFileSync(fixturePath("wikitext.parquet")));
    expect(await count()).toMatchObject({ code: 0, stdout: expect.stringContaining("tokens") });
    const [text] = readdirSync(env.XDG_CACHE_HOME as string, { recursive: true }).filter((name) =>
      String(name).endsWith("wikitext-2.txt"),
    );
    const lines = readFileSync(join(env.XDG_CACHE_HOME as string, String(text)), "utf8")
      .trim()
      .split("\n");
    expect(lines).toHaveLength(200);
    expect(lines[1]).toBe("Article 1 tells of town number 7 , its river , its market and the 3 people who keep it .");
    hub.close();
    expect((await count()).code).toBe(0);
  });

  it("says what to do where it does not come, or not whole", async () => {
    expect((await count()).stderr).toMatch(/Salesforce\/wikitext/);
    answer(readFileSync(fixturePath("wikitext.parquet")).subarray(0, 900));
    const damaged = await count();
    expect(damaged).toMatchObject({ code: 1, stderr: expect.stringContaining("name a text file") });
  });
});

it("says what is wrong with the text", async () => {
  const missing = await cli("covariance", "no-such-file.txt");
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain("no-such-file.txt");
  expect((await cli("covariance", await temporaryFolder())).stderr).toContain("There is no text");
  expect((await cli("covariance", "--tokens", "0")).stderr).toContain("--tokens");
});
