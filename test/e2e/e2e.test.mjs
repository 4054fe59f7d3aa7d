/**
 * The packaged extension in a real workbench in a real browser: `npm run test:e2e`.
 * ROME_E2E_RUNS=10 repeats it, ROME_VSIX=FILE tests a package that is there already.
 */
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it, onTestFailed } from "vitest";
import { HubServer } from "../support/hubServer.ts";
import { TestSlurm, whyNoSlurm } from "../support/slurm.ts";
import { Figures } from "./figures.mjs";
import { makePackage } from "./makePackage.mjs";
import { missing, work } from "./paths.mjs";
import { agentScenarios } from "./scenarios/agents.mjs";
import { editFileScenarios } from "./scenarios/editFile.mjs";
import { editorScenarios } from "./scenarios/editor.mjs";
import { engineScenarios } from "./scenarios/engine.mjs";
import { experimentScenarios } from "./scenarios/experiment.mjs";
import { flipScenarios } from "./scenarios/flips.mjs";
import { german } from "./scenarios/german.mjs";
import { labScenarios } from "./scenarios/lab.mjs";
import { hostModels, modelScenarios } from "./scenarios/models.mjs";
import { newConceptScenarios } from "./scenarios/newConcept.mjs";
import { extensionPage } from "./scenarios/page.mjs";
import { restricted } from "./scenarios/restricted.mjs";
import { slurmFiles, slurmScenarios } from "./scenarios/slurm.mjs";
import { accessibleLab, accessibleResults, noTrouble, reload, times, walkthrough } from "./scenarios/window.mjs";
import { Workbench } from "./workbench.mjs";

/** What a user does, in order, in one window; each scenario leaves it so that the next can begin. */
const session = [
  ...editorScenarios,
  ...flipScenarios,
  accessibleResults,
  ...newConceptScenarios,
  ...editFileScenarios,
  ...agentScenarios,
  ...labScenarios,
  ...experimentScenarios,
  accessibleLab,
  reload,
  ...engineScenarios,
  ...modelScenarios,
  walkthrough,
  extensionPage,
  times,
  noTrouble,
];

const reason = missing();
const noSlurm = whyNoSlurm();
const runs = Array.from({ length: Number(process.env.ROME_E2E_RUNS ?? 1) }, (_, i) => i + 1);
const figures = new Figures();
let vsix;
let hub;

/** The scenarios in one window. A failure leaves a picture and the log. */
function inOneWindow(name, options, scenarios) {
  describe(name, () => {
    let bench;
    beforeAll(async () => {
      bench = await Workbench.open({ vsix, name, hub: hub.endpoint, ...options });
    });
    afterAll(async () => {
      await bench?.close();
    });
    for (const scenario of scenarios) {
      it(scenario.name, { timeout: scenario.timeout }, async () => {
        onTestFailed(async ({ task }) => {
          const file = join(work, `failed-${task.name.replace(/\W+/g, "-").slice(0, 60)}`);
          writeFileSync(`${file}.log`, `${bench.problems.join("\n")}\n\n${bench.log()}`);
          await bench.page.screenshot({ path: `${file}.png` });
          await bench.page.keyboard.press("Escape");
        });
        await scenario.run(bench, figures);
      });
    }
  });
}

describe.skipIf(reason)(`end to end${reason ? `: ${reason}` : ""}`, () => {
  beforeAll(async () => {
    vsix = process.env.ROME_VSIX ?? makePackage();
    hub = await HubServer.start();
    hostModels(hub);
  });
  afterAll(() => {
    hub.close();
    writeFileSync(join(work, "figures.json"), `${JSON.stringify(figures, null, 2)}\n`);
    console.log(`\n${figures.table()}\n`);
  });
  describe.each(runs)("run %i", () => {
    inOneWindow("session", {}, session);
    inOneWindow("german", { language: "de" }, german);
    inOneWindow("restricted", { trust: false, files: restricted.files }, restricted.scenarios);
    describe.skipIf(noSlurm)(`with a cluster${noSlurm ? `: ${noSlurm}` : ""}`, () => {
      let home;
      let slurm;
      beforeAll(async () => {
        home = await mkdtemp("/tmp/rome-slurm-");
        slurm = await TestSlurm.start(home, ["n1", "n2"]);
      });
      afterAll(async () => {
        await slurm?.stop();
        await rm(home, { recursive: true, force: true });
      });
      inOneWindow("slurm", { environment: () => slurm.env, files: slurmFiles }, slurmScenarios);
    });
  });
});
