import type { Attribution, AttributionParams } from "../../protocol/attribution.ts";
import { RomeError } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import type { Model } from "../model/model.ts";
import { promptTokens } from "../model/promptTokens.ts";
import { spacingNotes } from "../model/spacing.ts";
import type { LiveEdit } from "../rome/edit.ts";
import { insideOf } from "./shares.ts";

export interface AttributionRequest extends Omit<AttributionParams, "edits" | "targets"> {
  readonly targets: readonly [string, string];
  readonly edits?: readonly LiveEdit[];
}

/**
 * What every part of the model adds to logit(A) − logit(B) at the prompt's last token, before and after edits; and how one
 * head divides its attention, if asked. Progress counts layers.
 *
 * @throws RomeError "input" for an empty or overlong prompt, targets that are empty or begin with one token, a head that is
 *   not there
 */
export async function attribute(
  model: Model,
  name: string,
  request: AttributionRequest,
  run: Run,
): Promise<Attribution> {
  const started = performance.now();
  const { prompt, pattern, edits = [] } = request;
  const { layers, heads } = model.size;
  const tokens = promptTokens(model, prompt);
  if (pattern && !(pattern.layer < layers && pattern.head < heads))
    throw new RomeError(
      "input",
      `There is no head ${pattern.layer}.${pattern.head}: the model has layers 0 to ${layers - 1}, each with heads 0 to ${heads - 1}.`,
    );
  const targets = targetsOf(model, request.targets);
  const ids = targets.map(({ id }) => id) as [number, number];
  const passes = edits.length > 0 ? 2 : 1;
  const inside = (live: readonly LiveEdit[], pass: number) =>
    insideOf(model, { prompt, edits: live }, ids, run, (done) =>
      run.progress({ phase: "attribution", done: pass * layers + done, total: passes * layers }),
    );
  const before = await inside([], 0);
  const after = edits.length > 0 ? await inside(edits, 1) : undefined;
  const looking = pattern && {
    ...pattern,
    before: before.pattern(pattern.layer, pattern.head),
    ...(after && { after: after.pattern(pattern.layer, pattern.head) }),
  };
  return {
    model: { name, fingerprint: model.checkpoint.fingerprint },
    prompt,
    tokens: tokens.map((id) => model.tokenizer.token(id)),
    targets: targets.map(({ text, id }) => ({ text, token: model.tokenizer.token(id) })) as Attribution["targets"],
    ...before.shares,
    ...(after && { after: after.shares }),
    ...(looking && { pattern: looking }),
    warnings: [
      ...targets.flatMap(({ text, count }) =>
        count > 1 ? [`${JSON.stringify(text)} has ${count} tokens: its first is followed.`] : [],
      ),
      ...(await spacingNotes(model, tokens, request.targets, run)),
    ],
    seconds: (performance.now() - started) / 1000,
  };
}

/** The first token of each target. */
function targetsOf({ tokenizer }: Model, texts: readonly [string, string]) {
  const targets = texts.map((text) => {
    const ids = text.trim() === "" ? [] : tokenizer.continuation(text);
    const [id] = ids;
    if (id === undefined)
      throw new RomeError("input", "A target is empty. Give two words, each with its leading space.");
    return { text, id, count: ids.length };
  });
  if (targets[0]?.id === targets[1]?.id)
    throw new RomeError(
      "input",
      `${texts.map((text) => JSON.stringify(text)).join(" and ")} begin with the same token, so the last token's logits do not tell them apart. Give two that begin differently.`,
    );
  return targets;
}
