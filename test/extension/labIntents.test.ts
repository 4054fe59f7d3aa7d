/** What the lab asks for and may cost hours is asked about first. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it, vi } from "vitest";
import { Command } from "../../src/extension/contributions.ts";
import { handleLabIntent } from "../../src/extension/lab/labIntents.ts";
import { temporaryFolder } from "../support/fixtures.ts";
import { commands, window, workspace } from "../support/vscode.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));
beforeEach(() => void window.showWarningMessage.mockReset());

/** Discards a recording that was stopped. */
async function discarded(stoppedFolder = "/recorded") {
  const remove = vi.fn(async () => {});
  const recording = { state: "stopped", done: 1200, total: 1200, failure: null };
  const experiments = { recording, stoppedFolder, remove };
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

it("Discard names the concept, the model and when it was begun, and promises no trash", async () => {
  const folder = await temporaryFolder();
  const manifest = join(import.meta.dirname, "../../models/embedded/experiment/manifest.json");
  copyFileSync(manifest, join(folder, "manifest.json"));
  await discarded(folder);
  const fate = "They are deleted with all that was made of them, into the trash where there is one.";
  const detail = expect.stringMatching(RegExp(`^gender · embedded · begun .*20\\d\\d.*\n${fate}$`));
  expect(window.showWarningMessage.mock.calls[0]?.[1]).toEqual({ modal: true, detail });
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

it("Record takes along how to record, as the one argument that a command has", async () => {
  const services = { experiments: {} } as unknown as Parameters<typeof handleLabIntent>[1];
  await handleLabIntent({ type: "record", options: { count: 12 } }, services);
  expect(commands.executeCommand).toHaveBeenCalledExactlyOnceWith(Command.record, { count: 12 });
});
