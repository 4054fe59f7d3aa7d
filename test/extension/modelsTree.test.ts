/** The Models view: what a row has no room for is read over it. */
import { expect, it, vi } from "vitest";
import { ModelsTree } from "../../src/extension/views/modelsTree.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));

/** The row of a model that is not in use. */
function rowOf(entry: { usable: boolean; reason?: string }) {
  const never = { onDidChange: () => ({ dispose() {} }), onDidChangeState: () => ({ dispose() {} }) };
  const services = [{ ...never, state: { kind: "stopped" } }, { ...never, folder: "embedded" }, {}, never];
  const tree = new ModelsTree(...(services as unknown as ConstructorParameters<typeof ModelsTree>));
  const model = { name: "Model (unpacked from Q4_1 GGUF, 5.7 bits a weight)", folder: "/unpacked/1", layer: 5 };
  return tree.getTreeItem({ kind: "model", entry: { ...model, bytes: 269_000_000, ...entry } });
}

it("names the model whole, what is known of it and where it lies", () => {
  expect(rowOf({ usable: true }).tooltip).toBe(
    "Model (unpacked from Q4_1 GGUF, 5.7 bits a weight)\n269.0 MB · layer 5\n/unpacked/1",
  );
  expect(rowOf({ usable: false, reason: "config.json is damaged." }).tooltip).toBe(
    "Model (unpacked from Q4_1 GGUF, 5.7 bits a weight)\nconfig.json is damaged.\n/unpacked/1",
  );
});
