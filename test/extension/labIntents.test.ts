/** What the lab asks for and may cost hours is asked about first. */
import { beforeEach, expect, it, vi } from "vitest";
import { handleLabIntent } from "../../src/extension/lab/labIntents.ts";
import { window, workspace } from "../support/vscode.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));
beforeEach(() => void window.showWarningMessage.mockReset());

/** Discards a recording that was stopped. */
async function discarded() {
  const remove = vi.fn(async () => {});
  const recording = { state: "stopped", done: 1200, total: 1200, failure: null };
  const experiments = { recording, stoppedFolder: "/recorded", remove };
  const services = { experiments } as unknown as Parameters<typeof handleLabIntent>[1];
  await handleLabIntent({ type: "removeStopped" }, services);
  return remove;
}

it("Discard moves what a stopped recording has kept to the trash, after a question only", async () => {
  const trashed = workspace.fs.delete.mockReset();
  const kept = await discarded();
  expect(window.showWarningMessage).toHaveBeenCalledExactlyOnceWith(
    "Discard the 1,200 edits that are recorded?",
    expect.objectContaining({ modal: true }),
    "Discard",
  );
  expect(kept).not.toHaveBeenCalled();
  expect(trashed).not.toHaveBeenCalled();
  window.showWarningMessage.mockResolvedValueOnce("Discard");
  expect(await discarded()).toHaveBeenCalledOnce();
  expect(trashed).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ path: "/recorded" }), {
    recursive: true,
    useTrash: true,
  });
});

it("where there is no trash, Discard says that they go for good, and deletes them once that is confirmed", async () => {
  workspace.fs.delete.mockReset().mockRejectedValue(new Error("no trash"));
  window.showWarningMessage.mockResolvedValueOnce("Discard");
  expect(await discarded()).not.toHaveBeenCalled();
  expect(window.showWarningMessage).toHaveBeenLastCalledWith(
    "Delete the 1,200 edits for good?",
    expect.objectContaining({ modal: true }),
    "Delete",
  );
  window.showWarningMessage.mockResolvedValueOnce("Discard").mockResolvedValueOnce("Delete");
  expect(await discarded()).toHaveBeenCalledOnce();
});
