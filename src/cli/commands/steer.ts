import type { Command } from "commander";
import { requireSavable, saveEdits } from "../../engine/tasks/editFiles.ts";
import { steer } from "../../engine/tasks/steer.ts";
import { type AdapterRequest, constructions, places, type Steered, scaleRange } from "../../protocol/steer.ts";
import { percent } from "../../text/numbers.ts";
import { engineFor, type GlobalOptions, print, withProgress } from "../context.ts";
import { replacing } from "../editFlags.ts";
import { given, oneOf, onePrompt, refuseGiven, vectorScale, wholeNumber } from "../flags.ts";
import { adapterText, proofText } from "../format.ts";

interface Flags extends GlobalOptions {
  readonly prompt?: string;
  readonly name?: string;
  readonly vector?: string;
  readonly construction?: string;
  readonly scale: string;
  readonly erase?: boolean;
  readonly layer?: string;
  readonly at?: string;
  readonly maxTokens: string;
  readonly save?: string;
}

export function steerCommand(rome: Command): void {
  rome
    .command("steer")
    .description("continue a prompt with a vector added to what a layer writes, or a direction taken out of it")
    .argument("[prompt]", "text to continue; or --prompt")
    .option("--prompt <text>", "text to continue")
    .option("--vector <path>", "data set, .npy or .safetensors (default: the data set at hand)")
    .option("--construction <way>", `of a data set's vector: ${constructions.join(", ")} (default: sign)`)
    .option("--scale <s>", `${scaleRange.join(" to ")}, not 0; +1 is the essay's length, towards the second label`, "1")
    .option("--erase", "take the concept out (LEACE of a data set; of a file, its direction) instead of adding it")
    .option("--layer <l>", "layer (default: the data set's)")
    .option("--at <tokens>", `${places.join(", ")} (default: the name, where the prompt has one, else all)`)
    .option("--name <name>", "the name in the prompt (default: what stands where the concept's prompt has it)")
    .option("--max-tokens <n>", "length of the completions", "24")
    .option("--save <file>", ".romedit file to write the vector into")
    .action(async (prompt: string | undefined, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      if (flags.erase) refuseGiven(command, ["scale", "construction"], "has no meaning with --erase");
      if (flags.at === "all" || flags.at === "generated")
        refuseGiven(command, ["name"], `has no meaning with --at ${flags.at}`);
      if (flags.save !== undefined) await requireSavable(flags.save, []);
      const request = {
        prompt: onePrompt(prompt, flags.prompt),
        name: flags.name,
        adapters: [adapterOf(flags)],
        edits: [],
        maxTokens: wholeNumber(flags.maxTokens, "--max-tokens", 1),
        prove: true,
      };
      const engine = await engineFor(flags);
      const { view, saved } = await withProgress((run) => steer(engine, request, run));
      print(flags, view, () => [...saved.map(({ entry }) => adapterText(entry)), ...steeredText(view)].join("\n"));
      if (flags.save === undefined) return;
      const { replaced } = await saveEdits(engine, { file: flags.save, edits: saved });
      process.stderr.write(`Saved in ${flags.save}${replaced ? replacing : ""}.\n`);
    });
}

function adapterOf(flags: Flags): AdapterRequest {
  const where = {
    from: flags.vector,
    layer: given(flags.layer, (text) => wholeNumber(text, "--layer", 0)),
    at: given(flags.at, (text) => oneOf(text, "--at", places)),
  };
  if (flags.erase) return { kind: "erase", ...where };
  const construction = given(flags.construction, (text) => oneOf(text, "--construction", constructions));
  return { kind: "steer", ...where, construction, scale: vectorScale(flags.scale) };
}

function steeredText({ prompt, before, after, proof, target }: Steered): string[] {
  const changed = after.tokens.filter(({ text, instead }) => text !== instead);
  const quoted = ({ text, probability, without, instead }: Steered["after"]["tokens"][number]) =>
    `  ${JSON.stringify(text).padEnd(14)} ${percent(probability)}, without ${percent(without)}: ${JSON.stringify(instead)}`;
  return [
    prompt,
    `  before  ${JSON.stringify(before.completion)}`,
    `  after   ${JSON.stringify(after.completion)}`,
    ...(changed.length > 0 ? ["Tokens that would be others without:", ...changed.map(quoted)] : []),
    ...(proof ? proofText(proof, target) : []),
  ];
}
