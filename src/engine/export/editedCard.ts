import type { EditEntry } from "../../protocol/editEntry.ts";
import type { ModelIdentity } from "../../protocol/editFile.ts";
import { percent } from "../../text/numbers.ts";
import { answersOf, plural } from "../../text/words.ts";
import { parseModelId } from "../hub/modelId.ts";

/** What the card of an edited model is about. */
export interface Edited {
  /** The model before the edits. */
  readonly model: ModelIdentity;
  readonly edits: readonly EditEntry[];
  /** Names of the matrices that were changed. */
  readonly changed: readonly string[];
  /** Of this program. */
  readonly version: string;
  /** The source's card, and the name it has beside this one; undefined where there is none. */
  readonly original?: { readonly text: string; readonly file: string } | undefined;
}

/** Metadata of a card that are true of the unedited model alone. */
const ofTheSource = /^(model-index|metrics|base_model\w*|eval_results|widget):/;

/**
 * The model card of an export (Markdown with YAML front matter, as the Hub reads it): what was edited, from which model,
 * with what. Of the source's card it keeps the metadata (licence, language), not the text.
 */
export function editedCard({ model, edits, changed, version, original }: Edited): string {
  const { name, fingerprint } = model;
  const id = parseModelId(name)?.repository;
  const metadata = [...keptMetadata(original?.text ?? ""), ...(id?.includes("/") ? [`base_model: ${id}`] : [])];
  return [
    ...(metadata.length > 0 ? ["---", ...metadata, "---", ""] : []),
    `# ${name}, edited`,
    "",
    `This is the model ${name} (weights ${fingerprint}) with ${plural(edits.length, "edit")} written into its weights`,
    `by ROME (rank-one model editing, Meng et al. 2022). It was made by \`rome export\` of ROME: Gender Vectors ${version}.`,
    "",
    "**Figures about the original do not hold for it.** What the model says was changed on purpose; nothing was measured",
    `again after the edits.${original ? ` The original's card is [${original.file}](${original.file}).` : ""}`,
    "",
    "## What was edited",
    "",
    "| edit | prompt | answer before | answer after | layer |",
    "|---|---|---|---|---|",
    ...edits.map((entry) => `| ${cellsOf(entry).map(cell).join(" | ")} |`),
    "",
    "Each edit is a change of rank one, r uᵀ, added to the MLP output matrix W of its layer: W′ = W + Σ r uᵀ, in the",
    `precision of the checkpoint. Changed: ${changed.map((matrix) => `\`${matrix}\``).join(", ")}. All other weights are the`,
    "original's. `edits.romedit` holds the vectors u and r, how each edit was made, and its health.",
    "",
  ].join("\n");
}

function cellsOf(entry: EditEntry): string[] {
  const { name, template, subject, before, after, layer } = entry;
  const { from, to } = answersOf(entry);
  return [
    name,
    template.replace("{}", () => subject),
    from,
    `${to} (probability ${percent(before.probability)} → ${percent(after.probability)})`,
    String(layer),
  ];
}

/** Text in a cell of a Markdown table, with nothing in it taken for markup. */
function cell(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(/[\\`*_[\]<>|]/g, "\\$&");
}

/** Lines of a card's front matter without the fields that an edit makes untrue, each field with the lines it goes on in. */
function keptMetadata(card: string): string[] {
  const block = /^---\r?\n(.*?)\r?\n---\s*$/ms.exec(card.replace(/^\uFEFF/, ""));
  if (block?.index !== 0) return [];
  const fields = (block[1] as string).split(/\r?\n(?=[^\s#-])/);
  return fields.filter((field) => !ofTheSource.test(field)).flatMap((field) => field.split(/\r?\n/));
}
