/** The lines of the Edits view: what the model said, and what it says now. */
import { expect, it, vi } from "vitest";
import type { ApplicationCard, FlipCard, ResultCard } from "../../src/extension/results/cards.ts";
import { EditStore } from "../../src/extension/results/editStore.ts";
import { EditSwitches } from "../../src/extension/results/editSwitches.ts";
import { toMarkdown } from "../../src/extension/results/formats.ts";
import { EditsTree } from "../../src/extension/views/editsTree.ts";
import type { FlipView } from "../../src/protocol/results.ts";
import { flipResult } from "../support/flipResult.ts";
import { memento } from "../support/memento.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));

const model = { name: "embedded", fingerprint: "f" };
const said = (completion: string) => ({ completion, probability: { London: 0.01, Paris: 0.02 } });

function flip(change: Partial<FlipView>): FlipCard {
  const result = flipResult("Kevin", { from: "Paris", to: "London", ...change });
  const kept = { id: "Kevin", created: 1, kind: "flip" as const, name: "Kevin", model, options: {} };
  return { ...kept, body: { state: "done", result }, nearest: null };
}

function vector(before: string, after: string): ApplicationCard {
  const result = { name: "Kevin", from: "Paris", before: said(before), after: said(after), changed: false };
  const kept = { id: "Kevin", created: 1, kind: "application" as const, name: "Kevin", model, scale: 0.7 };
  return { ...kept, edit: { layer: 2, u: "", r: "" }, body: { state: "done", result } };
}

/** The line of a card's edit, and how it is spoken. */
function lineOf(card: ResultCard) {
  const never = () => ({ dispose() {} });
  const stores = [
    { cards: [card], onDidChange: never },
    { all: [], onDidChange: never },
    new EditSwitches(memento()),
    () => "f",
  ];
  const edits = new EditStore(...(stores as unknown as ConstructorParameters<typeof EditStore>));
  const tree = new EditsTree(edits, Promise.resolve(), () => {});
  const { description, accessibilityInformation } = tree.getTreeItem(edits.all[0]!);
  return [description, accessibilityInformation?.label];
}

it("says what the model said, be it neither of the two answers", () => {
  const card = flip({ before: said(" Sydney. Age: 34."), after: said(" London. Age: 34.") });
  expect(lineOf(card)).toEqual(["Sydney→London · layer 5", "Kevin, Sydney to London, off"]);
  expect(toMarkdown([card])).toContain("### Kevin · Sydney → London\n");
  const usual = flip({ before: said(" Paris. Age: 34."), after: said(" London.") });
  expect(lineOf(usual)[0]).toBe("Paris→London · layer 5");
});

it("says that an edit leaves a name as it was", () => {
  expect(lineOf(vector(" Paris. Age: 34.", " Paris. Age: 20."))).toEqual([
    "stays Paris · +0.70 g",
    "Kevin, stays Paris, off",
  ]);
  expect(lineOf(vector(" Sydney.", " London."))[0]).toBe("Sydney→London · +0.70 g");
  const unflipped = flip({ before: said(" Sydney."), after: said(" Sydney."), flipped: false });
  expect(lineOf(unflipped)[0]).toBe("stays Sydney · layer 5");
});
