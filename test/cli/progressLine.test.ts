import type { WriteStream } from "node:tty";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ProgressLine } from "../../src/cli/progressLine.ts";

afterEach(() => vi.restoreAllMocks());

/** What a line writes of one step, ten seconds after its start, and of a note. */
function written(isTTY: boolean, env: NodeJS.ProcessEnv): string {
  const now = vi.spyOn(performance, "now").mockReturnValue(0);
  let text = "";
  const stream = { isTTY, columns: 200, write: (part: string) => (text += part) } as unknown as WriteStream;
  const line = new ProgressLine(stream, env);
  now.mockReturnValue(20_000);
  line.show({ phase: "solve", done: 1, total: 4, detail: { names: ["Ann\x1b[2J", "Ben"], loss: Number.NaN } });
  line.note("a note\x07\nof two lines");
  line.clear();
  return text;
}

describe("the progress line", () => {
  it("writes over itself on a terminal", () => {
    expect(written(true, { TERM: "xterm" })).toContain("\r\x1b[K");
  });

  it.each([
    [false, {}],
    [true, { TERM: "dumb" }],
    [true, { TERM: "xterm", NO_COLOR: "1" }],
  ])("on a terminal: %s, with %j, has no escape", (isTTY, env) => {
    const text = written(isTTY, env);
    for (const control of ["\x1b", "\r", "\x07"]) expect(text).not.toContain(control);
    expect(text).toMatch(/^solve █{5}░{15} 1\/4, loss – {2}Ann\\u001b\[2J, Ben\na note\\u0007\nof two lines\n$/);
  });
});
