/** The built views in a real browser, under the editor's policy and themes, with synthetic snapshots. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import { build } from "esbuild";
import * as v from "valibot";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { comparisonIntent, comparisonMessage } from "../../src/protocol/comparison.ts";
import { editFileIntent, editFileMessage } from "../../src/protocol/editFileView.ts";
import { labIntent, labMessage, labTab } from "../../src/protocol/lab.ts";
import { resultsIntent, resultsMessage } from "../../src/protocol/resultsView.ts";
import { comparisonSnapshots } from "./comparisonSnapshots.ts";
import { editFileSnapshots, savedEntry } from "./editFileSnapshots.ts";
import { labSnapshots, labState, report } from "./labSnapshots.ts";
import { layers, trace } from "./measurementSnapshots.ts";
import {
  type BrowserPage,
  launch,
  send,
  servePages,
  type ThemeKind,
  themeKinds,
  until,
  type ViewName,
  views,
  watch,
} from "./page.ts";
import { flip, resultsSnapshots, status } from "./resultsSnapshots.ts";
import themes from "./themes.json";

const root = join(import.meta.dirname, "../..");
const browser = await launch(root);
const unavailable = typeof browser === "string" ? ` (skipped: ${browser})` : "";

const schemas = { results: resultsIntent, lab: labIntent, editFile: editFileIntent, comparison: comparisonIntent };
const kinds = Object.keys(themeKinds) as ThemeKind[];

describe("synthetic snapshots", () => {
  it("are messages of the protocol", () => {
    for (const message of Object.values(resultsSnapshots)) v.parse(resultsMessage, message);
    for (const message of Object.values(labSnapshots).flat()) v.parse(labMessage, message);
    for (const message of Object.values(editFileSnapshots)) v.parse(editFileMessage, message);
    for (const message of Object.values(comparisonSnapshots)) v.parse(comparisonMessage, message);
  });
});

describe("style sheets", () => {
  const files = readdirSync(join(root, "src/webview"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".css"),
  );
  const texts = files.map((name) => readFileSync(join(root, "src/webview", name), "utf8")).join("\n");
  it("use no colour but the theme's", () => {
    const plain = texts.replaceAll(/\/\*.*?\*\//gs, "");
    expect(
      plain.match(/#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(|:\s*(white|black|red|blue|green|gray|grey)\b/gi),
    ).toBeNull();
  });

  it("use variables that a default theme defines (read new ones from a workbench into themes.json)", () => {
    const given = new Set([
      "--vscode-font-family",
      "--vscode-font-size",
      "--vscode-font-weight",
      "--vscode-editor-font-family",
    ]);
    const used = new Set(texts.match(/--vscode-[\w-]+/g));
    const unknown = [...used].filter((name) => !given.has(name) && !kinds.some((kind) => name in themes[kind]));
    expect(unknown).toEqual([]);
  });
});

describe.skipIf(typeof browser === "string")(`views in a browser${unavailable}`, () => {
  let dist: string;
  let server: { url: string; close: () => void };
  let page: BrowserPage | undefined;
  const troubles: string[] = [];

  beforeAll(async () => {
    dist = mkdtempSync(join(tmpdir(), "rome-views-"));
    await build({
      entryPoints: Object.fromEntries(views.map((view) => [view, join(root, `src/webview/${view}/main.ts`)])),
      outdir: dist,
      bundle: true,
      format: "iife",
      target: "es2022",
      tsconfig: join(root, "src/webview/tsconfig.json"),
      logLevel: "warning",
    });
    server = await servePages(dist);
  });
  afterEach(async () => {
    await page?.close();
    page = undefined;
    expect(troubles.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    server?.close();
    if (typeof browser !== "string") await browser.close();
    rmSync(dist, { recursive: true, force: true });
  });

  async function open(view: ViewName, width: number, kind: ThemeKind = "dark", language = "en"): Promise<BrowserPage> {
    if (typeof browser === "string") throw new Error(browser);
    page = await browser.newPage({ viewport: { width, height: 700 } });
    watch(page, (text) => troubles.push(text));
    await page.goto(`${server.url}/${view}?${kind}&${language}`);
    return page;
  }
  /** What the view asked of its host since the last call; all of it must fit the protocol. */
  async function intents(from: BrowserPage, schema: v.GenericSchema<unknown, { type: string }>) {
    // A click has arrived when the browser says so, but the page may answer it only with the next frame.
    const raw = await from.evaluate<unknown[]>(
      "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(window.intents.splice(0)))))",
    );
    return raw.map((intent) => v.parse(schema, intent));
  }
  /** All that the export menus within a part of a view save, in their order: CSV, SVG and PNG of each. */
  async function exported(
    from: BrowserPage,
    within: string,
    schema: v.GenericSchema<unknown, { type: string }> = labIntent,
  ): Promise<[csv: string, svg: string, png: Buffer][]> {
    await intents(from, schema);
    await from.evaluate(`for (const button of document.querySelectorAll("${within} [aria-haspopup=menu]"))
      for (const item of [0, 1, 2]) {
        button.click();
        [...document.querySelectorAll("[role=menu]")].at(-1).children[item].click();
      }`);
    const sent = (await intents(from, schema)).filter(({ type }) => type.startsWith("export"));
    const file = v.union([v.object({ csv: v.string() }), v.object({ svg: v.string() }), v.object({ png: v.string() })]);
    const texts = sent.map((intent) => Object.values(v.parse(file, intent))[0] as string);
    return Array.from({ length: texts.length / 3 }, (_, i) => {
      const [csv, svg, png] = texts.slice(3 * i) as [string, string, string];
      return [csv, svg, Buffer.from(png, "base64")];
    });
  }
  const text = (from: BrowserPage, selector: string) =>
    from.evaluate<string>(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ""`);

  it.each(kinds)(
    "shows every snapshot in %s without an error, a violation of the policy or a sideways scroll",
    async (kind) => {
      for (const [view, width, snapshots] of [
        ["results", 300, Object.values(resultsSnapshots).map((message) => [message])],
        ["lab", 300, Object.values(labSnapshots)],
        ["lab", 220, Object.values(labSnapshots)],
        ["editFile", 400, Object.values(editFileSnapshots).map((message) => [message])],
        ["comparison", 400, Object.values(comparisonSnapshots).map((message) => [message])],
      ] as const) {
        const shown = await open(view, width, kind);
        for (const messages of snapshots) {
          for (const message of messages) await send(shown, message);
          expect(await shown.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
        }
        expect(await intents(shown, schemas[view])).toContainEqual({ type: "ready" });
        await shown.close();
      }
      page = undefined;
    },
  );

  it.each(["dark", "light", "highContrastLight"] as const)(
    "has no serious finding of axe-core in any snapshot, in %s",
    async (kind) => {
      // Pages of a view are parts of the editor's window: it has the document's landmarks and headings.
      const rules = { region: { enabled: false }, "page-has-heading-one": { enabled: false } };
      const run = `axe.run(document, ${JSON.stringify({ resultTypes: ["violations"], rules })}).then(({ violations }) =>
      violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, nodes }) =>
        id + ": " + nodes.slice(0, 3).map(({ html, any }) => html.slice(0, 200) + " " + (any[0]?.message ?? "")).join(" | ")))`;
      const findings = new Set<string>();
      for (const [view, width, snapshots] of [
        ["results", 300, Object.values(resultsSnapshots).map((message) => [message])],
        ["lab", 900, Object.values(labSnapshots)],
        ["editFile", 600, Object.values(editFileSnapshots).map((message) => [message])],
        ["comparison", 900, Object.values(comparisonSnapshots).map((message) => [message])],
      ] as const) {
        const shown = await open(view, width, kind);
        await shown.evaluate(axe.source);
        for (const messages of snapshots) {
          for (const message of messages) await send(shown, message);
          for (const finding of await shown.evaluate<string[]>(run)) findings.add(`${view} ${finding}`);
        }
        for (const tab of view === "lab" ? labTab.options : []) {
          await send(shown, { type: "show", tab });
          for (const finding of await shown.evaluate<string[]>(run)) findings.add(`${tab} ${finding}`);
        }
        await shown.close();
      }
      page = undefined;
      expect([...findings]).toEqual([]);
    },
  );

  it.each([190, 170, 150])(
    "clips nothing, scrolls nothing sideways and lays nothing over another at %i pixels, as of a narrow or enlarged sidebar",
    async (width) => {
      const shown = await open("results", width);
      for (const message of Object.values(resultsSnapshots)) {
        await send(shown, message);
        const beyond = `(e) => e.checkVisibility() && e.getBoundingClientRect().right > ${width}`;
        const clipped = `[...document.querySelectorAll("main *")].filter(${beyond}).map((e) => e.outerHTML.slice(0, 120))`;
        expect(await shown.evaluate<string[]>(clipped)).toEqual([]);
        expect(await shown.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
        // What is written may be wider than the box it stands in.
        const inkOf =
          "(e) => { const r = document.createRange(); r.selectNodeContents(e); return r.getBoundingClientRect(); }";
        const covered = `[...document.querySelectorAll(".probability")].filter((row) => {
          const [a, b] = [row.children[0], row.children[2]].map(${inkOf});
          return a.width > 0 && b.width > 0 && a.right > b.left && a.left < b.right && a.bottom > b.top && a.top < b.bottom;
        }).map((row) => row.textContent)`;
        expect(await shown.evaluate<string[]>(covered)).toEqual([]);
        const cut = `[...document.querySelectorAll(".card-gist")].filter((e) => e.scrollWidth > e.clientWidth)`;
        expect(await shown.evaluate<string[]>(`${cut}.map((e) => e.textContent)`)).toEqual([]);
      }
    },
  );

  it("shows whole how far a card is that runs, in as many lines as it takes", async () => {
    const shown = await open("results", 300);
    await send(shown, resultsSnapshots.few);
    const words = `[...document.querySelectorAll(".card span")].find((e) => e.textContent.startsWith("Step 7"))`;
    expect(await shown.evaluate<string>(`${words}.textContent`)).toBe(
      "Step 7 of 20 · layer 31 of 31 · loss 1.24 · at most 2 min 10 s left",
    );
    expect(await shown.evaluate<number>(`${words}.getBoundingClientRect().right`)).toBeLessThanOrEqual(300);
  });

  it.each([300, 190, 150])("breaks the line of the model between words only, at %i pixels", async (width) => {
    const shown = await open("results", width);
    const [first] = Object.values(resultsSnapshots);
    await send(shown, { ...first, status: { ...status, engine: "stopped" } });
    // A letter that stands lower than the one before it, with no space between them.
    const broken = `(() => {
      const walk = document.createTreeWalker(document.querySelector(".status-facts"), NodeFilter.SHOW_TEXT);
      const found = [];
      for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const topOf = (i) => { const r = document.createRange(); r.setStart(node, i); r.setEnd(node, i + 1); return r.getBoundingClientRect().top; };
        for (let i = 1; i < node.data.length; i++)
          if (/\\S\\S/.test(node.data.slice(i - 1, i + 1)) && topOf(i) > topOf(i - 1) + 4) found.push(node.data);
      }
      return found;
    })()`;
    expect((await text(shown, ".status-facts")).replaceAll(/\s/g, " ")).toContain("asleep, starts when needed");
    expect(await shown.evaluate<string[]>(broken)).toEqual([]);
  });

  it("keeps the lab's model line in words, and all of it in sight, at 220 pixels", async () => {
    const shown = await open("lab", 220);
    for (const message of labSnapshots.flipDone ?? []) await send(shown, message);
    const lines = await shown.evaluate<number>(
      "document.querySelector('.status-facts').getBoundingClientRect().height / parseFloat(getComputedStyle(document.body).lineHeight)",
    );
    expect(lines).toBeLessThanOrEqual(4);
    const cut = "[...document.querySelectorAll('.status *')].filter((e) => e.getBoundingClientRect().right > 220)";
    expect(await shown.evaluate<string[]>(`${cut}.map((e) => e.outerHTML)`)).toEqual([]);
  });

  it("names a card before its gist, whole, at any width, and its bars say which is before and which after", async () => {
    for (const width of [170, 300]) {
      const shown = await open("results", width);
      await send(shown, resultsSnapshots.open);
      const head = await shown.evaluate<[string, boolean][]>(
        `[...document.querySelector(".card-head").children].filter((e) => e.matches(".card-title, .card-gist"))
          .sort((a, b) => a.getBoundingClientRect().left - b.getBoundingClientRect().left)
          .map((e) => [e.textContent, e.scrollWidth <= e.clientWidth])`,
      );
      expect(head.map(([words]) => words)).toEqual(["Ben", "male→female"]);
      expect(head[0]?.[1]).toBe(true);
      const bars = await shown.evaluate<[string, string][]>(
        `[...document.querySelectorAll(".card:first-child .swatch")].map((e) => [e.textContent, getComputedStyle(e.firstElementChild).backgroundColor])`,
      );
      const drawn = await shown.evaluate<string[]>(
        `[...document.querySelectorAll(".card:first-child .probability:first-child .bar-fill")].map((e) => getComputedStyle(e).backgroundColor)`,
      );
      expect(bars).toEqual([
        ["before", drawn[0]],
        ["after", drawn[1]],
      ]);
      expect(drawn[0]).not.toBe(drawn[1]);
      await shown.close();
    }
    page = undefined;
  });

  it("says in a card's line what the model said before, be it neither of the two answers", async () => {
    const shown = await open("results", 300);
    const result = flip("Kevin", "male", { before: { completion: " Sydney. Age: 34.", probability: { male: 0.02 } } });
    const card = { id: "1", created: 1, kind: "flip", name: "Kevin", on: true, other: false, nearest: null };
    const gistOf = async (change: object) => {
      const body = { state: "done", result: { ...result, ...change } };
      await send(shown, { type: "state", status, cards: [{ ...card, body }] });
      return text(shown, ".card-gist");
    };
    expect(await gistOf({})).toBe("Sydney→female");
    // What the Edits view says of the same edit.
    const unflipped = (completion: string) => gistOf({ flipped: false, after: { completion, probability: {} } });
    expect(await unflipped(" baker. Age")).toBe("Sydney→baker · did not flip");
    expect(await unflipped(" Sydney. Age")).toBe("stays Sydney · did not flip");
  });

  it("has no switch for an edit that was rolled back, neither on its card nor in the lab", async () => {
    const health = { ...flip("Ben", "male").health, rolledBack: true };
    const result = flip("Ben", "male", { health });
    const shown = await open("results", 300);
    const card = { id: "1", created: 1, kind: "flip", name: "Ben", on: null, other: false, nearest: null };
    await send(shown, { type: "state", status, cards: [{ ...card, body: { state: "done", result } }] });
    const visible = (selector: string) =>
      shown.evaluate<boolean>(`document.querySelector(${JSON.stringify(selector)}).checkVisibility()`);
    expect([await visible(".card vscode-checkbox"), await visible(".card-live")]).toEqual([false, false]);
    await shown.close();
    const lab = await open("lab", 900);
    const [now] = labSnapshots.flipDone ?? [];
    if (now?.type !== "state" || now.run.state !== "done") throw new Error("The snapshot is of a finished run.");
    await send(lab, { ...now, run: { ...now.run, result, on: null } });
    expect(await lab.evaluate(`document.querySelector(".outcome > vscode-checkbox").checkVisibility()`)).toBe(false);
  });

  it("says in the lab and on the card what is in force, as switches change it", async () => {
    const lab = await open("lab", 900);
    const [now] = labSnapshots.flipDone ?? [];
    if (now?.type !== "state" || now.run.state !== "done") throw new Error("The snapshot is of a finished run.");
    const { run } = now;
    const headlineOf = async (change: object) => {
      await send(lab, { ...now, run: { ...run, ...change } });
      return text(lab, ".outcome h2");
    };
    expect(await headlineOf({})).toBe("Ben: the model now says female instead of male.");
    expect(await headlineOf({ on: false })).toBe(
      "Ben: with this edit the model says female instead of male; it is off.",
    );
    expect(await headlineOf({})).toBe("Ben: the model now says female instead of male.");
    await lab.close();
    const shown = await open("results", 300);
    const result = { ...run.result, health: { ...run.result.health, rolledBack: true } };
    const card = { id: "1", created: 1, kind: "flip", name: "Ben", on: null, nearest: null };
    const noteOf = async (other: boolean) => {
      await send(shown, {
        type: "state",
        status,
        cards: [{ ...card, other, body: { state: "done", result } }],
      });
      return text(shown, ".card .note");
    };
    expect(await noteOf(false)).toBe("Ben: the edit was rolled back; the model still says male.");
    expect(await noteOf(true)).toBe("Ben: the edit was rolled back; another one of this name stays on.");
  });

  it("says the layer, or the prompt, of cards that their line does not tell apart", async () => {
    const shown = await open("results", 300);
    const cards = [{ layer: 3 }, {}, { layer: 3, flipped: false }, { name: "Carl", layer: 3 }].map((change, i) => {
      const result = flip("Ben", "male", change);
      const body = { state: "done", result };
      return { id: `${i}`, created: i, kind: "flip", name: result.name, on: true, other: false, nearest: null, body };
    });
    const lines = async (sent: object[]) => {
      await send(shown, { type: "state", status, cards: sent });
      return shown.evaluate<string[]>(`[...document.querySelectorAll(".card-gist")].map((e) => e.textContent)`);
    };
    expect(await lines(cards)).toEqual([
      "male→female · layer 3",
      "male→female · layer 2",
      "male→female · did not flip",
      "male→female",
    ]);
    const result = flip("Ben", "male", { prompt: "Ben is" });
    const asked = { ...cards[1], id: "4", body: { state: "done", result } };
    expect(await lines([asked, cards[1] ?? {}])).toEqual(["male→female · Ben is", "male→female · Name: Ben. Gender:"]);
    expect(await lines([asked])).toEqual(["male→female"]);
  });

  it("shows what the model wrote as text, never as markup", async () => {
    const shown = await open("results", 300);
    const evil = "<img src=x onerror=alert(1)><b>female</b>";
    const body = {
      state: "done",
      result: flip("<i>Ben</i>", "male", { after: { completion: evil, probability: {} } }),
    };
    const card = {
      id: "1",
      created: 1,
      kind: "flip",
      name: "<i>Ben</i>",
      body,
      on: false,
      other: false,
      nearest: null,
    };
    await send(shown, { type: "state", status, cards: [card] });
    expect(await text(shown, ".card")).toContain(evil);
    expect(await shown.evaluate<number>("document.querySelectorAll('main img, main i, main b').length")).toBe(0);
  });

  it("drops a message that does not fit the protocol", async () => {
    const shown = await open("results", 300);
    await send(shown, resultsSnapshots.open);
    await send(shown, { type: "state", cards: "none" });
    expect(await text(shown, ".card-title")).toBe("Ben");
    expect(troubles.splice(0)).toEqual([expect.stringContaining("Dropped a message")]);
  });

  it("shows a card without taking the focus from who types elsewhere", async () => {
    const shown = await open("results", 300);
    await send(shown, resultsSnapshots.many);
    const focused = () => shown.evaluate<string>("document.activeElement.className");
    await shown.evaluate("document.hasFocus = () => false; 0");
    await send(shown, { type: "reveal", id: "card-Ben" });
    expect(await text(shown, '.card[data-id="card-Ben"] .card-body')).toContain("Edit on");
    expect(await focused()).not.toContain("card-head");
    await shown.evaluate("document.hasFocus = () => true; 0");
    await send(shown, { type: "reveal", id: "card-Ben" });
    expect(await focused()).toContain("card-head");
  });

  it("shows on the card of a vector what was asked, and where its name stands", async () => {
    const shown = await open("results", 300);
    await send(shown, resultsSnapshots.other);
    const card = '.card[data-id="card-apply"]';
    expect(await text(shown, `${card} .prompt`)).toBe("Name: Deborah. Gender:");
    await shown.click(`${card} .text-button`);
    expect(await intents(shown, resultsIntent)).toContainEqual({ type: "revealPlace", id: "card-apply" });
  });

  it("works a card list by keyboard", async () => {
    const shown = await open("results", 300);
    await send(shown, resultsSnapshots.many);
    await shown.focus(".card-head");
    await shown.keyboard.press("ArrowDown");
    await shown.keyboard.press("ArrowRight");
    expect(await text(shown, ".card:nth-child(2) .card-body")).toContain("Edit on");
    // The three chips come first.
    for (let stop = 0; stop < 4; stop++) await shown.keyboard.press("Tab");
    await shown.keyboard.press("Space");
    expect(await intents(shown, resultsIntent)).toContainEqual({ type: "toggle", id: "card-Ben", on: false });
    await shown.focus(".card:nth-child(2) .card-head");
    await shown.keyboard.press("Delete");
    expect(await intents(shown, resultsIntent)).toContainEqual({ type: "remove", id: "card-Ben" });
  });

  it("opens a card's menu and copies, by keyboard", async () => {
    const shown = await open("results", 300);
    await send(shown, resultsSnapshots.open);
    await shown.focus(".card [aria-haspopup=menu]");
    await shown.keyboard.press("Enter");
    await shown.keyboard.press("ArrowUp");
    await shown.keyboard.press("Enter");
    expect(await intents(shown, resultsIntent)).toContainEqual({ type: "copy", id: "card-Ben", format: "markdown" });
    await until(shown, "document.querySelector('.menu') === null");
  });

  it("lets Cancel be hit while snapshots rain", async () => {
    const shown = await open("results", 300);
    const running = resultsSnapshots.few;
    await send(shown, running);
    await shown.hover(".card vscode-button");
    await shown.mouse.down();
    for (let i = 0; i < 3; i++) await send(shown, running);
    await shown.mouse.up();
    expect(await intents(shown, resultsIntent)).toContainEqual({ type: "cancel", id: "card-Anneliese" });
  });

  it("keeps focus and announces when a run ends", async () => {
    const shown = await open("results", 300);
    await send(shown, resultsSnapshots.few);
    await shown.focus(".card vscode-button");
    const few = resultsSnapshots.few;
    if (few?.type !== "state") throw new Error("no state");
    const cards = few.cards.map((card) =>
      card.body.state === "running" && card.kind === "flip"
        ? { ...card, on: true, body: { state: "done", result: flip(card.name, "female") } }
        : card,
    );
    await send(shown, { ...few, cards });
    expect(await shown.evaluate("document.activeElement.closest('.card')?.dataset.id")).toBe("card-Anneliese");
    expect(await shown.evaluate("document.querySelector('main > [role=status]').textContent")).toContain(
      "the model now says male instead of female",
    );
  });

  it("sends the form of the Flip tab, and takes the model's defaults once it knows them", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.flipIdle ?? []) await send(shown, message);
    await shown.evaluate(
      "document.querySelector('.flip-form vscode-text-field').shadowRoot.querySelector('input').focus()",
    );
    await shown.evaluate("document.execCommand('insertText', false, 'Ada')");
    await shown.keyboard.press("Enter");
    const sent = await intents(shown, labIntent);
    expect(sent.find((intent) => intent.type === "run")).toMatchObject({
      request: { name: "Ada", template: "Name: {}. Gender:", layer: 2, hyperParameters: { v_lr: 0.5 } },
    });
  });

  it("starts the flip with Enter before the host has looked at the name that was just typed", async () => {
    const shown = await open("lab", 900);
    const [idle] = labSnapshots.flipIdle ?? [];
    await send(shown, { ...idle, notes: [{ field: "name", severity: "error", message: "Type a name." }] });
    await shown.focus(".flip-form vscode-text-field");
    await shown.evaluate("document.execCommand('insertText', false, 'Ada')");
    await shown.keyboard.press("Enter");
    const started = (await intents(shown, labIntent)).filter(({ type }) => type === "run");
    expect(started).toMatchObject([{ request: { name: "Ada" } }]);
  });

  it.each(kinds)("frames only tokens that differ, and the name's otherwise than the focus, in %s", async (kind) => {
    const shown = await open("lab", 900, kind);
    for (const message of [...(labSnapshots.flipDone ?? []), ...(labSnapshots.promptDone ?? [])])
      await send(shown, message);
    const frames = (selector: string) =>
      shown.evaluate<string[]>(
        `[...new Set([...document.querySelectorAll(${JSON.stringify(selector)})].map((e) => {
          const { borderTopStyle, borderTopColor } = getComputedStyle(e);
          return borderTopStyle + " " + borderTopColor;
        }))]`,
      );
    const clear = "solid rgba(0, 0, 0, 0)";
    expect(await frames(".prompt-tab .token:not(.differs)")).toEqual([clear]);
    const [differing, ...others] = await frames(".prompt-tab .token.differs");
    expect([differing, others]).toEqual([expect.stringMatching(/^solid rgb\(/), []]);
    expect(await frames(".flip-form .lookup")).toEqual([expect.stringMatching(/^dashed rgb\(/)]);
  });

  it("an untouched prompt and its answers follow the concept, over a reload, too; what was typed stays", async () => {
    const shown = await open("lab", 900);
    const [idle] = labSnapshots.flipIdle ?? [];
    if (idle?.type !== "state" || !idle.model) throw new Error("The snapshot has no model.");
    const { model } = idle;
    const about = (prompt: string, ...labels: [string, string]) => {
      const [first, second] = labels.map((label) => ({ label, text: ` ${label}` }));
      const concept = { name: "other", vector: "other", prompt, targets: [first, second] };
      return send(shown, { ...idle, model: { ...model, defaults: { ...model.defaults, concept } } });
    };
    const fields = () =>
      shown.evaluate<string[]>(
        "[...document.querySelectorAll('.flip-form > vscode-text-field, .flip-form > .pair > vscode-text-field')].map((field) => field.value)",
      );
    const type = (field: number, value: string) =>
      shown.evaluate(
        `(() => { const field = document.querySelectorAll('.flip-form > vscode-text-field')[${field}]; field.value = '${value}'; field.dispatchEvent(new Event('input')); })()`,
      );
    await send(shown, idle);
    await type(0, "Ada");
    await about("{} lives in", "London", "Paris");
    expect(await fields()).toEqual(["Ada", "{} lives in", "London", "Paris"]);
    await shown.reload();
    await about("{} speaks", "English", "French");
    expect(await fields()).toEqual(["Ada", "{} speaks", "English", "French"]);
    await type(1, "Today {} speaks");
    await about("{} lives in", "London", "Paris");
    expect(await fields()).toEqual(["Ada", "Today {} speaks", "English", "French"]);
  });

  it("records as the form of the Experiment tab says, and refuses more names than there are, in words", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.experimentEmpty ?? []) await send(shown, message);
    const start = "[...document.querySelectorAll('.empty vscode-button')].find((one) => one.offsetParent)";
    const typed = async (text: string) => {
      await shown.evaluate(
        `(() => { const field = document.querySelector('.record-form vscode-text-field'); field.value = '${text}'; field.dispatchEvent(new Event('input')); })()`,
      );
    };
    await shown.evaluate("document.querySelector('.record-form').open = true");
    await typed("5000");
    expect(await shown.textContent(".record-form .note-error")).toBe(
      "There are 1,000 names, fewer than the 5,000 to be recorded.",
    );
    expect(await shown.evaluate(`${start}.disabled`)).toBe(true);
    await typed("60");
    await shown.evaluate(
      "(() => { const field = document.querySelectorAll('.record-form input[type=number]')[1]; field.value = '0'; field.dispatchEvent(new Event('input')); })()",
    );
    // The toolkit enables the button within it a moment after its host.
    await expect.poll(() => shown.evaluate(`${start}.shadowRoot.querySelector("button").disabled`)).toBe(false);
    await shown.evaluate(`${start}.click()`);
    // On a busy machine the tab of edits may tell of its form behind it.
    const sent = (await intents(shown, labIntent)).filter(({ type }) => type === "record");
    expect(sent).toEqual([{ type: "record", options: { contexts: "none", count: 60 } }]);
    expect(await shown.evaluate(`${start}.textContent`)).toBe("Record 60 names");
  });

  it("names the names file that a recording beside the shipped experiment takes", async () => {
    const shown = await open("lab", 900);
    const [state, reported] = labSnapshots.experimentDone ?? [];
    await send(shown, { ...(state as object), namesFile: { label: "mine.csv", names: 6 } });
    await send(shown, reported);
    await send(shown, { type: "show", tab: "experiment" });
    const buttons = "[...document.querySelectorAll('.source button')].map((button) => button.innerText)";
    expect(await shown.evaluate(buttons)).toContain("Record 6 names of mine.csv here");
  });

  it("selects a name in every chart from the table, and by keyboard from a chart", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.experimentDone ?? []) await send(shown, message);
    await send(shown, { type: "select", names: [] });
    await intents(shown, labIntent);
    const before = await pixels(shown);
    await shown.click(".points tbody tr:nth-child(2)");
    const name = await shown.textContent(".points tbody tr:nth-child(2) th");
    expect(await intents(shown, labIntent)).toEqual([{ type: "revealName", name }]);
    const after = await pixels(shown);
    // PCA, scores and projections show it; the learning curve has no names.
    expect(after.map((picture, i) => picture !== before[i])).toEqual([true, true, false, true]);

    await shown.click(".points tbody tr:nth-child(4)", { modifiers: ["Control"] });
    expect(await shown.evaluate("document.querySelectorAll('.compare thead th').length")).toBe(2);

    await shown.focus("#view-experiment canvas");
    await shown.keyboard.press("ArrowRight");
    await shown.keyboard.press("Enter");
    const [chosen] = await intents(shown, labIntent);
    const leftmost = report.points.reduce((a, b) => (b.pca[0] < a.pca[0] ? b : a));
    expect(chosen).toEqual({ type: "revealName", name: leftmost.name });
  });

  it("has each of its figures and charts explained in one place, a click away", async () => {
    const shown = await open("lab", 900);
    const explained = readFileSync(join(root, "media/figures.md"), "utf8").toLowerCase();
    const names = new Set<string>();
    const balancedAccuracy = { value: 0.95, interval95: [0.9, 0.98] };
    const balanced = { ...report, classifier: { ...report.classifier, balancedAccuracy } };
    const unequal = { type: "report", report: balanced, source: "shipped", pretrained: null };
    for (const messages of [...Object.values(labSnapshots), [unequal]]) {
      for (const message of messages) await send(shown, message);
      const found = `[...document.querySelectorAll(".tile dt, .chip-name, figcaption h3, .trace-form .range-label, .flip-form > .range .range-label")]
        .map((e) => e.textContent)`;
      for (const name of await shown.evaluate<string[]>(found)) names.add(name.toLowerCase());
    }
    expect(names.size).toBeGreaterThan(10);
    expect([...names].filter((name) => !explained.includes(name))).toEqual([]);
    // Those that a hover explains show it.
    const plain = `[...document.querySelectorAll(".tile dt")].filter((e) =>
      !e.closest("[title]") || !getComputedStyle(e).textDecoration.includes("dotted")).map((e) => e.textContent)`;
    expect(await shown.evaluate<string[]>(plain)).toEqual([]);
    await intents(shown, labIntent);
    await shown.click(".status .text-button");
    expect(await intents(shown, labIntent)).toEqual([{ type: "explain" }]);
  });

  it("leads from a tab to its page of the documentation, which comes with the extension", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.lensDone ?? []) await send(shown, message);
    const packaged = readFileSync(join(root, ".vscodeignore"), "utf8").split("\n");
    for (const [tab, page] of [
      ["lens", "lens"],
      ["attribution", "lens"],
      ["prompt", "steering"],
    ] as const) {
      await send(shown, { type: "show", tab });
      await intents(shown, labIntent);
      await shown.click(`#view-${tab} >> text="More about this"`);
      const explained = (await intents(shown, labIntent)).filter(({ type }) => type === "explain");
      expect(explained).toEqual([{ type: "explain", page }]);
      expect(packaged).toContain(`!docs/${page}.md`);
      const pictures = readFileSync(join(root, `docs/${page}.md`), "utf8").matchAll(/\]\((pictures\/[^)]+)\)/g);
      for (const [, picture] of pictures) expect(packaged).toContain(`!docs/${picture}`);
    }
  });

  it("goes on by keyboard from the point that was clicked", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.experimentDone ?? []) await send(shown, message);
    await intents(shown, labIntent);
    const [left, top, right, bottom] = await shown.evaluate<[number, number, number, number]>(`(() => {
      const canvas = document.querySelector("#view-experiment canvas");
      canvas.scrollIntoView({ block: "center" });
      const { left, top, right, bottom } = canvas.getBoundingClientRect();
      return [left, top, right, bottom];
    })()`);
    // The pointer tells when a point is under it, a frame after it has moved.
    const overPoint = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
      done(document.querySelector("#view-experiment canvas").style.cursor === "pointer"))))`;
    const y = top + 0.4 * (bottom - top);
    let x = left + 0.3 * (right - left);
    do {
      x += 2;
      await shown.mouse.move(x, y);
    } while (x < right && !(await shown.evaluate<boolean>(overPoint)));
    await shown.mouse.click(x, y);
    // The form asks for its notes a moment after it is shown.
    const revealed = async () => (await intents(shown, labIntent)).filter(({ type }) => type !== "edit");
    const [clicked] = await revealed();
    expect(clicked).toMatchObject({ type: "revealName" });
    expect(await shown.evaluate("document.activeElement.tagName")).toBe("CANVAS");
    await shown.keyboard.press("ArrowRight");
    await shown.keyboard.press("Enter");
    await shown.keyboard.press("ArrowLeft");
    await shown.keyboard.press("Enter");
    const [next, back] = await revealed();
    expect(next).not.toEqual(clicked);
    expect(back).toEqual(clicked);
  });

  /** The content of each canvas of the Experiment tab. */
  function pixels(from: BrowserPage): Promise<string[]> {
    return from.evaluate(
      "[...document.querySelectorAll('#view-experiment canvas')].map((canvas) => canvas.toDataURL())",
    );
  }

  it("shows every chart's numbers as a table", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.experimentDone ?? []) await send(shown, message);
    await shown.evaluate(
      "document.querySelectorAll('#view-experiment figcaption > .text-button').forEach((toggle) => toggle.click())",
    );
    const rows = await shown.evaluate<number[]>(
      "[...document.querySelectorAll('#view-experiment .plot-table')].map((box) => box.querySelectorAll('tbody tr').length)",
    );
    // In the order of the page: principal components, scores, learning curve, projections.
    expect([rows[0], rows[2], rows[3]]).toEqual([1000, 7, 1000]);
    expect(rows[1]).toBeGreaterThan(10);
  });

  it("exports every chart: its points, and its picture with its title, axes and marks", async () => {
    const shown = await open("lab", 300);
    for (const message of labSnapshots.experimentDone ?? []) await send(shown, message);
    const files = await exported(shown, "#view-experiment figcaption");
    expect(files.length).toBe(4);
    const titles = ["Δv in principal components", "Classifier score", "Learning curve", "Projection on the vector"];
    for (const title of titles) expect(files.filter(([, svg]) => svg.includes(`>${title}</text>`)).length).toBe(1);
    for (const [csv, svg, png] of files) {
      expect(csv).toMatch(/^series,x,y,name\r\n/);
      expect(svg).not.toMatch(/color-mix|NaN|undefined/);
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1440, 720]);
    }
    // What a context cannot be asked for: a hatch, and lines that chart.js keeps as a Path2D.
    const named = (title: string) => files.find(([, svg]) => svg.includes(`>${title}`))!;
    expect(named("Classifier score")[1]).toMatch(/<pattern id="(hatch\d+)".*fill="url\(#\1\)"/s);
    expect(named("Learning curve")[1]).toMatch(/<path d="M[^"]*(L[^"]*){6}" stroke=/);
    // Bands have an entry in the legend, too.
    for (const band of ["worst to best draw", "shuffled labels, 95 % of the shuffles"])
      expect(named("Learning curve")[1]).toContain(`>${band}</text>`);
    const [csv, svg] = named("Δv in principal");
    expect(csv.trimEnd().split("\r\n").length).toBe(1 + report.points.length);
    expect(svg.match(/<path/g)!.length).toBeGreaterThan(report.points.length);
    await shown.close();
    const vector = await open("lab", 900);
    for (const message of labSnapshots.vectorDone ?? labSnapshots.experimentDone ?? []) await send(vector, message);
    expect((await exported(vector, "#view-vector figcaption"))[0]![1]).toContain(">scale of the vector</text>");
  });

  it("writes the numbers of a chart's ticks and tooltips as the editor's language does, those of its CSV as programs do", async () => {
    const shown = await open("lab", 900, "dark", "de");
    for (const message of labSnapshots.experimentDone ?? []) await send(shown, message);
    const files = await exported(shown, ":is(#view-experiment, #view-vector) figcaption");
    const words = files.flatMap(([, svg]) => [...svg.matchAll(/<text[^>]*>([^<]*)/g)].map(([, text]) => text!));
    expect(words.filter((text) => /^[−+]?\d+,\d+$/.test(text)).length).toBeGreaterThan(3);
    expect(words.filter((text) => /\d\.\d/.test(text))).toEqual([]);
    for (const [csv] of files) expect(csv).toMatch(/\d\.\d/);
    await shown.focus("#view-experiment canvas");
    await shown.keyboard.press("ArrowRight");
    const spoken = await shown.textContent("#view-experiment figure output");
    expect(spoken).toMatch(/\d,\d/);
    expect(spoken).not.toMatch(/\d\.\d/);
  });

  it("filters, sorts and exports the table of edits", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.experimentDone ?? []) await send(shown, message);
    await shown.fill("input[type=search]", "anna");
    await shown.click(".points th:nth-child(5) .sort");
    await intents(shown, labIntent);
    const expected = report.points
      .filter((point) => point.name.toLowerCase().includes("anna"))
      .sort((a, b) => b.score - a.score);
    await shown.evaluate(
      "[...document.querySelectorAll('.text-button')].find((button) => button.textContent === 'Export CSV…').click()",
    );
    const exported = (await intents(shown, labIntent)).find((intent) => intent.type === "exportCsv") as
      | { csv: string }
      | undefined;
    const names = exported?.csv
      .trimEnd()
      .split("\r\n")
      .slice(1)
      .map((line) => line.split(",")[0]);
    expect(names).toEqual(expected.map((point) => point.name));
    expect(names?.length).toBeGreaterThan(1);
  });

  it("redraws its charts when the theme changes", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.experimentDone ?? []) await send(shown, message);
    const before = await pixels(shown);
    await shown.evaluate(`document.documentElement.style.setProperty("--vscode-charts-blue", "#ff00ff")`);
    await shown.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    const after = await pixels(shown);
    expect(after.map((picture, i) => picture !== before[i])).toEqual([true, true, true, true]);
  });

  it("moves between tabs with the arrow keys and remembers the tab over a reload", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.flipIdle ?? []) await send(shown, message);
    await shown.focus("#tab-flip");
    await shown.keyboard.press("ArrowRight");
    await shown.keyboard.press("ArrowRight");
    await shown.reload();
    expect(await shown.evaluate("document.querySelector('vscode-panels').activeid")).toBe("tab-vector");
  });

  it("keeps the folded fields of a form open over a reload", async () => {
    const shown = await open("lab", 900);
    const opened = () =>
      shown.evaluate<boolean[]>("[...document.querySelectorAll('details.advanced')].map((e) => e.open)");
    const fields = async () => {
      for (const message of [...(labSnapshots.experimentEmpty ?? []), ...(labSnapshots.flipIdle ?? [])])
        await send(shown, message);
    };
    await fields();
    expect(await opened()).toEqual([false, false]);
    await shown.click(".flip-form .advanced summary");
    await until(shown, "JSON.parse(sessionStorage.getItem('state') ?? '{}').unfolded?.length === 1");
    await shown.reload();
    await fields();
    expect(await opened()).toEqual([true, false]);
    await shown.click(".flip-form .advanced summary");
    await until(shown, "JSON.parse(sessionStorage.getItem('state')).unfolded.length === 0");
    await shown.reload();
    expect(await opened()).toEqual([false, false]);
  });

  it("moves the four rates with the slider, and asks again for the name that was tried", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.vectorDone ?? []) await send(shown, message);
    const at = () => text(shown, ".signs");
    const before = await at();
    await shown.evaluate("document.querySelector('.try vscode-text-field').shadowRoot.querySelector('input').focus()");
    await shown.evaluate("document.execCommand('insertText', false, 'Kim')");
    await shown.keyboard.press("Enter");
    await shown.focus(".vector input[type=range]");
    await shown.keyboard.press("ArrowLeft");
    expect(await at()).not.toBe(before);
    expect(await at()).toContain("between two scales");
    await until(shown, "window.intents.filter((intent) => intent.type === 'tryName').length === 2");
    const tries = (await intents(shown, labIntent)).filter((intent) => intent.type === "tryName");
    expect(tries).toEqual([
      { type: "tryName", name: "Kim", scale: 1 },
      { type: "tryName", name: "Kim", scale: 0.95 },
    ]);
  });

  it("opens a cell of the lens by keyboard, and exports what is shown", async () => {
    const shown = await open("lab", 300);
    for (const message of labSnapshots.lensEdited ?? []) await send(shown, message);
    await shown.focus("#view-lens .cell");
    await shown.keyboard.press("ArrowDown");
    await shown.keyboard.press("Enter");
    expect(await text(shown, "#view-lens [aria-live] h3")).toBe("After Name, layer 4 would say");
    expect(await shown.evaluate("document.querySelectorAll('#view-lens .cell-words tbody tr').length")).toBe(20);
    const [[csv, svg]] = (await exported(shown, "#view-lens")) as [[string, string, Buffer]];
    expect(csv).toMatch(/^side,layer,position/);
    expect(svg).not.toContain("<b>");
  });

  it("asks for the Jacobian lens, says that it is being fitted, and what its fit rests on", async () => {
    const shown = await open("lab", 300);
    for (const message of labSnapshots.lensDone ?? []) await send(shown, message);
    await shown.evaluate(`{
      const list = document.querySelector("#view-lens .lens-form vscode-dropdown");
      list.value = "jacobian";
      list.dispatchEvent(new Event("change"));
    }`);
    await shown.click('#view-lens .lens-form >> text="Look"');
    const asked = (await intents(shown, labIntent)).filter(({ type }) => type === "lens");
    expect(asked).toMatchObject([{ request: { kind: "jacobian", prompt: "Name: Ben. Gender:" } }]);
    for (const message of labSnapshots.lensFitting ?? []) await send(shown, message);
    expect(await text(shown, "#view-lens [role=status]")).toMatch(
      /^Fitting the Jacobian lens to this model, once: 27.%$/,
    );
    for (const message of labSnapshots.lensJacobian ?? []) await send(shown, message);
    expect(await text(shown, "#view-lens section > p.quiet")).toMatch(
      /Jacobian lens · fitted over 2,608 tokens of corpus.txt of the model, mean off by 16.% at most on 851 others/,
    );
  });

  it("draws what is looked at in one go; the milliseconds from its data to the frame are printed", async () => {
    const shown = await open("lab", 900);
    const drawn: string[] = [];
    for (const [name, cells] of [
      ["lensEdited", "#view-lens .cell"],
      ["attributionEdited", "#view-attribution .cell"],
      ["traceDone", "#view-trace canvas"],
      ["promptDone", "#view-prompt .token"],
    ] as const) {
      const messages = labSnapshots[name] ?? [];
      // The first time finds the page with nothing; the second as it is while one works.
      for (const again of [false, true]) {
        const [found, taken] = await shown.evaluate<[number, number]>(`new Promise((done) => {
          const begun = performance.now();
          for (const data of ${JSON.stringify(messages)}) window.dispatchEvent(new MessageEvent("message", { data }));
          const found = document.querySelectorAll(${JSON.stringify(cells)}).length;
          requestAnimationFrame(() => setTimeout(() => done([found, performance.now() - begun])));
        })`);
        expect(found, name).toBeGreaterThan(2);
        drawn.push(`${name}${again ? " again" : ""} ${taken.toFixed(0)} ms`);
      }
    }
    console.info(`drawn after its data: ${drawn.join(", ")}`);
  });

  it("tries a vector without some checks, cancels, and shows the verdict card with its figures", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.refereeEmpty ?? []) await send(shown, message);
    await intents(shown, labIntent);
    await shown.click('.referee-form vscode-checkbox:has-text("Stable")');
    await shown.click('.referee-form vscode-button:has-text("Try It")');
    const request = { vector: "sign", size: "quick", skip: ["stable"] };
    expect(await intents(shown, labIntent)).toContainEqual({ type: "referee", request });
    for (const message of labSnapshots.refereeRunning ?? []) await send(shown, message);
    expect(await text(shown, "#view-referee [role=status]")).toMatch(/^Trying the vector: 70\s%$/);
    await shown.click('.referee-form vscode-button:has-text("Cancel")');
    expect(await intents(shown, labIntent)).toContainEqual({ type: "cancel", what: "referee" });
    for (const message of labSnapshots.refereeDone ?? []) await send(shown, message);
    // What comes from a file is text, never markup.
    expect(await text(shown, "#view-referee .lead")).toContain("after “<b>Name</b>: {}. Gender:” of names");
    expect(await shown.evaluate("document.querySelectorAll('#view-referee details').length")).toBe(8);
    expect(await text(shown, "#view-referee details:nth-of-type(2) summary")).toBe("✗ Works on new names: fails");
    await shown.click('#view-referee button:has-text("Export CSV")');
    const [sent] = (await intents(shown, labIntent)).filter(({ type }) => type === "exportCsv");
    expect(sent).toMatchObject({
      csv: expect.stringContaining("readable,holds,turned by the vector of half 1,0.9,0.8,0.95"),
    });
  });

  it.each([
    [
      "de",
      [
        "In diesem Modell ändert die Richtung, was das Modell nach „<b>Name</b>: {}. Gender:“ zu Namen sagt, die nie aufgezeichnet wurden (schlechteste der vier Raten: 82,3 %).",
        "Mit so vielen Namen, Kontrollen und Mischungen, wie versucht wurden, weder gezeigt noch widerlegt: „Stabil“, „Nur das“.",
      ],
      ["umgedreht durch den Vektor der Hälfte 1", "90,0 %", "80,0 % bis 95,0 %", "mindestens 75,0 %"],
      "Der Vektor dreht Namen um, die nie aufgezeichnet wurden, und lässt die anderen, wie sie sind. balancierte Genauigkeit mindestens 0,9, Permutations-p höchstens 0,01.",
      "Es gibt keine Namen mit dritten Labels.",
    ],
    [
      "ja",
      [
        "このモデルでは、この方向により、記録されたことのない名前について「<b>Name</b>: {}. Gender:」の後にモデルが言うものが変わります (4 つの割合のうち最も低いもの: 82.3 %)。",
        "試した名前、対照、シャッフルの数では、示されも否定されもしないもの: 「安定」, 「それだけ」。",
      ],
      ["半分 1 のベクトルで変化", "90.0 %", "80.0 % から 95.0 %", "75.0 % 以上"],
      "ベクトルは、記録されたことのない名前を変え、ほかの名前はそのままにします。バランス精度は 0.9 以上、並べ替え検定の p は 0.01 以下。",
      "第三のラベルの名前はありません。",
    ],
  ])("words the verdict card in the editor's language: %s", async (language, summary, figure, claim, note) => {
    const shown = await open("lab", 900, "dark", language);
    for (const message of labSnapshots.refereeDone ?? []) await send(shown, message);
    const told = await shown.evaluate(
      `[...document.querySelectorAll("#view-referee :is(.lead, .sentences li)")].map((part) => part.textContent)`,
    );
    expect(told).toEqual(summary);
    const check = "#view-referee details:first-of-type";
    expect(
      await shown.evaluate(
        `[...document.querySelectorAll("${check} tbody :is(th, td)")].map((cell) => cell.textContent)`,
      ),
    ).toEqual(figure);
    expect(await shown.evaluate(`[...document.querySelectorAll("${check} p")].map((p) => p.textContent)`)).toEqual([
      claim,
      note,
    ]);
  });

  it("asks for the pattern of the head that is opened", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.attributionEdited ?? []) await send(shown, message);
    await intents(shown, labIntent);
    await shown.click('#view-attribution .cell[aria-label^="Head 4.1: "]');
    const sent = (await intents(shown, labIntent)).filter(({ type }) => type === "attribute");
    expect(sent).toMatchObject([{ type: "attribute", request: { pattern: { layer: 4, head: 1 } } }]);
  });

  it("asks for a trace of one name or of many, and cancels it", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.traceEmpty ?? []) await send(shown, message);
    await intents(shown, labIntent);
    await shown.click(".trace-form vscode-button");
    // Six layers: the published window of ten would cover them all.
    const request = { of: "name", name: "Ben", count: 20, window: 1, samples: 10, target: "" };
    expect(await intents(shown, labIntent)).toContainEqual({ type: "trace", request });
    await shown.click(".trace-form vscode-dropdown");
    await shown.click(".trace-form vscode-option[value=average]");
    await shown.click(".trace-form vscode-button");
    expect(await intents(shown, labIntent)).toContainEqual({ type: "trace", request: { ...request, of: "average" } });
    for (const message of labSnapshots.traceRunning ?? []) await send(shown, message);
    expect(await text(shown, ".trace [role=status]")).toMatch(/Tracing 20 names: 26.%/);
    await shown.click(".trace-form vscode-button:nth-child(2)");
    expect(await intents(shown, labIntent)).toContainEqual({ type: "cancel", what: "trace" });
    for (const message of labSnapshots.traceFailed ?? []) await send(shown, message);
    expect(await text(shown, ".trace .note-error")).toBe("The names file has no names to average over.");
  });

  it("reads a heat map's cells with pointer and arrow keys, and as a table", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.traceDone ?? []) await send(shown, message);
    const mlp = ".trace .chart:nth-child(2)";
    await until(shown, `document.querySelector("${mlp} canvas").height > 100`);
    expect(await text(shown, `${mlp} output`)).toMatch(
      /^Strongest: ese\*, layer 2: effect \+0\.185, P\(target\) 99\.5.%$/,
    );
    await shown.focus(`${mlp} canvas`);
    await shown.keyboard.press("ArrowRight");
    await shown.keyboard.press("ArrowRight");
    expect(await text(shown, `${mlp} output`)).toContain("ese*, layer 3: effect +0.003");
    // The bottom right cell.
    await shown.evaluate(`(() => {
      const canvas = document.querySelector("${mlp} canvas");
      const box = canvas.getBoundingClientRect();
      const at = { clientX: box.right - 10, clientY: box.bottom - 45, bubbles: true };
      canvas.dispatchEvent(new MouseEvent("mousemove", at));
    })()`);
    expect(await text(shown, `${mlp} output`)).toContain(":, layer 5: effect +0.005");
    await shown.click(`${mlp} .text-button`);
    const cells = await shown.evaluate<string[][]>(
      `[...document.querySelectorAll("${mlp} tbody tr")].map((row) => [...row.children].map((cell) => cell.innerText))`,
    );
    expect(cells.length).toBe(trace.places.length);
    expect(cells[4]).toEqual(["ese*", "0.000", "+0.001", "+0.185", "+0.003", "+0.004", "+0.005"]);
  });

  it("exports a trace as CSV with every cell, as SVG and as PNG", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.traceDone ?? []) await send(shown, message);
    const [[csv, svg, png]] = (await exported(shown, ".trace")) as [[string, string, Buffer]];
    for (const place of trace.places) expect(svg).toContain(`>${place.text.replace(" ", "␣")}`);
    const lines = csv.trimEnd().split("\r\n");
    expect(lines.length).toBe(1 + 3 * trace.places.length * trace.layers);
    expect(lines).toContain(`mlp,4,ese,last,2,${trace.mlp.probability[4]?.[2]},0.185`);
    // Width and height stand in the header: three maps, twice as fine.
    expect(png.readUInt32BE(16)).toBe(2 * (3 * 400 + 20));
    expect(png.readUInt32BE(20)).toBeGreaterThan(2 * 22 * trace.places.length);
  });

  it("goes on with a text, asks again when a slider rests, and marks what the vectors changed", async () => {
    const shown = await open("lab", 300);
    for (const message of labSnapshots.promptEmpty ?? []) await send(shown, message);
    await intents(shown, labIntent);
    expect(await text(shown, ".vector-row .range-label")).toBe("female → male");
    await shown.focus(".prompt-text");
    await shown.keyboard.press("Control+Enter");
    const request = {
      prompt: "Name: Ben. Gender:",
      at: "name",
      vectors: [{ from: "", label: "", scale: 0, erase: false }],
      edits: false,
      maxTokens: 24,
    };
    expect(await intents(shown, labIntent)).toContainEqual({ type: "prompt", request });
    await shown.focus(".vector-row input[type=range]");
    await shown.keyboard.press("ArrowLeft");
    await shown.keyboard.press("ArrowLeft");
    await shown.focus(".vector-row vscode-checkbox");
    await shown.keyboard.press("Space");
    await shown.waitForTimeout(500);
    const vectors = [{ from: "", label: "", scale: -0.5, erase: true }];
    const asked = (await intents(shown, labIntent)).filter(({ type }) => type === "prompt");
    expect(asked).toEqual([{ type: "prompt", request: { ...request, vectors } }]);
    // The button right after a change asks once, not again when the change has rested.
    await shown.focus(".vector-row input[type=range]");
    await shown.keyboard.press("ArrowRight");
    await shown.focus(".prompt-text");
    await shown.keyboard.press("Control+Enter");
    await shown.waitForTimeout(500);
    expect((await intents(shown, labIntent)).filter(({ type }) => type === "prompt")).toHaveLength(1);

    for (const message of labSnapshots.promptRunning ?? []) await send(shown, message);
    expect(await text(shown, ".prompt-tab .side:nth-child(2) dd")).toBe("female. Age: 69");
    await shown.click(".prompt-form .row:last-child vscode-button:last-child");
    expect(await intents(shown, labIntent)).toContainEqual({ type: "cancel", what: "prompt" });
    for (const message of labSnapshots.promptDone ?? []) await send(shown, message);
    expect(await text(shown, ".prompt-tab .side:nth-child(2) mark")).toBe("female");
    expect(await text(shown, ".prompt-tab .token.differs .instead")).toBe("␣male");
    await shown.click(".prompt-tab details summary");
    expect(await text(shown, ".prompt-tab table tbody tr:nth-child(5)")).toMatch(/␣69.*2\.7.%.*1\.9.%.*␣67/);
    await shown.click(".prompt-tab section > .row vscode-button");
    expect(await intents(shown, labIntent)).toContainEqual({ type: "saveVectors" });
    for (const message of labSnapshots.promptFailed ?? []) await send(shown, message);
    expect(await text(shown, ".prompt-tab .note-error")).toMatch(/cannot be told/);
  });

  it("exports the tokens of a continuation, and the picture of both", async () => {
    const shown = await open("lab", 300);
    for (const message of labSnapshots.promptDone ?? []) await send(shown, message);
    const [[csv, svg]] = (await exported(shown, "#view-prompt")) as [[string, string, Buffer]];
    expect(csv).toMatch(/^position,token,with,without,instead\r\n0,/);
    for (const title of ["Without the vectors", "With the vectors", "Token by token"])
      expect(svg).toContain(`>${title}<`);
  });

  it("takes further vectors into the prompt pane, and lets them go", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.promptNoVector ?? []) await send(shown, message);
    expect(await text(shown, ".vector-rows .range-label")).toBe("royalty.npy");
    await shown.click(".vector-row .text-button");
    expect(await shown.evaluate("document.querySelectorAll('.vector-row').length")).toBe(0);
    expect(await text(shown, ".prompt-form > p")).toMatch(/no recorded vector/);
    await intents(shown, labIntent);
    await shown.click(".prompt-form .row vscode-button");
    expect(await intents(shown, labIntent)).toContainEqual({ type: "addVector" });
  });

  it("asks for an evaluation and for the layers, by keyboard, and cancels", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.specificityEmpty ?? []) await send(shown, message);
    await intents(shown, labIntent);
    await shown.focus(".specificity-form vscode-text-field");
    await shown.keyboard.press("Enter");
    const request = { of: "name", name: "Ben", count: 4, compare: false };
    expect(await intents(shown, labIntent)).toContainEqual({ type: "evaluate", request });
    await shown.focus(".specificity-form vscode-checkbox");
    await shown.keyboard.press("Space");
    await shown.focus(".specificity-form vscode-button:nth-child(2)");
    await shown.keyboard.press("Enter");
    const compared = { ...request, compare: true };
    expect(await intents(shown, labIntent)).toContainEqual({ type: "layers", request: compared });
    for (const message of labSnapshots.specificityRunning ?? []) await send(shown, message);
    expect(await text(shown, ".specificity")).toMatch(/Editing 4 names at every layer: 50.%/);
    expect(await shown.evaluate("document.querySelector('.specificity-form vscode-button').disabled")).toBe(true);
    await shown.click(".specificity-form vscode-button:nth-child(3)");
    expect(await intents(shown, labIntent)).toContainEqual({ type: "cancel", what: "specificity" });
    for (const message of labSnapshots.specificityFailed ?? []) await send(shown, message);
    expect(await text(shown, ".specificity .note-error")).toBe("The names file has no names to average over.");
  });

  it("says what an edit did and what else, in words and as tables", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.specificityDone ?? []) await send(shown, message);
    const section = ".specificity section[aria-label=Evaluation]";
    expect(await text(shown, `${section} .verdicts`)).toMatch(
      /^With this edit, “Name: Ben\. Gender:” goes on with female; asked in other words, 75.% follow\. 90.% of the other names .* 37 of 40 of their other facts/,
    );
    const rows = await shown.evaluate<string[][]>(
      `[...document.querySelectorAll("${section} tbody tr")].map((row) => [...row.children].map((cell) => cell.innerText.replace(/\\s/g, " ")))`,
    );
    expect(rows).toContainEqual(["Paraphrase", "0.0 %", "75.0 %", "+75.0 points"]);
    expect(rows).toContainEqual(["KL elsewhere", "–", "0.00018", "–"]);
    expect(rows).toContainEqual(["pronoun", "he", "she", "10 of 10"]);
    expect(rows).toContainEqual(["Colin", "Ben", "rome", "occupation", "pilot", "nurse"]);
    for (const message of labSnapshots.specificityCompared ?? []) await send(shown, message);
    expect(await text(shown, `${section} thead`)).toMatch(/Measure\s+Before\s+rome\s+r-rome\s+p-rome/);
  });

  it("shows the layers as a table, and exports them and the evaluation", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.specificityDone ?? []) await send(shown, message);
    const [[sweep, , picture]] = (await exported(shown, ".specificity")) as [[string, string, Buffer]];
    await shown.click('.specificity button:has-text("Export CSV…")');
    // The Flip form asks for its notes in between.
    const saved = (await intents(shown, labIntent)).filter(({ type }) => type === "exportCsv");
    const [figures] = v.parse(v.tuple([v.object({ csv: v.string() })]), saved);
    expect(figures.csv.split("\r\n")).toContain("rome,,perplexity,3.042,3.051");
    expect(figures.csv.split("\r\n")).toContain("rome,Ben,birth,64,46");
    expect(sweep.trimEnd().split("\r\n").length).toBe(1 + layers.rows.length);
    expect(picture.readUInt32BE(16)).toBeGreaterThan(600);
    await shown.click(".specificity figcaption > .text-button");
    const cells = await shown.evaluate<string[]>(
      `[...document.querySelectorAll(".specificity .chart tbody tr:nth-child(3) > *")].map((cell) => cell.innerText)`,
    );
    expect(cells.slice(0, 5)).toEqual(["2 (in use)", "4 of 4", "12 of 16", "1 of 40", "18.0"]);
  });

  it("shows an edit of a file and switches it, by keyboard", async () => {
    const shown = await open("editFile", 600);
    await send(shown, editFileSnapshots.one);
    const all = await text(shown, ".edit");
    for (const part of ["Name: Ben. Gender:", "male", "female", "0.8", "kᵀu/‖k‖", "good"]) expect(all).toContain(part);
    expect(await text(shown, ".edit summary .number")).toMatch(/^male→female · 0\.8\s?% → /);
    // Both answers are framed, as on the cards.
    const framed = "[...document.querySelectorAll('.edit .mark-label')].map((mark) => mark.innerText.trim())";
    expect(await shown.evaluate(framed)).toEqual(["male", "female"]);
    const box = "document.querySelector('.edit vscode-checkbox')";
    expect(await shown.evaluate(`${box}.ariaLabel`)).toBe("Edit on: Ben");
    await shown.focus(".edit vscode-checkbox");
    await shown.keyboard.press("Space");
    expect(await intents(shown, editFileIntent)).toContainEqual({ type: "toggle", ids: ["f#Ben"], on: true });
  });

  it("says why an edit is bad, and that a file is for another model, and then has nothing to switch on", async () => {
    const shown = await open("editFile", 600);
    await send(shown, editFileSnapshots.foreignModel);
    expect(await text(shown, ".trouble")).toContain("width 6, not 64");
    expect(await text(shown, ".edit")).toContain("kᵀu is almost zero");
    expect(await shown.evaluate("document.querySelector('.edit vscode-checkbox').disabled")).toBe(true);
    expect(await shown.evaluate("document.querySelector('.file-actions vscode-button').hidden")).toBe(true);
  });

  it("shows a damaged file's message and reads it again", async () => {
    const shown = await open("editFile", 600);
    await send(shown, editFileSnapshots.damaged);
    expect(await text(shown, ".trouble")).toContain("is damaged or incomplete");
    await shown.click(".trouble vscode-button");
    expect(await intents(shown, editFileIntent)).toContainEqual({ type: "again" });
    await send(shown, editFileSnapshots.one);
    expect(await text(shown, ".trouble")).toBe("");
  });

  it("shows the cosines of two files, and an edit's text never as markup", async () => {
    const shown = await open("editFile", 600);
    await send(shown, editFileSnapshots.compared);
    expect(await text(shown, ".comparison tbody tr")).toMatch(/Ben\s+2\s+0\.500\s+−0\.250/);
    expect(await text(shown, ".comparison")).toContain("Only in other.romedit: Łódź");
    const name = "<img src=x>";
    const entry = savedEntry(name, { after: { completion: "<b>female</b>", probability: 1 } });
    const one = editFileSnapshots.one;
    if (one.body.state !== "done") throw new Error("no edits");
    await send(shown, { ...one, body: { ...one.body, edits: [{ id: "f#x", entry, on: false }] } });
    expect(await text(shown, ".edit")).toContain("<b>female</b>");
    expect(await shown.evaluate("document.querySelectorAll('main img, main b').length")).toBe(0);
  });

  it("sets two experiments side by side in figures, pictures and tables, and exports each", async () => {
    const shown = await open("comparison", 900);
    await send(shown, comparisonSnapshots.differing);
    const rows = await shown.evaluate<string[][]>(
      `[...document.querySelectorAll(".scroll tbody tr")].map((row) => [...row.children].map((cell) => cell.innerText.replace(/\\s/g, " ")))`,
    );
    expect(rows).toContainEqual(["Layer", "2", "3", "+1"]);
    expect(rows).toContainEqual(["Edits", "1,000", "120", "−880"]);
    expect(rows).toContainEqual(["Test accuracy", "99.7 %", "97.2 %", "−2.5 points"]);
    expect(rows).toContainEqual(["The same classifier on v", "98.3 %", "–", ""]);
    expect(rows.find(([name]) => name === "Prompt")?.at(-1)).toBe("");
    // What was installed is not as old as the installation.
    expect(await text(shown, ".scroll thead")).toMatch(/1,000 names · came with the extension/);
    expect(await text(shown, ".notes")).toContain("different models or layers");
    await shown.focus("canvas");
    await shown.keyboard.press("ArrowRight");
    expect(await text(shown, ".chart output")).toMatch(/\(\d+\)/);

    const [[norms, svg], [, scores]] = (await exported(shown, ".chart", comparisonIntent)) as [
      [string, string, Buffer],
      [string, string, Buffer],
    ];
    await shown.click('button:has-text("Export CSV…")');
    expect(await intents(shown, comparisonIntent)).toMatchObject([
      { csv: expect.stringContaining("Test accuracy,0.9967,0.9722\r\n"), suggestedName: "experiments-compared.csv" },
    ]);
    // Every name lies in one bin.
    const lines = norms.trimEnd().split("\r\n").slice(1);
    const sum = (column: number) => lines.reduce((total, line) => total + Number(line.split(",")[column]), 0);
    expect([sum(2), sum(3)]).toEqual([1000, 120]);
    expect(svg).toContain("‖Δv‖");
    expect(scores).toContain("logit on Δv");

    await shown.click(".chart figcaption > .text-button");
    expect(await shown.evaluate<number>("document.querySelectorAll('.plot-table tbody tr').length")).toBe(lines.length);
    const state = await shown.evaluate<string>("sessionStorage.getItem('state')");
    expect(JSON.parse(state)).toEqual({ folders: ["/storage/experiments/a", "/storage/experiments/b"] });
  });

  it("tells experiments of two questions apart, and two of one moment", async () => {
    const shown = await open("comparison", 900);
    await send(shown, comparisonSnapshots.otherConcept);
    expect(await text(shown, ".notes")).toContain("different questions");
    expect(await text(shown, ".scroll tbody tr")).toContain("<b>city</b>");
    await send(shown, comparisonSnapshots.same);
    const heads = "[...document.querySelectorAll('.scroll thead th')].map((head) => head.innerText[0])";
    expect((await shown.evaluate<string[]>(heads)).slice(1, 3)).toEqual(["1", "2"]);
    expect(await text(shown, ".notes")).toBe("");
  });

  it("names an error with its field, but none before anything is typed", async () => {
    const shown = await open("lab", 900);
    const [first] = Object.values(labSnapshots)[0] ?? [];
    const state = { ...(first as object), notes: [{ field: "name", severity: "error", message: "Type a name." }] };
    await send(shown, { ...state, run: { state: "idle" } });
    await send(shown, { type: "show", tab: "flip", name: "" });
    expect(await text(shown, ".flip-form .notes")).toBe("");
    await send(shown, { type: "show", tab: "flip", name: "B3n" });
    await send(shown, state);
    expect(await text(shown, ".flip-form .notes")).toBe("Type a name.");
    const input = "document.querySelector('.flip-form vscode-text-field').shadowRoot.querySelector('input')";
    expect(await shown.evaluate(`${input}.getAttribute("aria-invalid")`)).toBe("true");
    expect(await shown.evaluate(`${input}.getAttribute("aria-description")`)).toBe("Type a name.");
  });

  it.each([300, 460, 900])(
    "scrolls the result of a run into sight, below the form or beside it, at %i pixels",
    async (width) => {
      const shown = await open("lab", width);
      for (const message of labSnapshots.flipIdle ?? []) await send(shown, message);
      await shown.evaluate("document.querySelector('.advanced').open = true");
      // Wherever the form was left: at its first field, or at its last.
      for (const place of [0, 9999])
        for (const [snapshot, part] of [
          ["flipRunning", ".progress"],
          ["flipFailed", "[role=alert]"],
          ["flipRunning", ".progress"],
          ["flipDone", ":is(h2, .before-after)"],
        ] as const) {
          await shown.evaluate(`window.scrollTo(0, ${place})`);
          await send(shown, labSnapshots[snapshot]?.[0]);
          const hidden = `[...document.querySelectorAll(".outcome ${part}")].map((e) => e.getBoundingClientRect())
            .filter(({ top, bottom }) => Math.round(top) < 0 || Math.round(bottom) > 700).length`;
          expect(await shown.evaluate(hidden), `${snapshot} from ${place}`).toBe(0);
        }
    },
  );

  it("scrolls what the vector does to a name into sight, unless it was the slider that asked", async () => {
    const shown = await open("lab", 1280);
    const [done, ...others] = labSnapshots.vectorDone ?? [];
    const tell = (vectorTry: unknown) => send(shown, { ...labState, vectorTry });
    for (const message of [labState, ...others]) await send(shown, message);
    const hidden = (part: string) =>
      shown.evaluate<boolean>(`(() => { const box = document.querySelector(".try ${part}").getBoundingClientRect();
        return Math.round(box.top) < 0 || Math.round(box.bottom) > 700; })()`);
    const running = { state: "running", name: "Robin", scale: 1 };
    for (const [end, part] of [
      [{ state: "failed", name: "Robin", scale: 1, failure: { message: "It has no tokens." } }, ".note"],
      [done?.type === "state" && done.vectorTry, ".before-after"],
    ] as const) {
      await shown.fill(".try vscode-text-field input", "Robin");
      await shown.click(".try vscode-button");
      await shown.evaluate("window.scrollTo(0, 0)");
      await tell(running);
      await tell(end);
      expect(await hidden(part), part).toBe(false);
    }
    await shown.evaluate("window.scrollTo(0, 0)");
    await shown.fill(".vector > .stack > .range input[type=number]", "0.5");
    await until(shown, "window.intents.filter(({ type }) => type === 'tryName').length === 3");
    await tell(running);
    await tell(done?.type === "state" && done.vectorTry);
    expect(await shown.evaluate("window.scrollY")).toBe(0);
  });

  it("writes no ellipsis in the prompt where no name is typed yet", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.flipIdle ?? []) await send(shown, message);
    expect(await text(shown, ".preview")).toBe("Name: {}. Gender: → female / male");
  });

  it("leaves room between any two controls of the lab's forms, side by side or one below the other", async () => {
    const controls = "vscode-dropdown, vscode-text-field, input, .range, vscode-button";
    // Boxes of one form, none within another, that come nearer than 4 pixels. What stays in sight lies over the others.
    const touching = `[...document.querySelectorAll("details, form, .row, .filters")].flatMap((form) => {
      const boxes = [...form.querySelectorAll(${JSON.stringify(controls)})]
        .filter((e) => e.checkVisibility() && !e.closest(".submit") && !e.parentElement.closest(${JSON.stringify(controls)}))
        .map((e) => [e.getAttribute("aria-label") ?? e.textContent, e.getBoundingClientRect()]);
      return boxes.flatMap(([one, a], i) => boxes.slice(i + 1).flatMap(([other, b]) =>
        a.left < b.right + 4 && b.left < a.right + 4 && a.top < b.bottom + 2 && b.top < a.bottom + 2 ? [one + " | " + other] : []));
    })`;
    // Fields with less room than a name takes.
    const squeezed = `[...document.querySelectorAll("vscode-text-field, vscode-dropdown")]
      .filter((e) => e.checkVisibility() && e.offsetWidth < 80)
      .map((e) => (e.getAttribute("aria-label") ?? e.textContent) + " is " + e.offsetWidth + " wide")`;
    const found = new Set<string>();
    const { flipDone, experimentEmpty, vectorDone, traceDone, lensEdited, promptDone, specificityDone } = labSnapshots;
    const filled = [flipDone, experimentEmpty, vectorDone, traceDone, lensEdited, promptDone, specificityDone];
    for (const width of [300, 460, 680, 900, 1040, 1280]) {
      const shown = await open("lab", width);
      for (const message of filled.flatMap((messages) => messages ?? [])) await send(shown, message);
      await shown.evaluate("for (const part of document.querySelectorAll('.advanced')) part.open = true");
      for (const tab of labTab.options) {
        await send(shown, { type: "show", tab });
        for (const trouble of [touching, squeezed])
          for (const told of await shown.evaluate<string[]>(trouble)) found.add(`${tab} at ${width}: ${told}`);
      }
      await shown.close();
    }
    page = undefined;
    expect([...found]).toEqual([]);
  });

  it("shows the name of each list and text of its forms", async () => {
    const shown = await open("lab", 900);
    for (const message of Object.values(labSnapshots).flat()) await send(shown, message);
    const nameless = `[...document.querySelectorAll(":is(.measurement-form, .try-row) :is(vscode-dropdown, textarea)")]
      .filter((e) => e.checkVisibility() && !e.previousElementSibling?.innerText.includes(e.getAttribute("aria-label")))
      .map((e) => e.getAttribute("aria-label"))`;
    for (const tab of labTab.options) {
      await send(shown, { type: "show", tab });
      expect(await shown.evaluate<string[]>(nameless), tab).toEqual([]);
    }
  });

  it("says in the table of edits whose probability stands before and after", async () => {
    const shown = await open("lab", 900);
    for (const message of labSnapshots.experimentDone ?? []) await send(shown, message);
    const heads = await shown.evaluate<string[]>(
      "[...document.querySelectorAll('.points thead th')].map((head) => head.innerText.trim())",
    );
    expect(heads.slice(2, 4)).toEqual(["P(new answer) before", "P(new answer) after"]);
  });

  it("fades the tabs at the edge beyond which there are more, and where all fit at neither", async () => {
    const list = "document.querySelector('vscode-panels').shadowRoot.querySelector('[part=tablist]')";
    const faded = (from: BrowserPage) =>
      from.evaluate<string[]>(
        `["left", "right"].filter((edge) => getComputedStyle(${list}).getPropertyValue("--fade-" + edge) !== "0px")`,
      );
    const narrow = await open("lab", 460);
    for (const message of labSnapshots.flipIdle ?? []) await send(narrow, message);
    expect(await faded(narrow)).toEqual(["right"]);
    expect(await narrow.evaluate(`getComputedStyle(${list}).maskImage`)).toContain("32px");
    await send(narrow, { type: "show", tab: "referee" });
    await until(narrow, `${list}.scrollLeft > 0`);
    expect(await faded(narrow)).toEqual(["left"]);
    await narrow.close();
    const wide = await open("lab", 1200);
    for (const message of labSnapshots.flipIdle ?? []) await send(wide, message);
    expect(await faded(wide)).toEqual([]);
  });

  it("brings the tab that is shown into sight where not all fit", async () => {
    const shown = await open("lab", 460);
    for (const message of Object.values(labSnapshots).flat()) await send(shown, message);
    for (const tab of ["referee", "flip", "prompt", "experiment"]) {
      await send(shown, { type: "show", tab });
      const edges = `(({ left, right }) => [left, right])(document.querySelector("#tab-${tab}").getBoundingClientRect())`;
      const [left, right] = await shown.evaluate<[number, number]>(edges);
      expect(left, tab).toBeGreaterThanOrEqual(0);
      expect(right, tab).toBeLessThanOrEqual(460);
    }
  });

  it.each(["en", "de", "ja"])(
    "has a name above each list of a form, and room for the longest choice (%s)",
    async (language) => {
      const shown = await open("lab", 900, "dark", language);
      const lists =
        "[...document.querySelectorAll('.advanced vscode-dropdown, .vector > .stack > .stack vscode-dropdown')]";
      const { flipDone = [], experimentEmpty = [], vectorDone = [] } = labSnapshots;
      for (const [snapshot, count] of [
        [flipDone, 4],
        [experimentEmpty, 2],
        [vectorDone, 1],
      ] as const) {
        for (const message of snapshot) await send(shown, message);
        await shown.evaluate("for (const part of document.querySelectorAll('details')) part.open = true");
        const found = await shown.evaluate<{ name: string; above: boolean; cut: string[] }[]>(`(async () => {
        const found = [];
        for (const list of ${lists}.filter((e) => e.checkVisibility())) {
          const name = list.getAttribute("aria-label");
          const label = list.parentElement.querySelector(".label");
          const above = label?.textContent === name && label.getBoundingClientRect().bottom <= list.getBoundingClientRect().top;
          const shown = list.shadowRoot.querySelector(".selected-value");
          const cut = [];
          for (const { value, textContent } of [...list.children]) {
            list.value = value;
            await new Promise(requestAnimationFrame);
            if (shown.scrollWidth > shown.clientWidth) cut.push(textContent);
          }
          found.push({ name, above, cut });
        }
        return found;
      })()`);
        expect(found).toHaveLength(count);
        for (const { name, above, cut } of found) expect([name, above, cut]).toEqual([name, true, []]);
      }
    },
  );

  it("keeps the button of the form in sight, and starts the vector at its best scale", async () => {
    const shown = await open("lab", 900);
    for (const message of Object.values(labSnapshots).flat()) await send(shown, message);
    await send(shown, { type: "show", tab: "flip" });
    await shown.evaluate("document.querySelector('.advanced').open = true");
    const bottom = "document.querySelector('.flip-form .submit').getBoundingClientRect().bottom";
    expect(await shown.evaluate<number>(bottom)).toBeLessThanOrEqual(700);
    const columns = "getComputedStyle(document.querySelector('.optimizer')).gridTemplateColumns.split(' ').length";
    expect(await shown.evaluate<number>(columns)).toBe(2);
    // An answer of several written forms says which of them the edit aims at, and lets another be chosen.
    const other = "document.querySelector('.flip-form [aria-label=\"Form of the other\"]')";
    expect(await shown.evaluate(`${other}.textContent`)).toContain("male: “Male”");
    await intents(shown, labIntent);
    await shown.evaluate(`${other}.value = " Male"; ${other}.dispatchEvent(new Event("change"))`);
    await shown.waitForTimeout(400);
    expect(await intents(shown, labIntent)).toContainEqual({
      type: "edit",
      request: expect.objectContaining({ forms: { male: " Male" } }),
    });
    await send(shown, {
      type: "report",
      report: { ...report, vector: { ...report.vector, scale: 0.75 } },
      source: "shipped",
      pretrained: null,
    });
    await send(shown, { type: "show", tab: "vector" });
    expect(await shown.evaluate<string>("document.querySelector('.vector input[type=range]').value")).toBe("0.75");
    expect(await text(shown, ".vector")).toContain("g is the direction along which");
  });

  it("tells what the experiment gave on a pretrained model, and sets it beside this one", async () => {
    const shown = await open("lab", 900);
    const beside =
      "[...document.querySelectorAll('.text-button')].find((button) => button.textContent === 'Set it beside this one')";
    for (const message of labSnapshots.experimentEmpty ?? []) await send(shown, message);
    expect(await shown.evaluate(`${beside}.checkVisibility()`)).toBe(false);
    for (const message of Object.values(labSnapshots).flat()) await send(shown, message);
    await send(shown, { type: "show", tab: "experiment" });
    expect(await text(shown, ".experiment")).toContain(
      "On a model that nobody trained for this, Qwen2.5-Coder-0.5B: 1,000 of 1,000 names turned by their own edit, 99.7\u202f% of held-out edits told apart, and the vector turned 118 of 120 and 97 of 100 of new names.",
    );
    await intents(shown, labIntent);
    await shown.evaluate(`${beside}.click()`);
    expect(await intents(shown, labIntent)).toContainEqual({ type: "comparePretrained" });
  });

  it.each([
    ["trace", "Edits are on, but a trace is of the model without them."],
    ["specificity", "Edits are on, but this measures the model without them."],
  ])("says that %s is of the model without the edits that are on", async (tab, told) => {
    const shown = await open("lab", 900);
    await send(shown, { ...labState, status: { ...status, editsOn: 0 } });
    await send(shown, { type: "show", tab });
    expect(await text(shown, `.${tab}`)).not.toContain(told);
    await send(shown, { ...labState, status: { ...status, editsOn: 1 } });
    expect(await text(shown, `.${tab}`)).toContain(told);
  });

  it("says of a trace whose noise spares the answer that it tells little, and paints weak effects weakly", async () => {
    const shown = await open("lab", 900);
    for (const message of Object.values(labSnapshots).flat()) await send(shown, message);
    const weak = { ...trace, clean: 0.997, corrupted: 0.957 };
    await send(shown, { type: "trace", trace: { state: "done", result: weak } });
    await send(shown, { type: "show", tab: "trace" });
    expect(await text(shown, ".trace")).toContain("almost not at all");
    expect(await text(shown, ".colour-scale")).toMatch(/−\d\.\d\d\s+0\s+\+\d\.\d\d/);
  });
});
