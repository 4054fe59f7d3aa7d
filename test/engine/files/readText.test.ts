/** What is no file is refused at once: opening a named pipe without a writer would never come back. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readText } from "../../../src/engine/files/readText.ts";
import { refusalOfSystem } from "../../../src/protocol/refusal.ts";
import { rome, temporaryFolder } from "../../support/fixtures.ts";

it.skipIf(process.platform === "win32")("a pipe or a device is refused, a file is read", async () => {
  const folder = await temporaryFolder();
  const [pipe, file] = [join(folder, "pipe"), join(folder, "file")];
  spawnSync("mkfifo", [pipe]);
  writeFileSync(file, "é");
  expect(await readText(file)).toBe("é");
  for (const path of [pipe, "/dev/zero"]) await expect(readText(path)).rejects.toMatchObject({ code: "ENOTFILE" });
  for (const option of ["--concept", "--names"]) {
    const { code, stderr } = await rome("record", "--out", join(folder, "out"), option, pipe);
    expect(stderr).toContain(`${pipe} cannot be read`);
    expect(code).toBe(2);
  }
});

it("what the system refuses is told with its place; a defect stays one", async () => {
  const refused = await readText("/nowhere/x").catch((error) => refusalOfSystem(error));
  expect(refused).toMatchObject({ reason: "disk", message: "/nowhere/x is not there. Check the path." });
  expect(refusalOfSystem(new RangeError("Array buffer allocation failed"))).toMatchObject({ reason: "memory" });
  expect(refusalOfSystem(new TypeError("x is not a function"))).toBeUndefined();
});
