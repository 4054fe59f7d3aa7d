/** npm run bench:profile -- [FOLDER] [NAMES] [CONTEXTS] [EVALUATIONS] [THREADS]: where a solve's time goes, by onnxruntime's own profile. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { bundle } from "./harness/bundle.mjs";

const [folder = join(import.meta.dirname, "../models/embedded"), ...rest] = process.argv.slice(2);
execFileSync(process.execPath, [await bundle("profile"), folder, ...rest], { stdio: "inherit" });
