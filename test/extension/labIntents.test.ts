/** What the lab asks for and may cost hours is asked about first. */
import { beforeEach, expect, it, vi } from "vitest";
import { handleLabIntent } from "../../src/extension/lab/labIntents.ts";
import { window } from "../support/vscode.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));
beforeEach(() => void window.showWarningMessage.mockReset());

it("Discard deletes what a stopped recording has kept after a question only", async () => {
  const remove = vi.fn(async () => {});
  const experiments = { recording: { state: "stopped", done: 1200, total: 1200, failure: null }, remove };
  const discard = () =>
    handleLabIntent({ type: "removeStopped" }, { experiments } as unknown as Parameters<typeof handleLabIntent>[1]);
  await discard();
  expect(window.showWarningMessage).toHaveBeenCalledExactlyOnceWith(
    "Discard the 1,200 edits that are recorded?",
    expect.objectContaining({ modal: true }),
    "Discard",
  );
  expect(remove).not.toHaveBeenCalled();
  window.showWarningMessage.mockResolvedValueOnce("Discard");
  await discard();
  expect(remove).toHaveBeenCalledOnce();
});
