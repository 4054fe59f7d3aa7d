/** A real workbench (code-server) with the packaged extension, in a real headless browser. */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { writeLanguage } from "./language.mjs";
import { browser, codeServer, here, images, node, project, work } from "./paths.mjs";

const { publisher, name } = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
const extensionId = `${publisher}.${name}`;

const settings = {
  "workbench.startupEditor": "none",
  "telemetry.telemetryLevel": "off",
  "extensions.autoUpdate": "off",
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "git.enabled": false,
  "workbench.enableExperiments": false,
  "workbench.reduceMotion": "on",
  "window.commandCenter": false,
  "window.autoDetectColorScheme": false,
  "window.autoDetectHighContrast": false,
  "workbench.colorTheme": "Light Modern",
  "editor.hover.delay": 100,
  "editor.minimap.enabled": false,
  "files.hotExit": "off",
  "files.autoSave": "afterDelay",
  "files.autoSaveDelay": 100,
  "files.simpleDialog.enable": true,
  "workbench.editor.useModal": "off",
};

/** An untrusted folder is opened without asking. */
const untrusted = {
  "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.banner": "never",
};

/** The console lines that the workbench itself is known to write. */
const ownNoise =
  /vsda|favicon|No extension gallery service configured|manifest\.json|signature verification|\[lifecycle\] Long running operations|IndexedDB database .* is closed|Timed out waiting for authentication provider/;

/** Whether a fault comes from the page that the workbench puts around a webview: it reads a frame that is being exchanged. */
function isWorkbenchs(error) {
  const place = error.stack?.split("\n").find((line) => /^\s+at /.test(line));
  return place?.includes("/webview/browser/pre/index.html") ?? false;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Longest wait for anything, in milliseconds: a bound for hanging, not a goal; a busy machine takes its time. */
const patience = 90_000;

export class Workbench {
  /** Lines of the browser's console that are errors or policy violations, and which of them a scenario brings about. */
  #trouble = [];
  #expected = [];
  #activated = 0;

  /**
   * Installs the package into fresh folders and opens a fresh workspace.
   *
   * @param options.vsix the package; options.trust false for a workspace that is not trusted; options.files gives more
   *   files of the workspace, from its path; options.size of the window; options.hub the address that models are
   *   downloaded from; options.language of the window, English without it; options.environment gives more variables of
   *   the server
   */
  static async open({
    vsix,
    name,
    trust = true,
    files = () => ({}),
    size = { width: 1280, height: 800 },
    hub,
    language,
    environment = () => ({}),
  }) {
    const { chromium } = await import("playwright-core");
    const bench = new Workbench();
    bench.root = join(work, name);
    rmSync(bench.root, { recursive: true, force: true });
    bench.data = join(bench.root, "data");
    bench.workspace = join(bench.root, "workspace");
    mkdirSync(join(bench.data, "User"), { recursive: true });
    cpSync(join(here, "workspace"), bench.workspace, { recursive: true });
    for (const [path, text] of Object.entries(files(bench.workspace))) {
      mkdirSync(join(bench.workspace, path, ".."), { recursive: true });
      writeFileSync(join(bench.workspace, path), text);
    }
    bench.settings = { ...settings, ...(trust ? { "security.workspace.trust.enabled": false } : untrusted) };
    writeFileSync(join(bench.data, "User/settings.json"), JSON.stringify(bench.settings));
    bench.port = await freePort();
    await bench.#serve(vsix, trust, hub, language, environment());
    bench.browser = await chromium.launch({
      executablePath: browser(),
      args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
    });
    const context = await bench.browser.newContext({
      viewport: size,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    context.setDefaultTimeout(patience);
    await context.route(`${images}**`, (route) =>
      route.fulfill({ path: join(project, "docs", new URL(route.request().url()).pathname) }),
    );
    bench.page = await context.newPage();
    bench.page.on("console", (message) => {
      const text = message.text();
      const bad = message.type() === "error" || /Content Security Policy/.test(text);
      if (bad && !ownNoise.test(text + message.location().url)) bench.#trouble.push(text);
    });
    bench.page.on("pageerror", (error) => {
      if (!isWorkbenchs(error)) bench.#trouble.push(String(error));
    });
    await bench.page.goto(`http://127.0.0.1:${bench.port}/?folder=${bench.workspace}`);
    await bench.ready();
    return bench;
  }

  async #serve(vsix, trust, hub, language, environment) {
    const home = join(this.root, "home");
    mkdirSync(home, { recursive: true });
    const config = join(this.root, "config.yaml");
    writeFileSync(config, "auth: none\n");
    const env = {
      ...process.env,
      HOME: home,
      XDG_CONFIG_HOME: join(home, "config"),
      XDG_DATA_HOME: join(home, "share"),
      XDG_CACHE_HOME: join(home, "cache"),
      HF_HOME: join(home, "huggingface"),
      EXTENSIONS_GALLERY: "{}",
      ...(hub && { HF_ENDPOINT: hub }),
      ...environment,
    };
    const folders = [
      "--config",
      config,
      "--user-data-dir",
      this.data,
      "--extensions-dir",
      join(this.root, "extensions"),
    ];
    if (language) writeLanguage(this.data, language);
    const install = spawnSync(node, [codeServer, ...folders, "--install-extension", vsix], { env, encoding: "utf8" });
    if (install.status !== 0) throw new Error(`The package cannot be installed: ${install.stdout}${install.stderr}`);
    const options = [
      ...["--auth", "none", "--bind-addr", `127.0.0.1:${this.port}`],
      ...["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"],
      ...["--ignore-last-opened", "--disable-proxy", ...(trust ? ["--disable-workspace-trust"] : [])],
      ...(language ? ["--locale", language] : []),
    ];
    this.server = spawn(node, [codeServer, ...folders, ...options], { env, detached: true, stdio: "ignore" });
    for (let tries = 0; tries < 200; tries++) {
      const healthy = await fetch(`http://127.0.0.1:${this.port}/healthz`).then(
        (answer) => answer.ok,
        () => false,
      );
      if (healthy) return;
      await sleep(50);
    }
    throw new Error("code-server did not start.");
  }

  /** Waits until the window and our extension are there, at first and after a reload. */
  async ready() {
    await this.page.locator(".monaco-workbench .part.sidebar .monaco-list-row, iframe.webview").first().waitFor();
    await this.until("the extension is active", () => this.#activations() > this.#activated);
    this.#activated = this.#activations();
  }

  /** How often the extension was activated, by its log: once a window. */
  #activations() {
    return existsSync(join(this.data, "logs")) ? [...this.log().matchAll(/Activated in/g)].length : 0;
  }

  /** Changes the user's settings while the workbench runs, in its editor; `machine` for those of the machine. */
  async change(changes, { machine = false } = {}) {
    const text = JSON.stringify(machine ? changes : { ...this.settings, ...changes });
    await this.focusFirstGroup();
    await this.command(`Preferences: Open ${machine ? "Remote" : "User"} Settings (JSON)`);
    await this.page.locator('.editor-group-container.active .tab.active[data-resource-name="settings.json"]').waitFor();
    const file = join(this.data, machine ? "Machine" : "User", "settings.json");
    // Pasted, since the editor closes brackets and quotes that are typed; again, if the window was still busy.
    await this.until("the settings are saved", async () => {
      await this.focusFirstEditor();
      await this.page.keyboard.press("Control+a");
      await this.page.evaluate((pasted) => navigator.clipboard.writeText(pasted), text);
      await this.page.keyboard.press("Control+v");
      await this.page.keyboard.press("Control+s");
      await this.page.locator(".tab.active.dirty").waitFor({ state: "detached" });
      return readFileSync(file, "utf8") === text;
    });
    await this.command("View: Close Editor");
    // The workbench itself wants to mend old spellings of settings while their file is being typed.
    this.#expected.push(/Unable to write into user settings/);
  }

  status() {
    return this.page.locator(`[id="${extensionId}.status"]`);
  }

  /** Waits until our status item says this. */
  async statusText(pattern) {
    await this.status().filter({ hasText: pattern }).waitFor();
  }

  /** The errors and policy violations so far that no scenario asked for. */
  get problems() {
    return this.#trouble.filter((line) => !this.#expected.some((pattern) => pattern.test(line)));
  }

  /** Waits for a notification that says this, and clears it away; the workbench also logs it as an error. */
  async notification(pattern) {
    const message = this.page.locator(".notification-list-item-message").filter({ hasText: pattern });
    await message.first().waitFor();
    this.#expected.push(pattern);
    await this.command("Notifications: Clear All Notifications");
    // The command may take its time, and would clear what is told of next, too.
    await message.first().waitFor({ state: "detached" });
  }

  /** The webview of the Results view. */
  results() {
    return this.page
      .frameLocator(`iframe.webview[src*="extensionId=${extensionId}"][src*="purpose=webviewView"]`)
      .frameLocator("#active-frame");
  }

  /** The webview of the lab. */
  lab() {
    return this.editorPage();
  }

  /** The webview of the edit file that is open. */
  editFile() {
    return this.editorPage();
  }

  /** The webview among the editors. From outside the lab and an edit file look alike: show one at a time. */
  editorPage() {
    return this.page
      .frameLocator(`iframe.webview[src*="extensionId=${extensionId}"]:not([src*="purpose=webviewView"])`)
      .frameLocator("#active-frame");
  }

  /** Newest card with this title. */
  card(title) {
    return this.cards(title).first();
  }

  /** Cards with this title, the newest first. */
  cards(title) {
    const titles = this.page.locator(".card-title", { hasText: new RegExp(`^${title}$`) });
    return this.results().locator(".card").filter({ has: titles });
  }

  /** Opens the palette's box by a key and fills it. A window that is moving its focus closes it again: until it stays. */
  async palette(key, text) {
    await this.until("the palette stays open", async () => {
      await this.page.keyboard.press(key);
      return succeeds(this.input().fill(text, { timeout: 2000 }));
    });
  }

  /**
   * Runs a command of the palette. Resolves when its row was clicked. A window that restores its editors gives one of
   * them the focus when its page has come, which closes the palette, whatever was typed: it is opened again.
   */
  async command(title) {
    await this.until(`${title} is run`, async () => {
      await this.palette("F1", `>${title}`);
      return succeeds(this.row(title).click({ timeout: 3000 }));
    });
  }

  /** The text box of the palette and of questions. */
  input() {
    return this.page.locator(".quick-input-widget .quick-input-box input");
  }

  /** First row of the palette, or of a question's answers, that has this text. */
  row(text) {
    return this.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: text }).first();
  }

  /** Runs a command that asks a question with this title; a window that is moving its focus may close it again. */
  async ask(command, title) {
    const question = this.page.locator(".quick-input-title", { hasText: title });
    await this.until(`${title} is asked`, async () => {
      await this.command(command);
      return succeeds(question.waitFor({ timeout: 5000 }));
    });
  }

  /** Answers a question that has this title. */
  async answer(title, text) {
    await this.page.locator(".quick-input-title", { hasText: title }).waitFor();
    await this.input().fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** Answers a file dialog (the simple one, in the palette's box) with a path. */
  async answerFile(path) {
    const accept = this.page.locator(".quick-input-widget .quick-input-action").getByRole("button", { name: "OK" });
    await accept.waitFor();
    // The dialog writes its own folder into the box when it has read it.
    await this.until("the dialog shows its folder", async () => (await this.input().inputValue()) !== "");
    await this.until("the path stays", async () => {
      await this.input().fill(path);
      await sleep(300);
      return (await this.input().inputValue()) === path;
    });
    await accept.click();
  }

  /** Opens a file of the workspace, in whatever editor it has. */
  async show(name) {
    await this.focusFirstGroup();
    // The list of files may be one of before the file was written; a box that is opened anew reads it anew.
    await this.until(`${name} is listed`, async () => {
      await this.palette("Control+p", name);
      const found = await succeeds(this.row(name).click({ timeout: 3000 }));
      if (!found) await this.page.keyboard.press("Escape");
      return found;
    });
    await this.page.locator(`.editor-group-container.active .tab.active[data-resource-name="${name}"]`).waitFor();
  }

  /** Opens a text file of the workspace and puts the cursor somewhere (from 1). */
  async openFile(name, line = 1, column = 1) {
    await this.show(name);
    const group = this.page.locator(".editor-group-container.active");
    await group.locator(".editor-instance .view-line").first().waitFor();
    await this.goTo(line, column);
  }

  /** What opens next opens beside the lab, not over it. A palette opened before the focus has moved would close again. */
  async focusFirstGroup() {
    const first = this.page.locator(".editor-group-container").first();
    const isActive = () => first.evaluate((group) => group.classList.contains("active"));
    // A page that is just being made takes the key for itself.
    await this.until("the first group has the focus", async () => {
      if (await isActive()) return true;
      await this.page.keyboard.press("Control+1");
      return isActive();
    });
  }

  /** Puts the keyboard into the first group's editor; a click could fall on what lies over its text. */
  async focusFirstEditor() {
    const input = this.page
      .locator(".editor-group-container")
      .first()
      .locator(".editor-instance :is(.native-edit-context, textarea.inputarea)")
      .first();
    await this.until("the editor has the focus", async () => {
      await input.focus();
      return input.evaluate((element) => element === document.activeElement);
    });
  }

  async goTo(line, column) {
    await this.palette("Control+g", `:${line}:${column}`);
    await this.page.keyboard.press("Enter");
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  }

  /** The text of the first group's editor, as far as it is in sight. */
  lines() {
    return this.page.locator(".editor-group-container").first().locator(".editor-instance .view-lines").first();
  }

  /** Rows of the Edits view. */
  editsTree() {
    return this.page.locator(".tree-explorer-viewlet-tree-view .monaco-list-row");
  }

  /** What an element shows, in one line. */
  async text(locator) {
    return (await locator.innerText()).replace(/\s+/g, " ").trim();
  }

  /** Clicks the first point of a chart, looked for from its middle to the right; the pointer tells when one is under it. */
  async clickPoint(canvas) {
    await canvas.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await canvas.boundingBox();
    for (let step = 0; step < 200; step++) {
      const [dx, dy] = [((step % 40) / 80) * width, (Math.floor(step / 40) / 20) * height];
      await this.page.mouse.move(x + width / 2 + dx, y + height * 0.3 + dy);
      const over = await canvas.evaluate(async (element) => {
        // The chart answers a move in the next frame.
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        return element.style.cursor === "pointer";
      });
      if (over) return this.page.mouse.click(x + width / 2 + dx, y + height * 0.3 + dy);
    }
    throw new Error("The chart has no point there.");
  }

  /** Screen position of a word in the active editor. */
  async wordPosition(word) {
    const box = await this.lines().evaluate((lines, word) => {
      const walker = document.createTreeWalker(lines, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const at = walker.currentNode.data.indexOf(word);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(walker.currentNode, at);
        range.setEnd(walker.currentNode, at + word.length);
        const { x, y, width, height } = range.getBoundingClientRect();
        return { x: x + width / 2, y: y + height / 2 };
      }
      return null;
    }, word);
    if (!box) throw new Error(`"${word}" is not in the editor.`);
    return box;
  }

  /** Text of everything our own log channel has said since the start. */
  log() {
    return this.#logFiles(/ROME\.log$/);
  }

  #logFiles(pattern) {
    const folder = join(this.data, "logs");
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => pattern.test(file))
      .sort()
      .map((file) => readFileSync(join(folder, file), "utf8"))
      .join("\n");
  }

  /** Process ids of the running engines of this workbench. */
  engines() {
    const out = spawnSync("pgrep", ["-f", join(this.root, "extensions", ".*dist/engine.js")], { encoding: "utf8" });
    return out.stdout.split("\n").filter(Boolean).map(Number);
  }

  /** Waits until a function of ours is true. */
  async until(what, condition, timeout = patience) {
    const end = Date.now() + timeout;
    while (Date.now() < end) {
      if (await condition()) return;
      await sleep(50);
    }
    throw new Error(`Waited ${timeout} ms in vain: ${what}`);
  }

  async close() {
    await this.browser?.close();
    if (!this.server?.pid) return;
    const exited = new Promise((resolve) => this.server.once("exit", resolve));
    this.server.kill("SIGTERM");
    await Promise.race([exited, sleep(5000)]);
    // A few children of the server linger; the group is ours alone.
    try {
      process.kill(-this.server.pid, "SIGKILL");
    } catch {
      // They had all left.
    }
  }
}

export function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Whether it comes about, rather than failing. */
export function succeeds(promise) {
  return promise.then(
    () => true,
    () => false,
  );
}
