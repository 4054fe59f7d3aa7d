/**
 * End-to-end tests in a real workbench: `node test/e2e/run.mjs [--runs N] [--vsix FILE] [--only TEXT]`.
 * Needs test/e2e/install.sh; where that cannot be, every scenario is skipped by name and the run succeeds.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makePackage } from "./makePackage.mjs";
import { goals, restricted, scenarios } from "./scenarios.mjs";
import { missing, Workbench, work } from "./workbench.mjs";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1" },
    vsix: { type: "string" },
    only: { type: "string" },
  },
});
const count = { passed: 0, failed: 0, skipped: 0 };

/** One scenario; a failure leaves a picture and the log, and the next one is still tried. */
async function attempt(bench, scenario, figures) {
  const begin = performance.now();
  const seconds = () => ((performance.now() - begin) / 1000).toFixed(1);
  try {
    await scenario.run(bench, figures);
    count.passed++;
    console.log(`  ✓ ${scenario.name} (${seconds()} s)`);
  } catch (error) {
    count.failed++;
    const picture = join(work, `failed-${count.failed}.png`);
    await bench.page.screenshot({ path: picture }).catch(() => {});
    writeFileSync(picture.replace(".png", ".log"), `${error.stack}\n\n${bench.problems.join("\n")}\n\n${bench.log()}`);
    console.log(`  ✗ ${scenario.name} (${seconds()} s): ${error.message}\n    see ${picture} and the .log beside it`);
    await bench.page.keyboard.press("Escape").catch(() => {});
  }
}

async function session(options, list, figures) {
  const bench = await Workbench.open(options);
  try {
    for (const scenario of list) await attempt(bench, scenario, figures);
  } finally {
    await bench.close();
  }
}

const wanted = ({ name }) => !values.only || name.includes(values.only);
const reason = missing();
if (reason) {
  for (const { name } of [...scenarios, restricted].filter(wanted)) {
    count.skipped++;
    console.log(`  skipped: ${name}`);
  }
  console.log(`End-to-end tests were skipped: ${reason}.`);
} else {
  const vsix = values.vsix ?? makePackage();
  const all = {};
  for (let run = 1; run <= Number(values.runs); run++) {
    console.log(`End-to-end run ${run} of ${values.runs}`);
    const figures = {};
    await session({ vsix, name: "session" }, scenarios.filter(wanted), figures);
    if (wanted(restricted)) {
      const settings = {
        "security.workspace.trust.startupPrompt": "never",
        "security.workspace.trust.banner": "never",
      };
      await session({ vsix, name: "restricted", trust: false, settings }, [restricted], figures);
    }
    for (const [what, value] of Object.entries(figures)) {
      const goal = goals[what];
      console.log(
        `  ${what}: ${value.toFixed(1)}${goal ? ` (goal: under ${goal}${value < goal ? "" : ", MISSED"})` : ""}`,
      );
      all[what] = [...(all[what] ?? []), value];
    }
  }
  writeFileSync(join(work, "figures.json"), `${JSON.stringify(all, null, 2)}\n`);
}
console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exitCode = count.failed > 0 ? 1 : 0;
