import type { Params } from "../../protocol/engine.ts";
import type { Completion } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import { generate } from "../model/generate.ts";
import { logProbabilities, overTokens } from "../model/logits.ts";
import { promptTokens } from "../model/promptTokens.ts";
import { adaptersOf } from "../rome/adapters.ts";
import { decodeEdit } from "../rome/edit.ts";
import type { Engine } from "./engine.ts";
import { paced } from "./pace.ts";

/** Continues a prompt greedily with these edits on, and lists the likeliest next tokens. */
export async function complete(
  engine: Engine,
  { prompt, maxTokens, topK, edits }: Params<"complete">,
  run: Run,
): Promise<Completion> {
  const { rome, name } = await engine.open();
  const { model } = rome;
  const ids = promptTokens(model, prompt);
  const adapters = adaptersOf(model.tokenizer, [{ prompt, edits: edits.map((edit) => decodeEdit(edit, model.size)) }]);
  const asked = { maxTokens, adapters };
  const told = paced({ read: 1, generate: maxTokens - 1 }, run);
  const { tokens, firstLogits } = await generate(model, [ids], asked, told);
  const logProbs = logProbabilities(firstLogits[0] as Float32Array);
  const known = [...overTokens(firstLogits[0] as Float32Array, model.tokenizer).entries()];
  const best = known
    .filter(([, logit]) => logit > Number.NEGATIVE_INFINITY)
    .map(([id]) => id)
    .sort((a, b) => (logProbs[b] as number) - (logProbs[a] as number))
    .slice(0, topK);
  return {
    model: { name, fingerprint: model.checkpoint.fingerprint },
    prompt,
    completion: model.tokenizer.continued(tokens[0] as number[]),
    next: best.map((id) => ({ token: model.tokenizer.token(id), logProb: logProbs[id] as number })),
  };
}
