import { createHash } from "node:crypto";
import { join } from "node:path";
import * as v from "valibot";
import { keyVariant } from "../../protocol/editEntry.ts";
import { RomeError } from "../../protocol/errors.ts";
import { anyObject, parseJson } from "../checkpoint/sourceFile.ts";
import { readText } from "../files/readText.ts";
import { schemaFault } from "../files/schema.ts";

export const manifestName = "manifest.json";
const schema = 1;
const whole = v.pipe(v.number(), v.safeInteger());
/** A label, the form that its edits wrote, and the further ones that count for it; older manifests know no others. */
const target = v.object({
  label: v.pipe(v.string(), v.minLength(1)),
  text: v.string(),
  forms: v.optional(v.array(v.string())),
});

/** What a data set was recorded with: everything that its numbers depend on. Two of the same manifest can be joined. */
const manifestSchema = v.object({
  schema: v.literal(schema),
  model: v.object({ name: v.string(), fingerprint: v.string() }),
  concept: v.string(),
  prompt: v.string(),
  targets: v.tuple([target, target]),
  layer: v.pipe(whole, v.minValue(0)),
  key: keyVariant,
  covarianceTokens: v.pipe(whole, v.minValue(0)),
  hyperParameters: v.record(v.string(), v.unknown()),
  contexts: v.array(v.string()),
  /** Names in all, and the hash of the list: `listHash`, or, in older ones that do not say "list", something else. */
  names: v.object({ count: v.pipe(whole, v.minValue(1)), sha256: v.string(), of: v.optional(v.literal("list")) }),
  /** Names solved together; the last digits of a Δv depend on it. */
  batch: v.pipe(whole, v.minValue(1)),
  versions: v.record(v.string(), v.string()),
});
export type Manifest = v.InferOutput<typeof manifestSchema>;

/** SHA-256 of names and the labels their file gives them, in order. */
export function listHash(names: readonly { readonly name: string; readonly label: string }[]): string {
  const list = names.map(({ name, label }) => [name, label]);
  return createHash("sha256").update(JSON.stringify(list)).digest("hex");
}

/** @throws RomeError "data" for a manifest that is missing, damaged, or of another version */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, manifestName);
  const text = await readText(path).catch((cause) => {
    throw new RomeError(
      "data",
      `${folder} holds no data set: ${manifestName} is missing. Record one with: rome record.`,
      {
        cause,
      },
    );
  });
  const damaged = (what: string) =>
    new RomeError("data", `${path} is damaged or no data set's (${what}). Record into a new folder.`);
  const fault = schemaFault(parseJson(text, anyObject, damaged).schema, schema);
  if (fault) throw new RomeError("data", `${path} ${fault}`);
  return parseJson(text, manifestSchema, damaged);
}

/**
 * What two recordings differ in, in words; empty where their rows belong together. The same weights under another name
 * are the same model, and another version of the programs may go on with a recording.
 */
export function differencesOf(known: Manifest, wanted: Manifest): string[] {
  const fields = (Object.keys(wanted) as (keyof Manifest)[]).filter((field) => field !== "versions");
  return fields.flatMap((field) => {
    if (field === "model")
      return known.model.fingerprint === wanted.model.fingerprint ? [] : [otherModel(known.model, wanted.model)];
    if (field === "targets") return known.targets.flatMap((target, i) => targetsThatDiffer(target, wanted.targets[i]));
    if (field === "hyperParameters") return parametersThatDiffer(known.hyperParameters, wanted.hyperParameters);
    return same(known[field], wanted[field]) ? [] : [`${field}${pair(known[field], wanted[field])}`];
  });
}

/** Refuses a data set of another model than the open one. */
export function requireModel(folder: string, { model }: Manifest, open: Manifest["model"]): void {
  if (model.fingerprint !== open.fingerprint)
    throw new RomeError("data", `${folder} was recorded with another ${otherModel(model, open)}. Open that model.`);
}

function otherModel(known: Manifest["model"], wanted: Manifest["model"]): string {
  const named = ({ name, fingerprint }: Manifest["model"]) => `${name} with the weights ${fingerprint.slice(0, 12)}`;
  return `model (${named(known)}, not ${named(wanted)})`;
}

type Targets = Manifest["targets"];

function targetsThatDiffer(known: Targets[number], wanted: Targets[number] | undefined): string[] {
  if (known.label !== wanted?.label) return [`label${pair(known.label, wanted?.label)}`];
  if (known.text !== wanted.text) return [`form of ${JSON.stringify(known.label)}${pair(known.text, wanted.text)}`];
  return same(known.forms, wanted.forms)
    ? []
    : [`list of forms of ${JSON.stringify(known.label)}${pair(known.forms, wanted.forms)}`];
}

function parametersThatDiffer(known: Manifest["hyperParameters"], wanted: Manifest["hyperParameters"]): string[] {
  return [...new Set([...Object.keys(known), ...Object.keys(wanted)])]
    .filter((name) => !same(known[name], wanted[name]))
    .map((name) => `${name}${pair(known[name], wanted[name])}`);
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Both values, where that is short. */
function pair(known: unknown, wanted: unknown): string {
  const [a, b] = [known, wanted].map((value) => JSON.stringify(value) ?? "none");
  return a && b && a.length + b.length < 120 ? ` (${a}, not ${b})` : "";
}
