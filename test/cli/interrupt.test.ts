/** Ctrl-C while a tokenizer's pattern never ends. */
import { spawn } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import { cli, embeddedPath, temporaryFolder } from "../support/fixtures.ts";

it.skipIf(process.platform === "win32")(
  "ends a hostile tokenizer pattern within seconds",
  async () => {
    const folder = join(await temporaryFolder(), "model");
    cpSync(embeddedPath, folder, { recursive: true });
    const path = join(folder, "tokenizer.json");
    const file = JSON.parse(readFileSync(path, "utf8"));
    const bomb = { type: "Split", pattern: { Regex: "(a|a)+b" }, behavior: "Isolated", invert: false };
    file.pre_tokenizer = { type: "Sequence", pretokenizers: [bomb, file.pre_tokenizer] };
    writeFileSync(path, JSON.stringify(file));

    const started = performance.now();
    const args = [cli, "complete", "--model", folder, "--prompt", "a".repeat(60)];
    const child = spawn(process.execPath, args, { stdio: "ignore" });
    const ended = new Promise<number>((resolve) => child.on("close", () => resolve(performance.now())));
    await pause(3_000);
    expect(child.exitCode).toBe(null);
    child.kill("SIGINT");
    await pause(500);
    child.kill("SIGINT");
    // Without the signals the pattern's clock ends it, after ten seconds.
    expect((await ended) - started).toBeLessThan(8_000);
    // As a shell tells it, also where the signals came before the program listened to them.
    expect(child.exitCode ?? 128 + constants.signals[child.signalCode as "SIGINT"]).toBe(130);
  },
  30_000,
);
