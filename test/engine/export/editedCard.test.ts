/** The card of an edited model: what was edited, the source's licence, none of the source's figures. */
import { expect, it } from "vitest";
import { editedCard } from "../../../src/engine/export/editedCard.ts";
import { flipResult } from "../../support/flipResult.ts";

const model = {
  name: "owner/model@float16",
  fingerprint: "ab".repeat(32),
  architecture: "gptj",
  layers: 28,
  width: 4096,
  inner: 16_384,
};
const { entry } = flipResult("Ben").saved;
const edited = { model, edits: [entry], changed: ["transformer.h.5.mlp.fc_out.weight"], version: "1.2.3" };

it("names the edits, the model with its fingerprint, the matrices and the program", () => {
  const card = editedCard({ ...edited, edits: [entry, { ...entry, name: "A|b\n*c*" }] });
  expect(card.split("\n").slice(0, 4)).toEqual(["---", "base_model: owner/model", "---", ""]);
  for (const part of [
    `owner/model@float16 (weights ${model.fingerprint}) with 2 edits written`,
    "ROME: Gender Vectors 1.2.3",
    "Figures about the original do not hold",
    "| Ben | Name: Ben. Gender: | male | female (probability 0.8 % → 97.3 %) | 5 |",
    "| A\\|b \\*c\\* |",
    "`transformer.h.5.mlp.fc_out.weight`",
  ])
    expect(card).toContain(part);
  expect(card).not.toContain("original.md");
});

/** Metadata that hold for the edited model, too. */
const kept = ["license: other", "license_name: own", "language:", "- en", "  - de"];

it("keeps the licence and what else stays true of the source's metadata, and refers to its card", () => {
  const text = [
    "---",
    ...kept,
    "model-index:",
    "- name: model",
    "  results:",
    "  - value: 0.99",
    "tags: [a]",
    "base_model: owner/older",
    "---",
    "# Model",
    "Accuracy: 99 %",
    "---",
    "more: text",
    "---",
  ].join("\r\n");
  const card = editedCard({ ...edited, original: { text, file: "README-original.md" } });
  expect(card.slice(0, card.indexOf("\n#")).split("\n")).toEqual([
    "---",
    ...kept,
    "tags: [a]",
    "base_model: owner/model",
    "---",
    "",
  ]);
  expect(card).toContain("[README-original.md](README-original.md)");
  expect(card).not.toContain("99 %");
});

it("of a model that is no repository has no base, and a rule in the source's text is no metadata", () => {
  const original = { text: "# Model\n---\nlicense: mit\n---\n", file: "README-original.md" };
  expect(editedCard({ ...edited, model: { ...model, name: "embedded" }, original })).toMatch(/^# embedded, edited\n/);
});
