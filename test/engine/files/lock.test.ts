/** Locks of folders: who has one, what a dead owner leaves, and what is said to those who come after. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lock } from "../../../src/engine/files/lock.ts";
import { ownProcess } from "../../../src/engine/files/process.ts";
import type { Progress } from "../../../src/protocol/engine.ts";
import { RomeError } from "../../../src/protocol/errors.ts";
import { temporaryFolder } from "../../support/fixtures.ts";

const folderOf = async () => join(await temporaryFolder(), "data");

/** Leaves a lock as an owner with these properties would have. */
function leave(folder: string, owner: object, written = new Date()): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, ".lock");
  const whole = { ...ownProcess(), since: "2026-01-02T03:04:05.000Z", token: "left", ...owner };
  writeFileSync(path, JSON.stringify(whole));
  utimesSync(path, written, written);
  return path;
}

async function refusal(folder: string): Promise<string> {
  const error = await lock(folder, { reason: "data" }).then(
    (release) => release().then(() => undefined),
    (refused) => refused,
  );
  expect(RomeError.is(error, "data")).toBe(true);
  return (error as RomeError).message;
}

it("lies within the folder, which may be one that only itself can be written, and leaves nothing", async () => {
  const folder = await folderOf();
  const release = await lock(folder);
  expect(readdirSync(folder)).toEqual([".lock"]);
  expect(readdirSync(join(folder, ".."))).toEqual(["data"]);
  await release();
  expect(readdirSync(folder)).toEqual([]);
});

it("refuses a second owner, by another path too, and says who, since when and what to delete", async () => {
  const folder = await folderOf();
  const release = await lock(folder);
  const link = `${folder}-link`;
  symlinkSync(folder, link);
  for (const path of [folder, link]) {
    const message = await refusal(path);
    expect(message).toContain(`process ${process.pid} of this machine (since `);
    expect(message).toContain(`delete ${join(path, ".lock")}`);
  }
  await release();
  await (await lock(link))();
});

it("of a process that was killed is taken over at once", async () => {
  const folder = await folderOf();
  const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"]);
  await once(child, "spawn");
  const started = performance.now();
  child.kill("SIGKILL");
  await once(child, "exit");
  leave(folder, { pid: child.pid });
  await (await lock(folder))();
  expect(performance.now() - started).toBeLessThan(5000);
});

it.runIf(process.platform === "linux")(
  "of a process whose number another one has now is taken over at once",
  async () => {
    const folder = await folderOf();
    leave(folder, { pid: process.pid, started: "1" });
    const started = performance.now();
    await (await lock(folder))();
    expect(performance.now() - started).toBeLessThan(5000);
  },
);

it("whose owner cannot be asked is taken over after ten silent seconds, whatever time it bears", async () => {
  const folders = [await folderOf(), await folderOf(), await folderOf()];
  const hourAhead = new Date(Date.now() + 3_600_000);
  leave(folders[0] as string, { host: "elsewhere" }, hourAhead);
  leave(folders[1] as string, { host: hostname(), space: "another container" }, new Date(0));
  // Killed between making the file and writing into it.
  mkdirSync(folders[2] as string, { recursive: true });
  writeFileSync(join(folders[2] as string, ".lock"), "");
  const started = performance.now();
  await Promise.all(folders.map(async (folder) => (await lock(folder))()));
  expect(performance.now() - started).toBeGreaterThan(9_000);
}, 60_000);

it("whose owner on another machine lives is refused", async () => {
  const folder = await folderOf();
  const path = leave(folder, { host: "elsewhere", pid: 42 });
  const sign = setInterval(() => utimesSync(path, new Date(), new Date()), 1000);
  try {
    expect(await refusal(folder)).toContain("process 42 of elsewhere (since 2026-01-02 03:04:05 UTC)");
  } finally {
    clearInterval(sign);
  }
  expect(JSON.parse(readFileSync(path, "utf8")).token).toBe("left");
}, 60_000);

it("can be waited for, and the wait says what for; it ends when it is cancelled", async () => {
  const folder = await folderOf();
  const release = await lock(folder);
  const seen: Progress[] = [];
  const progress = (value: Progress) => void seen.push(value);
  const second = lock(folder, { wait: { progress, phase: "wait" } });
  const abort = new AbortController();
  const third = lock(folder, { wait: { progress, phase: "wait", signal: abort.signal } });
  abort.abort();
  await expect(third).rejects.toMatchObject({ reason: "cancelled" });
  await expect.poll(() => seen.at(-1)?.detail?.holder).toContain(`process ${process.pid} of this machine`);
  await release();
  await (await second)();
  expect(existsSync(join(folder, ".lock"))).toBe(false);
});

it("is not given back by an owner that lost it", async () => {
  const folder = await folderOf();
  const release = await lock(folder);
  const path = leave(folder, { token: "another" });
  await release();
  expect(JSON.parse(readFileSync(path, "utf8")).token).toBe("another");
});

it("of many that come at once has one owner", async () => {
  const folder = await folderOf();
  leave(folder, { started: "1" });
  let [inside, most] = [0, 0];
  await Promise.all(
    Array.from({ length: 12 }, async () => {
      const release = await lock(folder, { wait: { progress: () => {}, phase: "wait" } });
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside--;
      await release();
    }),
  );
  expect(most).toBe(1);
}, 60_000);
