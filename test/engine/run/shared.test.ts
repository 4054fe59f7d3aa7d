/** What many wait for is made once, and stopped only when nobody wants it any more. */
import { expect, it } from "vitest";
import { Shared } from "../../../src/engine/run/shared.ts";
import type { Progress } from "../../../src/protocol/engine.ts";
import type { Run } from "../../../src/protocol/run.ts";
import { quietRun } from "../../support/run.ts";

/** A making that ends when told to, or throws when its run is stopped. */
function slow() {
  const runs: Run[] = [];
  let finish = (_: string) => {};
  const make = (run: Run) =>
    new Promise<string>((resolve, reject) => {
      runs.push(run);
      finish = resolve;
      run.signal.addEventListener("abort", () => reject(new Error("stopped")));
    });
  return { runs, make, finish: (value: string) => finish(value) };
}

it("gives the second caller the result when the first gives up", async () => {
  const shared = new Shared<string>();
  const { runs, make, finish } = slow();
  const abort = new AbortController();
  const told: Progress[] = [];
  const first = shared.get("a", make, quietRun({ signal: abort.signal }));
  const second = shared.get("a", make, quietRun({ progress: (now) => void told.push(now) }));
  abort.abort();
  await expect(first).rejects.toMatchObject({ reason: "cancelled" });
  runs[0]!.progress({ phase: "read", done: 1, total: 2 });
  finish("made");
  expect(await second).toBe("made");
  expect(told).toEqual([{ phase: "read", done: 1, total: 2 }]);
  expect(runs).toHaveLength(1);
  expect(await shared.get("a", make, quietRun())).toBe("made");
});

it("stops the making when all have given up, and makes it anew for the next", async () => {
  const shared = new Shared<string>();
  const { runs, make, finish } = slow();
  const aborts = [new AbortController(), new AbortController()];
  const waiting = aborts.map(({ signal }) => shared.get("a", make, quietRun({ signal })));
  for (const abort of aborts) abort.abort();
  for (const wait of waiting) await expect(wait).rejects.toMatchObject({ reason: "cancelled" });
  expect(runs[0]!.signal.aborted).toBe(true);
  const next = shared.get("a", make, quietRun());
  finish("again");
  expect(await next).toBe("again");
  expect(runs).toHaveLength(2);
});

it("forgets what could not be made, and refuses who has given up before", async () => {
  const shared = new Shared<number>();
  await expect(shared.get("a", () => Promise.reject(new Error("no")), quietRun())).rejects.toThrow("no");
  expect(await shared.get("a", async () => 2, quietRun())).toBe(2);
  const stopped = quietRun({ signal: AbortSignal.abort() });
  await expect(shared.get("a", async () => 3, stopped)).rejects.toMatchObject({ reason: "cancelled" });
});
