/** Record Experiment: what is told before it begins. */
import { beforeEach, expect, it, vi } from "vitest";
import { experimentCommands } from "../../src/extension/commands/experiment.ts";
import { Command } from "../../src/extension/contributions.ts";
import type { RecordOptions } from "../../src/protocol/editOptions.ts";
import { flipResult } from "../support/flipResult.ts";
import { window } from "../support/vscode.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));
vi.mock("../../src/extension/experiment/cluster.ts", () => ({ hasSlurm: () => false }));
beforeEach(() => void window.showInformationMessage.mockReset());

/** The question before 1,000 names, or as many as were asked for, which is dismissed. */
async function question({
  asked = undefined as unknown,
  seconds = null as number | null,
  trialSeconds = null as number | null,
  kept = "nothing",
  flipSeconds = [] as number[],
}) {
  const plan = { seconds, trial: { names: 1200, seconds: trialSeconds }, folder: "/kept", kept };
  const experiments = {
    goesOn: () => false,
    plan: async (_: unknown, { count = 1000 }: RecordOptions) => ({ ...plan, names: count }),
  };
  const flipOf = (seconds: number) => {
    const result = flipResult("Ben");
    const body = { state: "done", result: { ...result, view: { ...result.view, seconds } } };
    return { kind: "flip", model: { name: "embedded", fingerprint: "f" }, body };
  };
  const services = {
    experiments,
    namesFile: { ownPath: undefined },
    results: { cards: flipSeconds.map(flipOf) },
    chosenModel: { description: { model: { fingerprint: "f" } } },
  };
  await experimentCommands(services as unknown as Parameters<typeof experimentCommands>[0])[Command.record](asked);
  const [text, options, ...buttons] = window.showInformationMessage.mock.calls[0] as [string, { detail: string }];
  return { text, detail: options.detail.split("\n"), buttons };
}

it("says how many names and where to, and how long by the last recording, else by the last flip", async () => {
  const first = await question({});
  expect(first.text).toBe("Record 1,000 names of the names that come with the extension?");
  expect(first.detail[0]).toBe("How long the edits take is told as soon as the first names are done.");
  expect(first.detail).toContain("The edits are kept in /kept.");
  expect(first.buttons).toEqual(["Record"]);
  window.showInformationMessage.mockReset();
  expect((await question({ flipSeconds: [0.3, 9] })).detail[0]).toBe(
    "By the last flip the edits take at most about 5 min 00 s on this machine.",
  );
  window.showInformationMessage.mockReset();
  expect((await question({ flipSeconds: [0.3], seconds: 60 })).detail[0]).toBe(
    "The edits take about 1 min 00 s on this machine.",
  );
});

it("tells of the vector's trial after the edits, too: how long by the last one, else that it may be the longer part", async () => {
  const first = await question({ seconds: 10 });
  expect(first.detail.slice(0, 2)).toEqual([
    "The edits take about 10 s on this machine.",
    "Then the vector is tried on 1,200 new names, which may take longer than the edits.",
  ]);
  window.showInformationMessage.mockReset();
  const again = await question({ seconds: 10, trialSeconds: 55 });
  expect(again.detail[1]).toBe("Then the vector is tried on 1,200 new names, which takes about 55 s.");
});

it("says what is there already, part of it or all, and offers to go on or to start anew", async () => {
  const part = await question({ kept: "part" });
  expect(part.detail).toContain("Part of it is recorded already.");
  window.showInformationMessage.mockReset();
  const all = await question({ kept: "all" });
  expect(all.detail).toContain("All of it is recorded already; to go on makes its analysis anew.");
  expect([part.buttons, all.buttons]).toEqual([
    ["Go On", "Start Anew"],
    ["Go On", "Start Anew"],
  ]);
});

it("asks about the names that the lab's form asks for", async () => {
  const { text } = await question({ asked: { count: 12 } });
  expect(text).toBe("Record 12 names of the names that come with the extension?");
});
