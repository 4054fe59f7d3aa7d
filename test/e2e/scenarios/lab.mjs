/** The lab: its own flip, and charts whose points are names. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { flipped, labTab } from "./steps.mjs";

export const labScenarios = [
  {
    name: "the lab opens beside the code and runs a flip of its own",
    async run(bench) {
      await bench.openFile("people.txt", 4, 1);
      await bench.command("ROME: Open Lab");
      await bench.lab().getByRole("tab", { name: "Flip" }).waitFor();
      assert.equal(await bench.page.locator(".editor-group-container").count(), 2);
      await bench.lab().locator('.flip-form vscode-text-field[aria-label="Name"] input').fill("Ben");
      // How the model reads the prompt, and where the name is looked up in it.
      await bench.lab().locator(".token.lookup", { hasText: "Ben" }).waitFor();
      await bench.lab().locator(".flip-form").getByRole("button", { name: /^Flip/ }).click();
      await bench.lab().locator(".outcome").getByText("female", { exact: true }).first().waitFor();
      await bench.card("Ben").locator('.card-live[data-on="true"]').waitFor();
      // Asked for the very same edit, the lab offers it back.
      const before = await bench.cards("Ben").count();
      await bench.lab().locator(".flip-form").getByRole("button", { name: /^Flip/ }).click();
      await bench.notification(/Ben is flipped already, male→female\./);
      assert.equal(await bench.cards("Ben").count(), before);
    },
  },
  {
    name: "a point of a chart opens its name: selected in the lab, its line in the names file, its card",
    async run(bench) {
      await labTab(bench, "Experiment");
      const strip = bench.lab().getByRole("img", { name: /^Projection on the vector/ });
      await bench.clickPoint(strip);
      const selection = bench.lab().locator(".selection");
      const name = await bench.text(selection.locator("thead th"));
      assert.match(name, /^\p{Lu}/u);
      await bench.page.locator('.tab.active[data-resource-name="names.csv"]').waitFor();
      await bench.until("its line is shown", async () => (await bench.text(bench.lines())).includes(`${name},`));
      await selection.getByRole("button", { name: "Flip and show card" }).click();
      await flipped(bench, name);
      await bench.clickPoint(strip);
      await bench.results().locator(`.card-head[aria-expanded="true"]`, { hasText: name }).waitFor();
    },
  },
  {
    name: "the vector's tab shows rates at each scale and tries a name",
    async run(bench) {
      await labTab(bench, "Vector");
      const tab = bench.lab().getByRole("tabpanel", { name: "Vector" });
      await tab.getByText("Names that resist").first().waitFor();
      await tab.getByText("Edits along g, and edits beside it").first().waitFor();
    },
  },
  {
    name: "a trace shows where the model keeps its gender for a name, cell by cell, and is exported",
    async run(bench) {
      await bench.command("ROME: Open Lab");
      await labTab(bench, "Causal trace");
      const tab = bench.lab().getByRole("tabpanel", { name: "Causal trace" });
      await tab.getByRole("combobox").click();
      await tab.getByRole("option", { name: "Average over names of the names file" }).click();
      await tab.getByRole("button", { name: "Trace", exact: true }).click();
      const map = tab.locator("figure", { hasText: "MLP outputs restored" });
      // Where the training of this model put the fact.
      await map.getByText(/^Strongest: .*\*, layer 2: effect \+0\.\d+/).waitFor();
      await map.getByRole("img").press("ArrowRight");
      await map.getByRole("img").press("ArrowRight");
      await map.getByText(/\*, layer 3: effect/).waitFor();
      const file = join(bench.workspace, "trace.csv");
      await tab.getByRole("button", { name: "Export…" }).click();
      await bench.lab().getByRole("menuitem", { name: "Export CSV…" }).click();
      await bench.answerFile(file);
      await bench.until("the file is written", () => read(file).includes("attention"));
      const [header, ...lines] = read(file).trimEnd().split("\r\n");
      assert.equal(header, "kind,place,token,role,layer,probability,effect");
      // Three kinds by six layers.
      assert.equal(lines.length % 18, 0);
    },
  },
  {
    name: "the prompt pane goes on with a text as the model is and with the vector turned back",
    async run(bench) {
      await bench.command("ROME: Open Lab");
      await labTab(bench, "Prompt");
      const tab = bench.lab().getByRole("tabpanel", { name: "Prompt" });
      await tab.locator(".prompt-text").fill("Name: Anna. Gender:");
      await tab.locator(".vector-row input[type=number]").fill("1");
      await tab.getByRole("button", { name: "Run", exact: true }).click();
      await tab.getByText("Token by token").waitFor();
      assert.match(await bench.text(tab.locator(".side").nth(0)), /female/);
      assert.match(await bench.text(tab.locator(".side").nth(1).locator("mark").first()), /^male/);
      await tab.locator(".token.differs", { hasText: "male" }).first().waitFor();
      await tab.getByRole("button", { name: "Save Vectors…" }).click();
      const file = join(bench.workspace, "vectors.romedit");
      await bench.answerFile(file);
      await bench.until("the file is written", () => read(file, "latin1").includes('\\"kind\\":\\"steer\\"'));
      // It is opened when it is written, over the lab.
      await bench.page.getByRole("tab", { name: "vectors.romedit" }).waitFor();
      await bench.command("View: Close Editor");
    },
  },
  {
    name: "the lens shows where the answer appears, opens a cell's ten words, follows the edits that are on, and is fitted",
    async run(bench) {
      await bench.command("ROME: Open Lab");
      await labTab(bench, "Lens");
      const tab = bench.lab().getByRole("tabpanel", { name: "Lens" });
      await tab.getByRole("button", { name: "Look", exact: true }).click();
      // Ben was flipped above, and is on.
      const last = tab.locator(".cell-grid tbody tr").first().locator(".cell").last();
      await bench.until("the edit shows", async () => (await bench.text(last)).includes("female"));
      await last.focus();
      await last.press("ArrowLeft");
      await tab.locator(".cell:focus").press("Enter");
      await tab.getByRole("heading", { name: /^After ␣Gender, layer 5 would say/ }).waitFor();
      assert.equal(await tab.locator(".cell-words table").count(), 2);
      assert.equal(await tab.locator(".cell-words tbody tr").count(), 20);
      await tab.getByRole("combobox", { name: "Lens" }).click();
      await tab.getByRole("option", { name: "Jacobian lens" }).click();
      await tab.getByRole("button", { name: "Look", exact: true }).click();
      await tab.getByText(/Jacobian lens · fitted over \d,\d{3} tokens of corpus\.txt/).waitFor();
      const file = join(bench.workspace, "lens.svg");
      await tab.getByRole("button", { name: "Export…" }).click();
      await bench.lab().getByRole("menuitem", { name: "Export SVG…" }).click();
      await bench.answerFile(file);
      await bench.until("the file is written", () => read(file).startsWith("<svg "));
    },
  },
  {
    name: "an attribution says through which heads an edit arrives, and shows what a head looks at",
    async run(bench) {
      await bench.command("ROME: Open Lab");
      await labTab(bench, "Attribution");
      const tab = bench.lab().getByRole("tabpanel", { name: "Attribution" });
      await tab.getByRole("button", { name: "Look", exact: true }).click();
      await tab.getByText(/^The edits' \+\d.*head \d\.\d \+\d.* from ␣Ben/).waitFor();
      await tab.getByRole("button", { name: /^Head 5\.2: / }).click();
      await tab.getByRole("heading", { name: /^Head 5\.2: what each token looks at/ }).waitFor();
      await tab
        .getByRole("button", { name: /^: looks at ␣Ben: / })
        .last()
        .waitFor();
      const file = join(bench.workspace, "attribution.csv");
      await tab.getByRole("button", { name: "Export…" }).click();
      await bench.lab().getByRole("menuitem", { name: "Export CSV…" }).click();
      await bench.answerFile(file);
      await bench.until("the file is written", () => read(file).includes("head from"));
    },
  },
  {
    name: "the referee tries the vector: cancelled, it goes on, and says what holds",
    timeout: 300_000,
    async run(bench) {
      await bench.command("ROME: Open Lab");
      await labTab(bench, "Referee");
      const tab = bench.lab().getByRole("tabpanel", { name: "Referee" });
      await tab.getByRole("combobox", { name: "How many names" }).click();
      await tab.getByRole("option", { name: "Few names, for a first look" }).click();
      const checks = tab.getByRole("group", { name: "Checks" });
      for (const box of await checks.getByRole("checkbox").all())
        if (!/^Readable/.test((await box.textContent()) ?? "")) await box.click();
      await tab.getByRole("button", { name: "Try It" }).click();
      await tab.getByRole("status").filter({ hasText: "Trying the vector" }).waitFor();
      await tab.getByRole("button", { name: "Cancel" }).click();
      await tab.getByRole("button", { name: "Cancel" }).waitFor({ state: "hidden" });
      await tab.getByRole("button", { name: "Try It" }).click();
      await tab.getByText(/Readable: holds/).waitFor({ timeout: 240_000 });
      assert.match(await bench.text(tab.locator(".lead").first()), /\S/);
    },
  },
  {
    name: "an evaluation says what the flip changed besides, and which layer changes least",
    async run(bench) {
      await bench.command("ROME: Open Lab");
      await labTab(bench, "Specificity");
      const tab = bench.lab().getByRole("tabpanel", { name: "Specificity" });
      await tab.locator("vscode-text-field input").first().fill("Ben");
      await tab.getByRole("button", { name: "Evaluate" }).click();
      await tab.getByText("With this edit, “Name: Ben. Gender:” goes on with female").waitFor();
      assert.match(
        await bench.text(tab.locator("tr", { hasText: "Efficacy" }).first()),
        /0\.0 % 100\.0 % \+100\.0 points/,
      );
      await tab.locator("tr", { hasText: "occupation" }).first().waitFor();
      await tab.getByRole("button", { name: "Which Layer?" }).click();
      const chart = tab.locator("figure", { hasText: "Which layer?" });
      await chart.getByRole("img").waitFor();
      const file = join(bench.workspace, "layers.png");
      await chart.getByRole("button", { name: "Export…" }).click();
      await bench.lab().getByRole("menuitem", { name: "Export PNG…" }).click();
      await bench.answerFile(file);
      await bench.until("the file is written", () => read(file, "latin1").startsWith("\x89PNG"));
      await chart.getByRole("button", { name: "Table" }).click();
      assert.equal(await chart.locator("tbody tr").count(), 6);
      await chart.getByText("2 (in use)").waitFor();
    },
  },
];

/** What a file holds; nothing while there is none. */
function read(file, encoding = "utf8") {
  try {
    return readFileSync(file, encoding);
  } catch {
    return "";
  }
}
