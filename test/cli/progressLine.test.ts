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
  it("judges the time left by what has been done since it first saw the phase: it falls while a part is under way", () => {
    const now = vi.spyOn(performance, "now").mockReturnValue(0);
    const lines: string[] = [];
    const stream = { isTTY: false, write: (part: string) => lines.push(part) } as unknown as WriteStream;
    const line = new ProgressLine(stream, {});
    const left = (seconds: number, done: number) => {
      now.mockReturnValue(1000 * seconds);
      line.show({ phase: "tune", done, total: 4 });
      return /, (.*) left/.exec(lines.at(-1) ?? "")?.[1];
    };
    const told = [left(0, 1), left(20, 1), left(60, 2), left(80, 2), left(170, 2), left(190, 2), left(200, 3)];
    expect(told).toEqual([undefined, undefined, "2 min 00 s", "1 min 40 s", "10 s", undefined, "1 min 40 s"]);
  });

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
