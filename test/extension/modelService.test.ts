/** Which model an answer of the engine is about while another one is being opened. */
import { expect, it } from "vitest";
import type { EngineClient } from "../../src/extension/engine/engineClient.ts";
import type { ChosenModel } from "../../src/extension/models/chosenModel.ts";
import { ModelService } from "../../src/extension/models/modelService.ts";

it("what is asked while a model is being opened is about that model; the second of two that are chosen stays", async () => {
  const remembered: unknown[][] = [];
  let opened = "a";
  const engine = {
    async request(method: string, { folder }: { folder: string }) {
      if (method === "openModel") {
        opened = folder;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return opened;
    },
  };
  const chosen = {
    folder: "a",
    remember: (...known: unknown[]) => void remembered.push(known),
    async choose(folder: string) {
      this.folder = folder;
    },
  };
  const folders = { get: () => [], set: async () => {} };
  const service = new ModelService(
    engine as unknown as EngineClient,
    chosen as unknown as ChosenModel,
    folders,
    "embedded",
    () => undefined,
  );
  await Promise.all([service.use("b"), service.use("c"), service.describe()]);
  expect(chosen.folder).toBe("c");
  expect(remembered.every(([folder, answer]) => folder === answer)).toBe(true);
  expect(remembered).toHaveLength(3);
});
