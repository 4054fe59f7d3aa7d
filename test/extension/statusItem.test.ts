/** The status bar's item takes its place once the extension was used, and keeps it. */
import { beforeEach, expect, it, vi } from "vitest";
import { Emitter } from "vscode-jsonrpc";
import { Command } from "../../src/extension/contributions.ts";
import type { EngineState } from "../../src/extension/engine/engineClient.ts";
import { RecordingItem } from "../../src/extension/views/recordingItem.ts";
import { StatusItem } from "../../src/extension/views/statusItem.ts";
import { window } from "../support/vscode.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));

const item = { show: vi.fn(), hide: vi.fn(), dispose() {}, text: "" };
beforeEach(() => {
  item.show.mockReset();
  window.createStatusBarItem.mockReturnValue(item);
});

function statusItem() {
  const changed = { engine: new Emitter<void>(), model: new Emitter<void>(), edits: new Emitter<void>() };
  const engine = { state: { kind: "stopped" } as EngineState, onDidChangeState: changed.engine.event };
  const chosen = { name: "embedded", description: undefined, onDidChange: changed.model.event };
  const edits = { on: [] as unknown[], onDidChange: changed.edits.event };
  new StatusItem(...([engine, chosen, edits] as unknown as ConstructorParameters<typeof StatusItem>));
  return { changed, engine, edits };
}

it("is not there in a window that only has the extension installed", () => {
  const { changed } = statusItem();
  for (const { fire } of Object.values(changed).map((emitter) => ({ fire: () => emitter.fire() }))) fire();
  expect(item.show).not.toHaveBeenCalled();
});

it("comes with the first start of the engine, says what is on, and stays when the engine sleeps", () => {
  const { changed, engine, edits } = statusItem();
  engine.state = { kind: "starting" };
  changed.engine.fire();
  expect(item.show).toHaveBeenCalled();
  expect(item.text).toBe("$(loading~spin) ROME: embedded");
  engine.state = { kind: "stopped" };
  changed.engine.fire();
  expect(item.hide).not.toHaveBeenCalled();
  edits.on = [{}, {}];
  changed.edits.fire();
  // Before the name, which may be cut off.
  expect(item.text).toBe("$(arrow-swap) ROME: edits on: 2 · embedded");
});

it("comes with edits that an earlier window left on", () => {
  const { changed, edits } = statusItem();
  edits.on = [{}];
  changed.edits.fire();
  expect(item.show).toHaveBeenCalled();
});

it("a recording is told of with the lab closed, never as 0 of 0, and a click offers to cancel it", () => {
  const changed = new Emitter<void>();
  const running = { state: "running", phase: "record", done: 0, total: 0, secondsLeft: null as number | null };
  const experiments = { onDidChange: changed.event, recording: running as { state: string } };
  new RecordingItem(experiments as unknown as ConstructorParameters<typeof RecordingItem>[0]);
  expect(item).toMatchObject({ command: Command.stopRecording });
  changed.fire();
  expect(item.text).toBe("$(record) Recording …");
  experiments.recording = { ...running, done: 16, total: 120, secondsLeft: 90 } as { state: string };
  changed.fire();
  expect(item.text).toMatch(/^\$\(record\) Recording 16 of 120 · about 1 min 30 s left$/);
  expect(item.show).toHaveBeenCalledTimes(2);
  item.hide.mockReset();
  experiments.recording = { state: "stopped" };
  changed.fire();
  expect(item.hide).toHaveBeenCalledOnce();
});
