import type { SavedAdapterData } from "../../protocol/edit.ts";
import type { Place } from "../../protocol/editEntry.ts";
import { RomeError } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import type { AdapterRequest, SteerParams, SteerResult } from "../../protocol/steer.ts";
import { decodeSaved, encodeSaved, identityOf, liveOf, type SavedAdapter } from "../edits/editSet.ts";
import { steer as steerPrompt } from "../edits/steer.ts";
import { tryEdits } from "../edits/tryEdits.ts";
import { erasureOf } from "../experiment/directions.ts";
import { promptTokens } from "../model/promptTokens.ts";
import { orthogonal, type Projection } from "../numerics/leace.ts";
import { dot } from "../numerics/vectors.ts";
import { nameTokens } from "../rome/prompt.ts";
import { runtimeVersions } from "../runtime/onnxruntime.ts";
import { saveEdits } from "./editFiles.ts";
import type { Engine } from "./engine.ts";
import { liveEdits } from "./liveEdits.ts";
import { scalableVector, sourceOf, vectorFrom } from "./vectors.ts";

/**
 * Continues a prompt as the model is, and with vectors added or taken out beside the edits that are on.
 *
 * @throws RomeError "input" for a name that the prompt has not, "data" for a vector that cannot be read
 */
export async function steer(
  engine: Engine,
  { prompt, name, adapters, edits, maxTokens, prove }: SteerParams,
  run: Run,
): Promise<SteerResult> {
  const { rome, name: modelName } = await engine.open();
  const { model } = rome;
  promptTokens(model, prompt);
  const aimed: SavedAdapter[] = [];
  for (const request of adapters) {
    const made = await aim(engine, request, { prompt, name }, run);
    const taken = new Set(aimed.map(({ entry }) => entry.name));
    let free = made.entry.name;
    for (let number = 2; taken.has(free); number++) free = `${made.entry.name} (${number})`;
    aimed.push({ ...made, entry: { ...made.entry, name: free } });
  }
  const beside = await liveEdits(engine, { edits });
  const said = await steerPrompt(model, { prompt, edits: [...beside, ...aimed.map(liveOf)] }, { maxTokens }, run);
  const sides = { before: said.before, after: { completion: said.after.completion } };
  const saved = aimed.map((each): SavedAdapter => ({ ...each, entry: { ...each.entry, ...sides } }));
  const set = { model: identityOf(model, modelName), edits: saved };
  const [trial] = prove && saved.length > 0 ? await tryEdits(rome, set, [prompt], { maxTokens: 1 }, run) : [];
  return {
    view: { ...said, proof: trial?.proof ?? null, ...(trial && { target: trial.target }) },
    saved: saved.map((each) => encodeSaved(each)),
  };
}

/** Writes vectors of the open model into a `.romedit` file. */
export async function saveVectors(
  engine: Engine,
  { file, vectors }: { file: string; vectors: readonly SavedAdapterData[] },
): Promise<Record<string, never>> {
  const { model } = (await engine.open()).rome;
  // Vectors of another model are refused before anything is written.
  for (const vector of vectors) decodeSaved(vector, model.size);
  await saveEdits(engine, { file, edits: vectors });
  return {};
}

/** Reads what a request names, and finds the layer and the tokens at which it is on; what the model says is not known yet. */
async function aim(
  engine: Engine,
  request: AdapterRequest,
  { prompt, name }: Pick<SteerParams, "prompt" | "name">,
  run: Run,
): Promise<SavedAdapter> {
  const { rome } = await engine.open();
  const source = await sourceOf(engine, request);
  const { label, layer, recorded } = source;
  const shared = {
    layer,
    at: placeOf(engine, rome.model.tokenizer, request.at, { prompt, name }),
    prompt,
    before: { completion: "" },
    after: { completion: "" },
    versions: runtimeVersions(),
  };
  if (request.kind === "erase") {
    const projection = recorded
      ? await erasureOf(rome.model, recorded.folder, layer, run)
      : orthogonal([await vectorFrom(engine, source, undefined)], rome.model.size.width);
    const { u, r, offset } = erasing(projection, label);
    return { entry: { ...shared, kind: "erase", name: `${label} erased`, source: label, offset }, u, r };
  }
  const { scale, construction } = request;
  const r = await scalableVector(engine, source, construction, scale);
  const said = recorded ? `${label} (${construction ?? "sign"})` : label;
  return { entry: { ...shared, kind: "steer", name: label, source: said, scale }, u: new Float32Array(0), r };
}

/** A projection of rank one as an adapter: y += (mean·right − right·y) left. */
function erasing({ mean, left, right }: Projection, label: string) {
  const [l, r] = [left[0], right[0]];
  if (!l || !r) throw new RomeError("data", `There is nothing to erase: ${label} has no direction in this place.`);
  return { u: Float32Array.from(r, (x) => -x), r: Float32Array.from(l), offset: dot(r, mean) };
}

function placeOf(
  { concept }: Engine,
  tokenizer: Parameters<typeof nameTokens>[0],
  at: AdapterRequest["at"],
  { prompt, name = nameIn(prompt, concept.prompt) }: Pick<SteerParams, "prompt" | "name">,
): Place {
  if (at === "all" || at === "generated") return at;
  if (name !== undefined && nameTokens(tokenizer, prompt, name).length > 0) return { name };
  if (at === undefined && name === nameIn(prompt, concept.prompt)) return "all";
  const said = name === undefined ? "Which name is meant cannot be told" : `${JSON.stringify(name)} does not stand`;
  throw new RomeError(
    "input",
    `${said} in ${JSON.stringify(prompt)}. Name one (--name), or choose all tokens (--at all).`,
  );
}

/** What stands in a prompt where a template has its name: "Ben" in "Name: Ben. Job:" for "Name: {}. Gender:". */
export function nameIn(prompt: string, template: string): string | undefined {
  const [before = "", after = ""] = template.split("{}");
  if (!prompt.startsWith(before)) return undefined;
  const rest = prompt.slice(before.length);
  const end = rest.indexOf(after.slice(0, 1) || "\n");
  return (end < 0 ? rest : rest.slice(0, end)).trim() || undefined;
}
