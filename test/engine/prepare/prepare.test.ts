import { spawn } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { doesAsWell, fewerContexts } from "../../../src/engine/prepare/contexts.ts";
import { knownText } from "../../../src/engine/prepare/known.ts";
import { bestLayer, spreadLayers } from "../../../src/engine/prepare/layers.ts";
import { isBetter } from "../../../src/engine/prepare/tune.ts";
import { describe as describeModel } from "../../../src/engine/tasks/describe.ts";
import { Engine } from "../../../src/engine/tasks/engine.ts";
import { flip } from "../../../src/engine/tasks/flip.ts";
import { listModels } from "../../../src/engine/tasks/models.ts";
import { type PrepareParams, planPreparation, prepare } from "../../../src/engine/tasks/prepare.ts";
import type { Progress } from "../../../src/protocol/engine.ts";
import { type Findings, type Known, steps, type Trial } from "../../../src/protocol/preparation.ts";
import { cli, embeddedPath, romeWith, temporaryFolder } from "../../support/fixtures.ts";
import { HubServer } from "../../support/hubServer.ts";
import { quietRun } from "../../support/run.ts";

const assetsFolder = join(embeddedPath, "..", "..");
const fresh = async (concept?: string) => {
  const storageFolder = await temporaryFolder();
  const engine = await Engine.create({ model: "embedded", assetsFolder, storageFolder }, concept);
  return { engine, storageFolder };
};
const keptIn = (folder: string): Findings => {
  const name = readdirSync(folder).find((file) => /^prepare-.*\.json$/.test(file)) ?? "";
  return JSON.parse(readFileSync(join(folder, name), "utf8"));
};
const without = (...wanted: string[]) => steps.filter((step) => !wanted.includes(step));

test("the embedded model is prepared; edits, descriptions and lists then use what was found, and only here", async () => {
  const { engine, storageFolder } = await fresh();
  const own = await describeModel(engine);
  expect(own.defaults.origin).toBe("model");

  const planned = await planPreparation(engine, {}, quietRun());
  expect(planned.steps.map(({ step, state }) => [step, state])).toEqual(steps.map((step) => [step, "to do"]));
  expect(planned.seconds).toBeGreaterThan(0);
  expect(planned.bytes).toBe(6 * 1024 * 1025);

  const phases: string[] = [];
  const counts: Progress[] = [];
  const progress = (told: Progress) => {
    if (phases.at(-1) !== told.phase) phases.push(told.phase);
    counts.push(told);
  };
  const found = await prepare(engine, {}, quietRun({ progress }));
  // Each step is told of when it begins; the contexts are sampled before their forms are asked after, and tuned last.
  expect([...new Set(phases)].filter((phase) => steps.includes(phase as never))).toEqual([
    "known",
    "contexts",
    "forms",
    "layers",
    "covariance",
    "tune",
  ]);
  // A trial is counted when it has ended.
  const tuned = found.findings.trials.filter(({ pass }) => pass === "tune");
  const told = counts.filter(({ phase }) => phase === "tune").map(({ done }) => done);
  expect(new Set(told)).toEqual(new Set(tuned.keys()));
  expect(found.findings.known).toMatchObject({ knows: true });
  expect(found.findings.known?.balanced).toBeGreaterThan(0.97);
  expect(found.findings.known?.labels.map(({ right }) => right.total)).toEqual([60, 60]);
  expect(found.findings.forms?.map(({ label, aim }) => [label, aim])).toEqual([
    ["female", " female"],
    ["male", " male"],
  ]);
  expect(found.findings.forms?.[0]?.forms.length).toBeGreaterThan(1);
  expect(found.before).toMatchObject({ layer: 2, origin: "model" });
  expect(found.covarianceTokens).toBeGreaterThan(10_000);
  expect(Object.keys(found.findings.seconds).sort()).toEqual([...steps].sort());

  const written = JSON.parse(readFileSync(found.file, "utf8"));
  expect(written).toMatchObject({ layers: [found.layer], ...found.optimiser, prepared: { concept: "gender" } });
  expect(dirname(found.file).startsWith(storageFolder)).toBe(true);
  const page = readFileSync(found.page, "utf8");
  expect(page).toContain(`layer ${found.layer} is where a causal trace of`);
  expect(page).not.toMatch(/(src|href)="http/);

  const [flipped] = await flip(engine, { names: ["Ben"] }, quietRun());
  expect(flipped?.view).toMatchObject({ layer: found.layer, flipped: true });
  expect((await describeModel(engine)).defaults.origin).toBe("prepared");
  const listed = (storage: string) => listModels([], assetsFolder, storage).then(([embedded]) => embedded);
  expect(await listed(storageFolder)).toMatchObject({ layer: found.layer, origin: "prepared" });
  expect(await listed(await temporaryFolder())).toMatchObject({ layer: 2, origin: "model" });

  // Nothing is found twice, and the second time starts from the model's own numbers, too.
  const again = await prepare(engine, {}, quietRun());
  expect(again).toEqual(found);
  const left = await planPreparation(engine, {}, quietRun());
  expect(left).toMatchObject({ seconds: 0, bytes: 0 });
  expect(left.steps.every(({ state }) => state === "done")).toBe(true);

  writeFileSync(found.file, "{");
  const broken = await Engine.create({ ...engine.options });
  await expect(broken.open()).rejects.toThrow(/rome\.json is damaged\. It is not JSON\. Delete it, or prepare/);
}, 400_000);

test("a preparation that is stopped inside a step goes on behind the last trial", async () => {
  const { engine } = await fresh();
  const abort = new AbortController();
  const progress = ({ phase, done }: Progress) => void (phase === "layers" && done >= 4 && abort.abort());
  const params: PrepareParams = { skip: without("known", "layers") };
  const stopped = prepare(engine, params, { signal: abort.signal, progress });
  const isStopped = expect(stopped).rejects.toMatchObject({ reason: "cancelled" });
  await pause(500);
  const second = prepare(engine, params, quietRun());
  await expect(second).rejects.toThrow(/is in use by another process/);
  await isStopped;
  const { rome } = await engine.open();
  const before = keptIn(rome.contexts.cache);
  expect(before.ended).toEqual(["known"]);
  expect(before.trials.length).toBeGreaterThanOrEqual(2);
  expect(existsSync(join(rome.contexts.cache, "rome.json"))).toBe(false);

  const found = await prepare(engine, params, quietRun());
  expect(found.findings.trials.slice(0, before.trials.length)).toEqual(before.trials);
  expect(found.findings.trace).toEqual(before.trace);
  expect(found.skipped).toEqual(params.skip);
  expect(found.reasons.optimiser).toBe("As before: the numbers were not compared.");
  expect(found.optimiser).toEqual(found.before.optimiser);
}, 240_000);

test("a preparation whose process is killed has lost no step", async () => {
  const home = await temporaryFolder();
  const folder = join(home, "rome-gender-vectors");
  const env = { ...process.env, XDG_CACHE_HOME: home };
  const child = spawn(process.execPath, [cli, "prepare", "--skip", "tune"], { env, stdio: "ignore" });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const trials = () => {
    const [model = ""] = existsSync(folder) ? readdirSync(folder) : [];
    return existsSync(join(folder, model)) &&
      readdirSync(join(folder, model)).some((name) => /^prepare-.*json$/.test(name))
      ? keptIn(join(folder, model)).trials.length
      : 0;
  };
  while (trials() < 2 && child.exitCode === null) await pause(20);
  child.kill("SIGKILL");
  await ended;
  const engine = await Engine.create({ model: "embedded", assetsFolder, storageFolder: folder });
  const { rome } = await engine.open();
  const before = keptIn(rome.contexts.cache);
  expect(before.ended).toEqual(["known", "contexts", "forms"]);
  const found = await prepare(engine, { skip: ["tune", "covariance"] }, quietRun());
  expect(found.findings.known).toEqual(before.known);
  expect(found.findings.trials.slice(0, 2)).toEqual(before.trials.slice(0, 2));
}, 240_000);

test("with all left out the numbers stay as they are", async () => {
  const { engine } = await fresh();
  const found = await prepare(engine, { skip: steps }, quietRun());
  expect(found).toMatchObject({ layer: 2, covarianceTokens: 10_454, optimiser: found.before.optimiser });
  const { rome } = await engine.open();
  const { hyperParameters } = rome;
  expect(rome.origin).toBe("prepared");
  expect(hyperParameters).toMatchObject({ layers: [2], mom2_adjustment: true, v_weight_decay: 0.05 });
});

test("a step that is left out keeps what is in force, whatever concept that was found for", async () => {
  const { engine, storageFolder } = await fresh();
  const { rome } = await engine.open();
  const { file } = await prepare(engine, { skip: steps }, quietRun());
  const inForce = {
    ...rome.hyperParameters,
    layers: [3],
    v_lr: 0.25,
    v_num_grad_steps: 17,
    mom2_adjustment: false,
    context_template_length_params: [
      [5, 3],
      [10, 2],
    ],
  };
  writeFileSync(file, JSON.stringify({ ...inForce, prepared: { concept: "gender" } }));
  const concept = join(await temporaryFolder(), "sex.json");
  const gender = JSON.parse(readFileSync(join(assetsFolder, "data", "gender.json"), "utf8"));
  const names = { file: join(assetsFolder, "data", "names.csv"), column: "gender" };
  writeFileSync(concept, JSON.stringify({ ...gender, name: "sex", names }));
  const other = await Engine.create({ model: "embedded", assetsFolder, storageFolder }, concept);
  expect(await planPreparation(other, { skip: steps }, quietRun())).toMatchObject({ replaces: "gender" });
  expect(await planPreparation(engine, { skip: steps }, quietRun())).not.toHaveProperty("replaces", expect.anything());
  const found = await prepare(other, { skip: steps }, quietRun());
  expect(found).toMatchObject({ layer: 3, contexts: 6, optimiser: { v_lr: 0.25, v_num_grad_steps: 17 } });
  expect(found.reasons).toMatchObject({
    layer: expect.stringMatching(/^Layer 3 as before/),
    contexts: expect.stringMatching(/^6 as before/),
  });
  expect(found.reasons.covariance).toMatch(/^As before \(off\)/);
  expect(found.before).toMatchObject({ layer: 2, origin: "model" });
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
    ...inForce,
    prepared: { model: "embedded", concept: "sex" },
  });
}, 60_000);

test("a covariance that no text could be had for is tried again, and counted with a text, as are the numbers on it", async () => {
  const folder = join(await temporaryFolder(), "model");
  cpSync(embeddedPath, folder, {
    recursive: true,
    filter: (path) => !/(corpus\.txt|\.safetensors|experiment)$/.test(path) || path.endsWith("model.safetensors"),
  });
  const engine = await Engine.create({ model: folder, assetsFolder, storageFolder: await temporaryFolder() });
  const skip = without("covariance", "tune");
  const states = async () =>
    (await planPreparation(engine, { skip }, quietRun())).steps.map(({ state }) => state).slice(-2);
  const hub = await HubServer.start();
  vi.stubEnv("HF_ENDPOINT", hub.endpoint);
  hub.hubFault = (_, response) => {
    response.end("no text");
    return true;
  };
  try {
    const [planned] = (await planPreparation(engine, { skip }, quietRun())).steps.slice(-2);
    expect(planned?.what).toMatch(/ over WikiText-2, fetched from the Hub \(6 MB\)$/);
    const off = await prepare(engine, { skip }, quietRun());
    expect(off.covarianceTokens).toBe(0);
    expect(off.reasons.covariance).toMatch(
      /^Off\. No text could be had .* Prepare again with --text FILE, or once the Hub/,
    );
    expect(await states()).toEqual(["to do", "to do"]);
    expect((await prepare(engine, { skip }, quietRun())).findings.trials).toEqual(off.findings.trials);
    expect(await states()).toEqual(["to do", "to do"]);
  } finally {
    vi.unstubAllEnvs();
    await hub.close();
  }
  const on = await prepare(engine, { skip, texts: [join(embeddedPath, "corpus.txt")] }, quietRun());
  expect(on.covarianceTokens).toBeGreaterThan(10_000);
  expect(on.reasons.covariance).toMatch(/^On: the keys of layer 2 over/);
  expect(JSON.parse(readFileSync(on.file, "utf8"))).toMatchObject({ mom2_adjustment: true });
  const tuned = on.findings.trials.filter(({ pass }) => pass === "tune");
  expect(new Set(tuned.map(({ covariance }) => covariance))).toEqual(new Set([false, true]));
  expect(await states()).toEqual(["done", "done"]);
}, 240_000);

test("texts that are not there are refused before anything is done", async () => {
  const { engine, storageFolder } = await fresh();
  const phases: string[] = [];
  const run = quietRun({ progress: ({ phase }) => void phases.push(phase) });
  for (const work of [planPreparation, prepare]) {
    await expect(work(engine, { texts: ["no-such.txt"] }, run)).rejects.toThrow(
      /^There is no file or folder no-such\.txt/,
    );
    await expect(work(engine, { texts: [storageFolder] }, run)).rejects.toThrow(/^There is no text in /);
  }
  expect(phases).toEqual([]);
});

test("the command says roughly how long it takes and which text is counted, and of what was done how long that took", async () => {
  const env = { XDG_CACHE_HOME: await temporaryFolder() };
  const plan = await romeWith(env, "prepare", "--plan");
  expect(plan.stdout).toMatch(/ takes about (\d+ s|\d+ min|\d+ h \d\d min) and up to .*\n.*half or twice that\.\n/);
  expect(plan.stdout).toMatch(/covariance .* over the model's corpus\.txt$/m);
  const { stdout } = await romeWith(env, "prepare", ...steps.flatMap((step) => ["--skip", step]));
  expect(stdout).toMatch(/^embedded is prepared: layer 2; its steps took 0\.0 s in all$/m);
}, 60_000);

test("a label that is only said by default is told", () => {
  const known = (female: number, male: number): Known => ({
    labels: [
      { label: "female", right: { count: female, total: 60 } },
      { label: "male", right: { count: male, total: 60 } },
    ],
    balanced: (female + male) / 120,
    interval95: [0.7, 0.8],
    said: 0.9,
    knows: true,
    names: {},
  });
  const remark = /Of the names that are female that is no more than guessing: it says male by default\.$/;
  expect(knownText(known(31, 60))).toMatch(remark);
  expect(knownText(known(10, 60))).toMatch(remark);
  expect(knownText(known(60, 31))).toMatch(/Of the names that are male .* it says female by default\.$/);
  for (const each of [known(50, 60), known(31, 30)]) expect(knownText(each)).toMatch(/of its next word\.$/);
});

test("a model that does not know the concept is told so with figures, unless it is not asked", async () => {
  const file = join(await temporaryFolder(), "hair.json");
  const targets = [
    { label: "female", text: " London" },
    { label: "male", text: " Paris" },
  ];
  const names = { file: join(assetsFolder, "data", "names.csv"), column: "gender" };
  writeFileSync(file, JSON.stringify({ name: "home", vector: "home", prompt: "Name: {}. Location:", targets, names }));
  const { engine } = await fresh(file);
  const refused = prepare(engine, {}, quietRun());
  await expect(refused).rejects.toThrow(
    /^embedded does not know what "Name: {}\. Location:" asks for\. It is right on \d.*of the names that are female.*on balance \(95 %.*--skip known\.$/,
  );
  await expect(refused).rejects.toMatchObject({ reason: "data" });
  const { findings } = await prepare(engine, { skip: without("contexts") }, quietRun());
  expect(findings.known?.knows).toBe(false);
}, 60_000);

test("a model without contexts of its own gets as few as do as well, and its edits use them from then on", async () => {
  const folder = join(await temporaryFolder(), "model");
  cpSync(embeddedPath, folder, { recursive: true, filter: (path) => !/contexts\.json$|experiment$/.test(path) });
  const storageFolder = await temporaryFolder();
  const engine = await Engine.create({ model: folder, assetsFolder, storageFolder });
  const found = await prepare(engine, { skip: without("contexts", "tune") }, quietRun());
  expect(found.findings.contexts).toHaveLength(21);
  const tried = found.findings.trials.filter(({ pass }) => pass === "contexts");
  expect(tried[0]).toMatchObject({ contexts: 21, optimiser: found.optimiser });
  const [all, last] = [tried[0]!, tried.at(-1)!];
  expect(found.contexts).toBe(doesAsWell(last, all) ? last.contexts : 21);
  expect(found.reasons.contexts).toMatch(/do as well as all: with \d+ S is [\d.]+.*; with 21 S is/);
  expect(found.contexts).toBeLessThan(21);

  const { rome } = await engine.open();
  expect(await rome.contexts.of(undefined, quietRun())).toEqual(await rome.contexts.of(found.contexts, quietRun()));
  expect((await describeModel(engine)).defaults.contexts).toBe(found.contexts);
  const [flipped] = await flip(engine, { names: ["Ben"] }, quietRun());
  expect(flipped?.view).toMatchObject({ flipped: true });

  // Prepared anew, all are sampled again, not as few as were chosen before.
  const again = await prepare(engine, { skip: without("contexts"), fresh: true }, quietRun());
  expect(again.findings.contexts).toEqual(found.findings.contexts);
}, 240_000);

test("all contexts are of the lengths that the model's own rome.json gives, also where their number is tried", async () => {
  const folder = join(await temporaryFolder(), "model");
  cpSync(embeddedPath, folder, { recursive: true, filter: (path) => !/contexts\.json$|experiment$/.test(path) });
  const own = JSON.parse(readFileSync(join(folder, "rome.json"), "utf8"));
  writeFileSync(join(folder, "rome.json"), JSON.stringify({ ...own, context_template_length_params: [[3, 20]] }));
  const storageFolder = await temporaryFolder();
  const engine = await Engine.create({ model: folder, assetsFolder, storageFolder });
  const { findings } = await prepare(engine, { skip: without("contexts", "tune") }, quietRun());
  const kept = readdirSync((await engine.open()).rome.contexts.cache).filter((file) => file.startsWith("contexts-"));
  expect(findings.contexts).toHaveLength(21);
  expect(kept).toContain("contexts-20x3-seed0.json");
  expect(kept).not.toContain("contexts-10x5-10x10-seed0.json");
}, 240_000);

test("fewer contexts do as well where edits are as healthy, score within the tolerance and all converge that did", () => {
  expect([21, 11, 8, 7, 1].map(fewerContexts)).toEqual([[6, 11], [6], [4], [4], []]);
  const trial = (change: Partial<Trial> = {}, row: Partial<Trial["row"]> = {}) =>
    ({
      converged: { count: 5, total: 6 },
      score: 0.9,
      ...change,
      row: { divergence: 0.01, deltaToValue: 4, ...row },
    }) as Trial;
  const all = trial();
  expect(doesAsWell(trial({ score: 0.88 }), all)).toBe(true);
  expect(doesAsWell(trial({ score: 0.86 }), all)).toBe(false);
  expect(doesAsWell(trial({ converged: { count: 4, total: 6 } }), all)).toBe(false);
  expect(doesAsWell(trial({}, { divergence: 0.6 }), all)).toBe(false);
  expect(doesAsWell(trial({}, { divergence: 0.6 }), trial({}, { divergence: 0.6 }))).toBe(true);
});

test("layers of the first pass are spread over any model, with those that are worth a look", () => {
  expect(spreadLayers(24, [4, undefined])).toEqual([2, 4, 6, 10, 14, 18, 22]);
  expect(spreadLayers(6, [2, 0])).toEqual([0, 1, 2, 3, 4, 5]);
  expect(spreadLayers(2, [0])).toEqual([0, 1]);
});

test("the layer is the best by score; among equals the trace decides, or else the loss", () => {
  const trial = (layer: number, score: number, loss: number, divergence = 0.01) =>
    ({ score, loss, row: { layer, divergence, deltaToValue: 2 } }) as Trial;
  const trials = [trial(0, 0.9, 0.1), trial(1, 0.91, 0.3), trial(2, 0.8, 0.05), trial(3, 0.99, 0.2, 0.6)];
  const trace = { names: [], window: 1, clean: 0.9, corrupted: 0.2, effect: [0.1, 0.3, 0.5, 0.6] };
  expect(bestLayer(trials, trace).row.layer).toBe(1);
  expect(bestLayer(trials, undefined).row.layer).toBe(0);
  expect(bestLayer(trials, { ...trace, effect: [-0.4, -0.1, -0.2, -0.3] }).row.layer).toBe(0);
  expect(bestLayer([trials[3]!], trace).row.layer).toBe(3);
});

test("a choice of numbers is better by health, then score, convergence, evaluations and length, not by what is about equal", () => {
  const trial = (change: Partial<Trial> = {}, row: Partial<Trial["row"]> = {}) =>
    ({
      converged: { count: 3, total: 6 },
      score: 0.9,
      ...change,
      row: { divergence: 0.01, deltaToValue: 4, evaluations: 20, ...row },
    }) as Trial;
  const usual = trial();
  expect(isBetter(trial({ converged: { count: 6, total: 6 } }), usual)).toBe(true);
  expect(isBetter(trial({ score: 0.92 }), usual)).toBe(false);
  expect(isBetter(trial({ score: 0.95 }), usual)).toBe(true);
  expect(isBetter(trial({ score: 0.99 }, { divergence: 0.6 }), usual)).toBe(false);
  expect(isBetter(trial({}, { evaluations: 12 }), usual)).toBe(true);
  expect(isBetter(trial({}, { evaluations: 19 }), usual)).toBe(false);
  expect(isBetter(trial({}, { deltaToValue: 3 }), usual)).toBe(true);
  expect(isBetter(trial({}, { deltaToValue: 3, evaluations: 24 }), usual)).toBe(false);
});
