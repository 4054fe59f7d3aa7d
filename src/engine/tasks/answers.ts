import type { Params, Result } from "../../protocol/engine.ts";
import type { Run } from "../../protocol/run.ts";
import { promptTokens } from "../model/promptTokens.ts";
import { unspaced } from "../model/spacing.ts";
import { decodeEdit } from "../rome/edit.ts";
import { ask } from "../rome/outcomes.ts";
import type { Engine } from "./engine.ts";

/**
 * How likely the model with these edits on gives each of some answers, in the form, with a leading space or as given, that
 * it writes without them.
 */
export async function answers(
  engine: Engine,
  { prompt, texts, edits }: Params<"answers">,
  run: Run,
): Promise<Result<"answers">> {
  const { model } = (await engine.open()).rome;
  const bare = await unspaced(model, promptTokens(model, prompt), texts, run);
  const targets = texts.map((text) => (bare.includes(text) ? ` ${text}` : text)).map((text) => ({ label: text, text }));
  const question = { prompt, edits: edits.map((edit) => decodeEdit(edit, model.size)) };
  const [said] = await ask(model, [question], targets, { maxTokens: 0 }, run);
  return targets.map(({ text }) => ({ text, probability: said?.probability[text] as number }));
}
