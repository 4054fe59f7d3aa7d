import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeFolder } from "../../../src/engine/files/makeFolder.ts";
import { temporaryFolder } from "../../support/fixtures.ts";

it("makes what is missing, also several at once, and leaves what is there", async () => {
  const folder = await temporaryFolder();
  const deep = join(folder, "a", "b", "c");
  for (let i = 0; i < 200; i++) {
    const [one, other] = ["x", "y"].map((last) => join(folder, String(i), "b", last));
    await Promise.all([makeFolder(one!), makeFolder(other!), makeFolder(join(folder, String(i)))]);
  }
  await Promise.all([makeFolder(deep), makeFolder(join(folder, "a", "b", "d")), makeFolder(deep)]);
  expect(await readdir(join(folder, "a", "b"))).toEqual(["c", "d"]);
  await writeFile(join(deep, "kept"), "");
  await makeFolder(deep);
  expect(await readdir(deep)).toEqual(["kept"]);
});

it("fails where a file is in the way, and where the system has no place", async () => {
  const file = join(await temporaryFolder(), "file");
  await writeFile(file, "");
  await expect(makeFolder(file)).rejects.toMatchObject({ code: "EEXIST" });
  await expect(makeFolder(join(file, "below"))).rejects.toMatchObject({ code: "ENOTDIR" });
  if (process.platform === "linux")
    await expect(makeFolder("/proc/rome/cache")).rejects.toMatchObject({ code: "ENOENT" });
});
