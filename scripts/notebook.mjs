/**
 * Runs docs/analysis.ipynb from top to bottom in a Python environment of its own; fails where a cell fails:
 *
 *     npm run notebook [-- RESULTS]      a results folder (default: the data set that is shipped)
 *
 * The notebook with its output is bench/work/analysis.ipynb.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

const root = join(import.meta.dirname, "..");
const work = join(root, "bench", "work");
const environment = join(work, "notebook");
const show = { stdio: "inherit" };
const packages = [
  "scikit-learn==1.9.1",
  "safetensors==0.8.0",
  "matplotlib==3.11.2",
  "nbconvert==7.17.2",
  "ipykernel==7.4.0",
];

mkdirSync(work, { recursive: true });
if (!existsSync(join(environment, "bin", "jupyter-nbconvert"))) {
  execFileSync("python3", ["-m", "venv", environment], show);
  execFileSync(join(environment, "bin", "python"), ["-m", "pip", "install", "--quiet", ...packages], show);
}
const results = process.argv[2] ? { ROME_RESULTS: resolve(process.argv[2]) } : {};
const flags = ["--to", "notebook", "--execute", "docs/analysis.ipynb", "--output-dir", work];
execFileSync(join(environment, "bin", "jupyter-nbconvert"), flags, {
  ...show,
  cwd: root,
  env: { ...process.env, ...results, PATH: `${join(environment, "bin")}:${process.env.PATH}` },
});
