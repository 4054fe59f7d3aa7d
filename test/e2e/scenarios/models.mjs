/** Choosing and fetching models. */
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { project } from "../paths.mjs";
import { succeeds } from "../workbench.mjs";
import { runAgain, said, timedFlip } from "./steps.mjs";

/** What the Hub of the tests holds. */
export function hostModels(hub) {
  hub.add("tests/tiny-llama", join(fixtures, "llama-fp16"));
}

const fixtures = join(project, "test/fixtures/checkpoints");

/** Chooses a model by the palette and its folder. */
export async function browse(bench, folder) {
  await bench.command("ROME: Choose Model…");
  await bench.row("Browse…").click();
  await bench.answerFile(`${folder}/`);
}

/** Chooses the embedded model by its name; the list's rows move when it arrives. */
async function useEmbedded(bench) {
  await bench.command("ROME: Choose Model…");
  await bench.row("embedded").waitFor();
  await bench.answer("Choose Model", "embedded");
  await bench.statusText(/embedded/);
}

/** Asks for a model that the catalogue does not list. */
async function downloadOther(bench, model) {
  await bench.ask("ROME: Download Model…", "Download Model");
  await bench.row("Another model").click();
  await bench.page.locator(".quick-input-message", { hasText: "A model of the Hugging Face Hub" }).waitFor();
  await bench.answer("Download Model", model);
}

export const modelScenarios = [
  {
    name: "another model is chosen by its folder, flips, flips alike again, and the embedded one comes back",
    async run(bench) {
      const folder = join(bench.workspace, "tiny-gptj");
      cpSync(join(fixtures, "even-fp16"), folder, { recursive: true });
      await browse(bench, folder);
      await bench.statusText(/tiny-gptj/);
      await bench.openFile("people.txt", 1, 2);
      await timedFlip(bench, "Ben");
      assert.match(await said(bench, "Ben"), /before .* after /);
      const completions = () => bench.text(bench.card("Ben").locator(".before-after"));
      const first = await completions();
      await runAgain(bench, "Ben");
      assert.equal(await completions(), first);
      await useEmbedded(bench);
    },
  },
  {
    name: "the included model is prepared without its long steps, and the window shows why it edits where it does",
    async run(bench) {
      const plan = bench.page.locator(".quick-input-widget");
      await bench.ask("ROME: Prepare Model…", "Prepare Model: about ");
      for (const step of ["Prefix contexts", "The layer", "The covariance", "The optimiser"])
        await bench.row(step).click();
      await plan.getByText("2 Selected").waitFor();
      await plan.getByRole("button", { name: "OK" }).click();
      const prepared = bench.page.locator(".notifications-center .notification-list-item", { hasText: "is prepared" });
      await bench.until("the model is prepared", async () => {
        await bench.command("Notifications: Show Notifications");
        return succeeds(prepared.first().waitFor({ timeout: 5000 }));
      });
      await prepared.first().getByRole("button", { name: "Show Why" }).click();
      await bench.editorPage().getByText("Layer 2 as before: the layers were not compared.").waitFor();
      await bench.command("View: Close Editor");
    },
  },
  {
    name: "a folder that is no model is refused in words, and the old model stays",
    async run(bench) {
      await browse(bench, join(bench.workspace, ".."));
      await bench.notification(/config\.json/);
      await bench.statusText(/embedded/);
    },
  },
  {
    name: "a download asks for a model of the Hub and says what is wrong",
    async run(bench) {
      await bench.ask("ROME: Download Model…", "Download Model");
      // What each costs here is told before anything is fetched.
      await bench.row(/gpt2.*496\.0 MB on disk · .* of memory/).waitFor();
      await bench.row(/gpt2.* a flip: about \d+ (s|min)/).waitFor();
      await bench.page.keyboard.press("Escape");
      await downloadOther(bench, "no owner");
      await bench.page.locator(".quick-input-message", { hasText: "Type owner/name" }).waitFor();
      await bench.answer("Download Model", "nobody/nothing");
      await bench.notification(/has no nobody\/nothing/);
    },
  },
  {
    name: "a Llama is downloaded, used, and flips; the embedded model comes back",
    async run(bench) {
      await downloadOther(bench, "tests/tiny-llama");
      // A palette that opens while the answer is being checked would take the box's place, and the answer with it.
      await bench.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
      // The workbench pops up no more than three notifications within 800 ms; the list has them all, and stays.
      const center = bench.page.locator(".notifications-center");
      const downloaded = center.locator(".notification-list-item", { hasText: "is downloaded" }).first();
      await bench.until("the model is downloaded", async () => {
        await bench.command("Notifications: Show Notifications");
        return succeeds(downloaded.waitFor({ timeout: 5000 }));
      });
      await downloaded.getByRole("button", { name: "Use It" }).click();
      await bench.statusText(/tiny-llama/);
      await bench.openFile("people.txt", 1, 2);
      await timedFlip(bench, "Ben");
      assert.match(await said(bench, "Ben"), /before .* after /);
      await useEmbedded(bench);
    },
  },
];
