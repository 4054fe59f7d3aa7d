/** Edited models as Hugging Face folders: the same model as with the live edit, whatever the files; never half a folder. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeNumbers, encodeNumbers } from "../../../src/engine/checkpoint/storedNumbers.ts";
import { readSafetensors } from "../../../src/engine/checkpoint/tensorFile.ts";
import { exportModel, planExport } from "../../../src/engine/export/exportModel.ts";
import { generate } from "../../../src/engine/model/generate.ts";
import { logProbabilities } from "../../../src/engine/model/logits.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { mean } from "../../../src/engine/numerics/statistics.ts";
import { adaptersOf } from "../../../src/engine/rome/adapters.ts";
import type { LiveEdit } from "../../../src/engine/rome/edit.ts";
import { expectError } from "../../support/checkpointBuilders.ts";
import { embeddedPath, fixturePath, rome, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";
import { seeded } from "../../support/seeded.ts";

const prompt = "Name: Ben. Gender:";
const maxTokens = 6;

/** A random edit of a middle layer, large enough to change what the model says. */
function randomEdit({ size }: Model, scale = 0.5): LiveEdit {
  const random = seeded(3);
  const vector = (length: number) => Float32Array.from({ length }, () => (scale * (random(2001) / 1000 - 1)) / 2);
  return { layer: Math.floor(size.layers / 2), u: vector(size.inner), r: vector(size.width) };
}

/** Greedy tokens, and the log-probability of the likeliest next one. */
async function say(model: Model, edits: LiveEdit[]) {
  const rows = [model.tokenizer.encode(prompt)];
  const { tokens, firstLogits } = await generate(
    model,
    rows,
    { maxTokens, adapters: adaptersOf(model.tokenizer, [{ prompt, edits }]) },
    quietRun(),
  );
  const logProbs = logProbabilities(firstLogits[0] as Float32Array);
  // The mean moves even where the best token has nearly all the probability.
  return { tokens: tokens[0], best: Math.max(...logProbs), mean: mean([...logProbs]) };
}

describe("numbers as they are stored", () => {
  const all = Uint8Array.from({ length: 2 ** 17 }, (_, i) => (i % 2 === 0 ? (i / 2) & 255 : i >> 9));

  it.each(["F16", "BF16"] as const)(
    "%s: every finite value comes back, and the rest rounds to the nearest even",
    (type) => {
      const values = decodeNumbers(all, type);
      const again = encodeNumbers(values, type);
      const finite = [...values.keys()].filter((i) => Number.isFinite(values[i]));
      expect(finite.length).toBe(type === "F16" ? 2 * 31 * 1024 : 2 * 255 * 128);
      expect(finite.filter((i) => again[2 * i] !== all[2 * i] || again[2 * i + 1] !== all[2 * i + 1])).toEqual([]);
      // Between two neighbours of one sign: the middle goes to the even one, a little beyond it to the other.
      const bits = (x: number) => {
        const [low = 0, high = 0] = encodeNumbers(Float32Array.of(x), type);
        return low + 256 * high;
      };
      const wrong = [];
      const last = type === "F16" ? 0x7bfe : 0x7f7e;
      for (let i = 0; i <= last; i += 7) {
        const [a, b] = [values[i] as number, values[i + 1] as number];
        const middle = (a + b) / 2;
        if (bits(middle) !== (i % 2 === 0 ? i : i + 1)) wrong.push([i, "middle"]);
        if (Math.fround(middle + (b - a) / 64) !== middle && bits(middle + (b - a) / 64) !== i + 1)
          wrong.push([i, "up"]);
        if (Math.fround(middle - (b - a) / 64) !== middle && bits(middle - (b - a) / 64) !== i) wrong.push([i, "down"]);
      }
      expect(wrong).toEqual([]);
    },
  );

  it("F16 goes to infinity from the middle beyond its largest value on", () => {
    const [below, from] = [65519, 65520].map((x) => decodeNumbers(encodeNumbers(Float32Array.of(x), "F16"), "F16")[0]);
    expect([below, from]).toEqual([65504, Number.POSITIVE_INFINITY]);
  });
});

const checkpoints = readdirSync(fixturePath("checkpoints"));

it.each(checkpoints)("%s with an edit in its weights says what it says with the edit beside them", async (name) => {
  const model = await Model.open(fixturePath("checkpoints", name));
  const edit = randomEdit(model);
  const out = join(await temporaryFolder(), "edited");
  const { folder, changed } = await exportModel(model, [edit], out, quietRun());
  const exported = await Model.open(folder);
  expect(exported.checkpoint.fingerprint).not.toBe(model.checkpoint.fingerprint);
  expect(changed).toHaveLength(1);
  expect([...exported.checkpoint.weights.keys()].sort()).toEqual([...model.checkpoint.weights.keys()].sort());
  const types = ({ checkpoint }: Model) =>
    [...checkpoint.weights.values()].map(({ name, type }) => `${name} ${type}`).sort();
  expect(types(exported)).toEqual(types(model));
  const [plain, live, written] = [await say(model, []), await say(model, [edit]), await say(exported, [])];
  expect(live.mean).not.toBeCloseTo(plain.mean, 3);
  // A coarser precision rounds W′; float32 does not.
  const digits = name.includes("fp32") ? 4 : name.includes("bf16") ? 1 : 2;
  expect(written.best).toBeCloseTo(live.best, digits);
  expect(written.mean).toBeCloseTo(live.mean, digits);
  if (digits > 1) expect(written.tokens).toEqual(live.tokens);
});

it("what is not edited keeps its bytes; large files are shared with the source where they can be", async () => {
  const source = fixturePath("checkpoints", "odd-sharded-fp32");
  const model = await Model.open(source);
  const edit = randomEdit(model);
  const { folder } = await exportModel(model, [edit], join(await temporaryFolder(), "edited"), quietRun());
  const [matrix] = [model.architecture.editedWeight(edit.layer).name];
  let compared = 0;
  for (const file of readdirSync(source)) {
    const [before, after] = [source, folder].map((place) => join(place, file)) as [string, string];
    if (!file.endsWith(".safetensors")) {
      expect(readFileSync(after).equals(readFileSync(before)), file).toBe(true);
      continue;
    }
    const [old, now] = [await readSafetensors(before), await readSafetensors(after)];
    for (const [name, { data, shape }] of old.tensors) {
      const other = now.tensors.get(name)?.data as Float32Array;
      compared++;
      if (name !== matrix) expect(other, name).toEqual(data);
      else
        for (const [i, value] of other.entries()) {
          const [row, column] = [Math.floor(i / (shape[1] as number)), i % (shape[1] as number)];
          const added = (edit.r[row] as number) * (edit.u[column] as number);
          expect(value).toBe(Math.fround((data[i] as number) + added));
        }
    }
  }
  expect(compared).toBeGreaterThan(10);
});

it("an edited model is exported, runs, and is what the live edit is", async () => {
  const place = await temporaryFolder();
  const [file, out] = [join(place, "Ben.romedit"), join(place, "edited")];
  expect((await rome("flip", "Ben", "Ani", "--save", file)).code).toBe(0);
  const { code, stdout } = await rome("export", "--edits", file, "--out", out);
  expect(code).toBe(0);
  expect(stdout).toContain("transformer.h.2.mlp.fc_out.weight");
  const trials = JSON.parse((await rome("edits", "apply", file, "--json")).stdout);
  for (const { prompt: asked, completions, proof } of trials) {
    const { completion } = JSON.parse((await rome("--model", out, "complete", "--prompt", asked, "--json")).stdout);
    expect(completion).toBe(completions.with);
    expect(completions.removed).toBe(completions.before);
    expect(completions.with).not.toBe(completions.before);
    expect(proof.untouched).toBe(true);
  }
  expect(existsSync(join(out, "edits.romedit"))).toBe(true);
  // Its card is its own; that of the source lies beside it, and an export of the export keeps all of them.
  const card = readFileSync(join(out, "README.md"), "utf8");
  expect(card).toMatch(/^---\nlicense: mit\n[^#]*---\n\n# embedded, edited\n/);
  expect(card).toContain("| Ben | Name: Ben. Gender: | male | female (probability ");
  expect(card).toContain("| Ani | ");
  const [source, beside] = [join(embeddedPath, "README.md"), join(out, "README-original.md")].map((path) =>
    readFileSync(path, "utf8"),
  );
  expect(beside).toBe(source);
  // An edit of the source is none of the edited model.
  expect(await rome("--model", out, "edits", "apply", file)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/made for another model.*weights/),
  });
});

it("Δv and the gender vector go out for other programs", async () => {
  const out = await temporaryFolder();
  expect((await rome("export", "--vectors", "--out", out)).code).toBe(0);
  const { tensors } = await readSafetensors(join(out, "vectors.safetensors"));
  expect(tensors.get("delta")?.shape).toEqual([1000, 256]);
  for (const name of ["delta", "vector", "classifier"]) {
    const bytes = readFileSync(join(out, `${name}.npy`));
    const length = bytes.readUInt16LE(8);
    expect(bytes.subarray(0, 8)).toEqual(Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0]));
    expect((10 + length) % 64).toBe(0);
    const header = bytes.subarray(10, 10 + length).toString();
    expect(header).toContain(name === "delta" ? "(1000, 256)" : "(256,)");
    const numbers = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset + 10 + length, bytes.byteOffset + bytes.length),
    );
    expect(numbers).toEqual(tensors.get(name)?.data);
  }
  expect(readFileSync(join(out, "rows.csv"), "utf8").trim().split("\n")).toHaveLength(1001);
});

it("what an export of an export has of its own does not replace what the first had", async () => {
  const source = await temporaryFolder();
  cpSync(fixturePath("checkpoints", "gpt2-fp32"), source, { recursive: true });
  for (const name of ["README.md", "README-original.md", "edits.romedit"]) writeFileSync(join(source, name), name);
  const model = await Model.open(source);
  const out = join(await temporaryFolder(), "edited");
  const plan = await planExport(model, [randomEdit(model)], out);
  expect(existsSync(out)).toBe(false);
  const done = await exportModel(model, [randomEdit(model)], out, quietRun());
  expect(plan).toEqual(done);
  for (const [now, then] of [
    ["README-original.md", "README.md"],
    ["README-original-original.md", "README-original.md"],
    ["edits-original.romedit", "edits.romedit"],
  ] as const)
    expect(readFileSync(join(out, now), "utf8")).toBe(then);
  await expectError(planExport(model, [randomEdit(model)], out), "input", "is there already");
});

describe("what cannot be exported", () => {
  const open = () => Model.open(fixturePath("checkpoints", "even-fp16"));

  it("is refused in words and leaves nothing behind", async () => {
    const model = await open();
    const place = await temporaryFolder();
    const out = join(place, "edited");
    await expectError(exportModel(model, [], out, quietRun()), "input", "no edit");
    mkdirSync(join(place, "full", "inside"), { recursive: true });
    await expectError(
      exportModel(model, [randomEdit(model)], join(place, "full"), quietRun()),
      "input",
      "is there already",
    );
    await expectError(
      exportModel(model, [randomEdit(model)], join(model.checkpoint.folder, "x"), quietRun()),
      "input",
      "own folder",
    );
    await expectError(
      exportModel(model, [randomEdit(model)], join(place, "no", "where"), quietRun()),
      "disk",
      "Make the folder first",
    );
    await expectError(
      exportModel(model, [randomEdit(model, 1000)], out, quietRun()),
      "input",
      "beyond what F16 can hold",
    );
    await expectError(
      exportModel(model, [randomEdit(model)], out, quietRun({ signal: AbortSignal.abort() })),
      "cancelled",
    );
    expect(readdirSync(place)).toEqual(["full"]);
    for (const args of [
      ["--out", out],
      ["--edits", "x.romedit", "--vectors", "--out", out],
    ])
      expect(await rome("export", ...args)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("Say what to export"),
      });
  });

  it("on a full disk stops with what to do and leaves nothing behind", async ({ skip, onTestFinished }) => {
    const disk = join(await temporaryFolder(), "disk");
    mkdirSync(disk);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]).status === 0;
    if (!mounted) skip("only root can mount a small disk");
    onTestFinished(() => void spawnSync("umount", [disk]));
    const model = await Model.open(embeddedPath);
    await expectError(
      exportModel(model, [randomEdit(model)], join(disk, "edited"), quietRun()),
      "disk",
      "Free some space",
    );
    expect(readdirSync(disk)).toEqual([]);
  });
});

it("transformers loads what is exported of every family, and goes on the same", async ({ skip }) => {
  const python = process.env.PYTHON ?? "python3";
  if (spawnSync(python, ["-c", "import torch, transformers"]).status !== 0)
    skip("needs a Python with torch and transformers (PYTHON names it)");
  const place = await temporaryFolder();
  const names = [
    "even-fp16",
    "odd-torch-fp32",
    "gpt2-fp32",
    "gpt-neox-fp16",
    "llama-fp16",
    "mistral-bf16",
    "qwen2-bf16",
    "qwen3-bf16",
    "codegen-fp16",
    "gpt-neo-fp16",
    "phi3-fp16",
    "olmo2-bf16",
    "gemma2-bf16",
    "gemma3-bf16",
  ];
  const ours = [];
  for (const name of names) {
    const model = await Model.open(fixturePath("checkpoints", name));
    const { folder } = await exportModel(model, [randomEdit(model)], join(place, name), quietRun());
    const { tokens, best } = await say(await Model.open(folder), []);
    ours.push({ ids: tokens, best: expect.closeTo(Math.exp(best), 4) });
    expect(statSync(join(folder, "config.json")).isFile()).toBe(true);
  }
  const script = join(import.meta.dirname, "../../reference", "complete.py");
  const folders = names.map((name) => join(place, name));
  const { stdout, stderr } = spawnSync(python, [script, prompt, String(maxTokens), ...folders], { encoding: "utf8" });
  expect(JSON.parse(stdout || JSON.stringify(stderr))).toEqual(ours);
});
