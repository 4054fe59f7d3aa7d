/** What of a result reaches a webview, and what is kept on disk. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { expect, it } from "vitest";
import { type FlipCard, toView } from "../../src/extension/results/cards.ts";
import { ResultStore } from "../../src/extension/results/resultStore.ts";
import type { FlipResult } from "../../src/protocol/results.ts";
import { resultsMessage } from "../../src/protocol/resultsView.ts";
import { temporaryFolder } from "../support/fixtures.ts";
import { flipResult } from "../support/flipResult.ts";

const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const model = { name: "gpt-j", fingerprint: "f" };

function card(result: FlipResult, id: string): FlipCard {
  const { name } = result.view;
  const body = { state: "done" as const, result };
  return { id, created: 1, kind: "flip", name, model, options: {}, body, nearest: null };
}

it("200 cards of GPT-J's size are sent in less than 1.5 kB each, without a vector or a context", () => {
  const status = { engine: "ready" as const, model: "gpt-j", layer: 5, device: "cpu", editsOn: 0 };
  const cards = Array.from({ length: 200 }, (_, i) =>
    toView(card(flipResult(`Name ${i}`), String(i)), () => ({ on: false, other: false })),
  );
  const sent = v.parse(resultsMessage, { type: "state", status, cards });
  const text = JSON.stringify(sent);
  expect(text.length).toBeLessThan(200 * 1500);
  expect(text).not.toContain("The train to the coast");
  const longest = (value: unknown): number =>
    typeof value === "object" && value !== null
      ? Math.max(0, ...Object.values(value).map(longest))
      : String(value).length;
  expect(longest(sent)).toBeLessThan(300);
});

it("a result is stored whole and read again; one of an earlier version is read, too", async () => {
  const folder = await temporaryFolder();
  const store = new ResultStore(folder, log, () => false);
  const running = { ...card(flipResult("Ben"), "ben"), body: { state: "running" as const, progress: null } };
  store.add(running);
  store.update(card(flipResult("Ben"), "ben"));
  await store.settled();
  expect(readdirSync(folder)).toEqual(["ben.json"]);

  const { view, saved } = flipResult("Anna");
  const { health: _, ...flat } = view;
  const stored = { id: "anna", created: 2, kind: "flip", name: "Anna", model, options: {} };
  writeFileSync(join(folder, "anna.json"), JSON.stringify({ ...stored, result: { ...flat, ...saved } }));

  const again = new ResultStore(folder, log, () => false);
  await again.load();
  expect(again.cards.map(({ body }) => body)).toEqual([
    { state: "done", result: flipResult("Anna") },
    { state: "done", result: flipResult("Ben") },
  ]);
});

it("what was cleared comes back in its place, on disk, too", async () => {
  const folder = await temporaryFolder();
  const store = new ResultStore(folder, log, () => false);
  const cards = ["a", "b", "c"].map((id, i) => ({ ...card(flipResult(id), id), created: 3 - i }));
  store.restore(...cards);
  store.remove("b", "a");
  await store.settled();
  expect(readdirSync(folder)).toEqual(["c.json"]);
  store.restore(...cards.slice(0, 2));
  await store.settled();
  expect(store.cards.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  expect(readdirSync(folder).sort()).toEqual(["a.json", "b.json", "c.json"]);
});
