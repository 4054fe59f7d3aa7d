import type { RecordOptions } from "../../protocol/editOptions.ts";
import { RomeError } from "../../protocol/errors.ts";
import type { Submitted } from "../../protocol/jobs.ts";
import { Engine } from "./engine.ts";
import { checkExperiment } from "./experiment.ts";
import { jobPlan } from "./jobPlan.ts";
import { submitJobs } from "./jobs.ts";

export interface SubmitParams extends RecordOptions {
  readonly model: string;
  readonly namesFile?: string;
  readonly folder: string;
  readonly shards: number;
  /** Of sbatch. */
  readonly flags: readonly string[];
}

/**
 * Submits the experiment of a model to Slurm, with the engine's concept; the same call again submits what is missing.
 *
 * @throws RomeError as `submitJobs`, and before anything is submitted what recording would throw at its start
 */
export function submitExperiment(engine: Engine, params: SubmitParams): Promise<Submitted> {
  const { model, namesFile, folder, shards, flags, ...options } = params;
  const { conceptFile, assetsFolder } = engine.options;
  const given = [
    "experiment",
    ...["--model", model],
    ...(conceptFile === undefined ? [] : ["--concept", conceptFile]),
    ...(namesFile === undefined ? [] : ["--names", namesFile]),
    ...optionFlags(options),
    ...["--out", folder],
  ];
  const on = { scheduler: "slurm" as const, flags: [...flags] };
  const check = async () => {
    // The model of the request, which need not be the open one; the jobs' device need not be here.
    const own = await Engine.create({ ...engine.options, model, device: "cpu" }, conceptFile);
    await checkExperiment(own, { ...options, folder, namesFile });
  };
  return submitJobs(folder, jobPlan({ task: "experiment", on, shards, given, assetsFolder }), check);
}

/** The options of a recording as the command line takes them. */
function optionFlags({
  layer,
  contexts,
  covariance,
  key,
  forms = {},
  count,
  hyperParameters = {},
}: RecordOptions): string[] {
  if (Array.isArray(contexts) || hyperParameters.v_loss_layer !== undefined)
    throw new RomeError(
      "input",
      "Contexts given as texts and a loss layer cannot be handed to a cluster. Put them in files.",
    );
  const chosen = (choice: unknown) =>
    typeof choice === "object" && choice !== null ? (choice as { file: string }).file : choice;
  const values: [string, unknown][] = [
    ["--layer", layer],
    ["--contexts", chosen(contexts)],
    ["--covariance", chosen(covariance)],
    ["--key", key],
    ["--count", count],
    ["--steps", hyperParameters.v_num_grad_steps],
    ["--lr", hyperParameters.v_lr],
    ["--weight-decay", hyperParameters.v_weight_decay],
    ["--clamp", hyperParameters.clamp_norm_factor],
    ["--kl-factor", hyperParameters.kl_factor],
    ...Object.entries(forms).map(([label, form]): [string, string] => ["--form", `${label}=${form}`]),
  ];
  return values.flatMap(([flag, value]) => (value === undefined ? [] : [flag, String(value)]));
}
