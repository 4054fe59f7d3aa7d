import type { EditComparison } from "../../protocol/editFile.ts";
import { RomeError } from "../../protocol/errors.ts";
import { dot, norm } from "../numerics/vectors.ts";
import { differencesOf, type EditSet, isAdapter, type Saved } from "./editSet.ts";

/**
 * Sets the edits of two files side by side, by name; where each holds one edit, these two, whatever they are called.
 *
 * @throws RomeError ("input") for vectors of different lengths: between them there is no cosine
 */
export function compareEdits(first: EditSet, second: EditSet): EditComparison {
  const [a, b] = [first.model, second.model];
  if (a.width !== b.width || a.inner !== b.inner)
    throw new RomeError(
      "input",
      `The files cannot be compared: one was made for ${a.name} with width ${a.width} (inner ${a.inner}), the other for ${b.name} with ${b.width} (inner ${b.inner}). Choose a file made for a model of the same size.`,
    );
  const single = first.edits.length === 1 && second.edits.length === 1;
  const others = new Map(second.edits.map((edit) => [edit.entry.name, edit]));
  const partner = ({ entry }: Saved) => (single ? second.edits[0] : others.get(entry.name));
  const paired = first.edits.flatMap((edit) => {
    const other = partner(edit);
    return other ? [[edit, other] as const] : [];
  });
  const seen = new Set(paired.flat());
  const alone = ({ edits }: EditSet) => edits.filter((edit) => !seen.has(edit)).map(({ entry }) => entry.name);
  return {
    pairs: paired.map(([edit, other]) => comparePair(edit, other)),
    only: [alone(first), alone(second)],
    differences: differencesOf(a, b),
  };
}

/** ⟨r uᵀ, r' u'ᵀ⟩ = (rᵀr')(uᵀu'), so the cosine of two rank-one updates is the product of the vectors' cosines. */
function comparePair(a: Saved, b: Saved): EditComparison["pairs"][number] {
  const reads = (saved: Saved) => (isAdapter(saved) ? saved.entry.kind : "key");
  const isOneKind = reads(a) === reads(b);
  const along = cosine(a.r, b.r);
  const across = isOneKind && reads(a) !== "steer" ? cosine(a.u, b.u) : null;
  const comparable = a.entry.layer === b.entry.layer && along !== null && across !== null;
  const [deltaA, deltaB] = [deltaOf(a), deltaOf(b)];
  return {
    names: [a.entry.name, b.entry.name],
    layers: [a.entry.layer, b.entry.layer],
    deltaCosine: cosine(deltaA, deltaB),
    updateCosine: comparable ? along * across : null,
    deltaNorms: [norm(deltaA), norm(deltaB)],
    updateNorms: [norm(a.r) * norm(a.u), norm(b.r) * norm(b.u)],
  };
}

/** What is added whatever the text: an edit's Δv, a vector at its scale; nothing, of an erasure. */
function deltaOf(saved: Saved): Float32Array {
  if (!isAdapter(saved)) return saved.delta;
  const { entry, r } = saved;
  const scale = entry.kind === "steer" ? entry.scale : 0;
  return r.map((x) => scale * x);
}

function cosine(x: Float32Array, y: Float32Array): number | null {
  const lengths = norm(x) * norm(y);
  return lengths > 0 ? dot(x, y) / lengths : null;
}
