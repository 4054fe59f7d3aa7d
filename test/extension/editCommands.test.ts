/** What is asked for twice, and what cannot be done yet: no second row of the same edit, and a reason. */
import { beforeEach, expect, it, vi } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { editCommands } from "../../src/extension/commands/edits.ts";
import { Command } from "../../src/extension/contributions.ts";
import { window } from "../support/vscode.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));
beforeEach(() => void window.showInformationMessage.mockReset());

/** The commands on these services, beside a runner that makes nothing. */
function commandsOn(services: object) {
  return editCommands(services as unknown as Parameters<typeof editCommands>[0]);
}

it("Apply Vector is in the palette where nothing is recorded, too, and says what to do first", async () => {
  const entry = manifest.contributes.commands.find(({ command }) => command === Command.applyVector);
  expect(entry).not.toHaveProperty("enablement");
  const commands = commandsOn({ reports: { report: null } });
  await expect(commands[Command.applyVector]({ names: ["Ben"] })).rejects.toThrow(
    'There is no vector for this model and concept yet; run "ROME: Record Experiment" first.',
  );
});
