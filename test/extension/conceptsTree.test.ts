/** The Concepts view, where the file of the chosen concept cannot be used any more. */
import { expect, it, vi } from "vitest";
import type { ConceptEntry, Concepts } from "../../src/extension/concepts/concepts.ts";
import { ConceptsTree } from "../../src/extension/views/conceptsTree.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));

it("shows the chosen concept as it is in force, with a warning, and another file as one that cannot be used", () => {
  const targets = [{ label: "London" }, { label: "Paris" }];
  const concepts = {
    concept: { name: "Cities", targets },
    isChosen: ({ file }: ConceptEntry) => file === "/chosen.concept.json",
    onDidChange: () => ({ dispose() {} }),
  };
  const tree = new ConceptsTree(concepts as unknown as Concepts);
  const item = (file: string) => {
    const entry = { file, shipped: false, text: "{", concept: undefined, problem: "No JSON." };
    const { label, description, tooltip, iconPath } = tree.getTreeItem(entry);
    return [label, description, tooltip, (iconPath as { id: string }).id];
  };
  const problem = "cannot be used; stays in use as it was\nNo JSON.";
  expect(item("/chosen.concept.json")).toEqual(["Cities", "London ↔ Paris", problem, "warning"]);
  expect(item("/other.concept.json")).toEqual(["other.concept.json", "cannot be used", "No JSON.", "circle-slash"]);
});
