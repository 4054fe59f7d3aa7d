import { chmod } from "node:fs/promises";
import { RomeError } from "../../protocol/errors.ts";
import { quoted } from "../../text/shell.ts";
import { writeAtomically } from "../files/atomicWrite.ts";
import { readText } from "../files/readText.ts";
import { attemptBegins, attemptEnds } from "./logs.ts";
import { logPath, type Plan, type Stage, scriptPath, shardNumber, stages } from "./plan.ts";

const place = "{command}";
/** sbatch gets everything else as flags, which a site's own template then need not know. */
const bare = `#!/bin/bash\n${place}\n`;

/** Writes the batch scripts of all three kinds of jobs; `input` error for a template that cannot be used. */
export async function writeScripts(folder: string, plan: Plan): Promise<void> {
  const template = plan.on.scheduler === "slurm" && plan.on.template ? await readTemplate(plan.on.template) : bare;
  for (const stage of stages) {
    const path = scriptPath(folder, stage);
    // Not `replace`, which would obey dollar signs.
    await writeAtomically(path, [Buffer.from(template.split(place).join(body(folder, plan, stage)))]);
    await chmod(path, 0o755);
  }
}

async function readTemplate(path: string): Promise<string> {
  const text = await readText(path).catch((cause) => {
    throw new RomeError("input", `The template ${path} cannot be read. Check its path and its rights.`, { cause });
  });
  if (text.split(place).length !== 2)
    throw new RomeError("input", `The template ${path} must hold ${place} exactly once, where the work goes.`);
  if (!text.startsWith("#!"))
    throw new RomeError("input", `The template ${path} must begin with its interpreter: #!/bin/bash`);
  return text;
}

function body(folder: string, plan: Plan, stage: Stage): string {
  const { on, cwd, program, environment } = plan;
  const isSlurm = on.scheduler === "slurm";
  const { variable, first } = isSlurm ? { variable: "SLURM_ARRAY_TASK_ID", first: 1 } : on;
  const run = (...args: readonly string[]) => [...program, ...args].map(word).join(" ");
  // The merge job sees first whether all is there, and submits again what is missing.
  const asksFirst = isSlurm && stage === "merge" ? `${run("jobs", "resume", folder, "--whole")} && ` : "";
  return [
    ...(stage === "shard" ? [`shard=$(( \${${variable}:?} + ${1 - first} ))`] : []),
    // Slurm writes the log itself, so that it can say there why it ended a job.
    ...(isSlurm ? [] : [`exec >>${word(logPath(folder, stage, shardNumber))} 2>&1`]),
    attemptBegins,
    `cd ${word(cwd)} || exit`,
    ...Object.entries(environment).map(([name, value]) => `export ${name}=${word(value)}`),
    // Told to end, the shell waits for its work, which ends in order; also under a template's `set -e`.
    "trap : TERM",
    `{ ${asksFirst}${run(...plan.arguments[stage])}; } && code=0 || code=$?`,
    attemptEnds,
    'exit "$code"',
  ].join("\n");
}

/** The shard's number is filled in by the script. */
function word(text: string): string {
  return quoted(text).replaceAll(shardNumber, `'"$shard"'`);
}
