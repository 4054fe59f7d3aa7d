import type { Params, Result } from "../../protocol/engine.ts";
import type { Run } from "../../protocol/run.ts";
import { promptTokens } from "../model/promptTokens.ts";
import { unspaced } from "../model/spacing.ts";
import { ask } from "../rome/outcomes.ts";
import type { Engine } from "./engine.ts";

/** How likely the model as it is gives each of some answers, in the form, with a leading space or as given, that it writes. */
export async function answers(
  engine: Engine,
  { prompt, texts }: Params<"answers">,
  run: Run,
): Promise<Result<"answers">> {
  const { model } = (await engine.open()).rome;
  const bare = await unspaced(model, promptTokens(model, prompt), texts, run);
  const targets = texts.map((text) => (bare.includes(text) ? ` ${text}` : text)).map((text) => ({ label: text, text }));
  const [said] = await ask(model, [{ prompt }], targets, { maxTokens: 0 }, run);
  return targets.map(({ text }) => ({ text, probability: said?.probability[text] as number }));
}
