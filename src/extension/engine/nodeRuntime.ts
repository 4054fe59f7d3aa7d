import { execFile } from "node:child_process";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { t } from "@vscode/l10n";
import { EngineError } from "./engineError.ts";

/** A JavaScript runtime that the engine can be forked on. */
export interface Runtime {
  execPath: string;
  version: string;
  /** Where it came from. */
  source: "setting" | "editor" | "path" | "electron";
}

/** The running process, as far as the choice depends on it. */
export interface Host {
  execPath: string;
  versions: { node: string; electron?: string };
  platform: NodeJS.Platform;
  path: string;
}

/** Oldest major version that the engine's bundle is built for. */
const oldestNode = 20;

/**
 * Chooses what to fork the engine on: the configured Node; the editor's own runtime where that is a plain Node (remote,
 * container, browser); a Node on PATH; and at last Electron.
 *
 * @throws EngineError `input` when the configured path is no Node that is new enough
 */
export async function findRuntime(configured: string, host: Host): Promise<Runtime> {
  if (configured !== "") {
    const version = await probe(configured);
    if (version === undefined || majorOf(version) < oldestNode) {
      throw new EngineError(
        "input",
        version === undefined
          ? t(
              'The setting "rome.nodePath" names {0}, which cannot be run as Node.js. Name a Node.js {1} or newer there, or clear the setting.',
              configured,
              oldestNode,
            )
          : t(
              'The setting "rome.nodePath" names {0}, which is Node.js {2}. Name a Node.js {1} or newer there, or clear the setting.',
              configured,
              oldestNode,
              version,
            ),
      );
    }
    return { execPath: configured, version, source: "setting" };
  }
  const own = { execPath: host.execPath, version: host.versions.node };
  if (host.versions.electron === undefined && majorOf(own.version) >= oldestNode) {
    return { ...own, source: "editor" };
  }
  const name = host.platform === "win32" ? "node.exe" : "node";
  for (const folder of host.path.split(delimiter).filter((entry) => entry !== "")) {
    const execPath = join(folder, name);
    const version = await probe(execPath);
    if (version !== undefined && majorOf(version) >= oldestNode) {
      return { execPath, version, source: "path" };
    }
  }
  return { ...own, source: "electron" };
}

/** The process this runs in. */
export function currentHost(): Host {
  const { execPath, versions, platform, env } = process;
  return { execPath, versions, platform, path: env.PATH ?? "" };
}

/** One line for the log and the status item. */
export function describeRuntime({ source, version, execPath }: Runtime): string {
  const origin = {
    setting: "setting rome.nodePath",
    editor: "the editor's own Node.js",
    path: "found on PATH",
    electron: "the editor's Electron",
  }[source];
  return `Node.js ${version} (${origin}: ${execPath})`;
}

/** Version of the Node.js at a path; undefined when there is none or it does not answer. */
async function probe(execPath: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(execPath, ["--version"], { timeout: 5000, windowsHide: true });
    return /^v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}
