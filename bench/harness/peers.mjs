import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle, work } from "./bundle.mjs";
import { Peer } from "./peer.mjs";

const bench = join(import.meta.dirname, "..");

/**
 * Bundles our peer, and makes the Python environment where none is given. Returns what starts each peer.
 *
 * @param published a checkout of the authors' repository, whose code then is a peer of its own
 */
export async function setUp(given, published) {
  const ours = await bundle("ours");
  const python = given ?? environment();
  const script =
    (name, ...args) =>
    () =>
      new Peer(name, python, [join(bench, "peers", `${name}.py`), ...args]);
  return {
    python,
    ours: () => new Peer("ours", process.execPath, [ours]),
    reference: script("reference"),
    tuned: script("tuned"),
    ...(published ? { published: script("published", published) } : {}),
  };
}

function environment() {
  const folder = join(work, "venv");
  const python = join(folder, "bin", "python");
  // Written last: an environment whose making was interrupted is made again.
  const ready = join(folder, "ready");
  if (!existsSync(ready)) {
    const show = { stdio: "inherit" };
    execFileSync("python3", ["-m", "venv", folder], show);
    execFileSync(python, ["-m", "pip", "install", "-r", join(bench, "requirements.txt")], show);
    writeFileSync(ready, "");
  }
  return python;
}
