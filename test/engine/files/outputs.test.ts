/** What is written: whole, through links, with the mode that was there, and never over what is not ours. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { writeAtomically } from "../../../src/engine/files/atomicWrite.ts";
import { requireOwnFile, requireOwnFolder } from "../../../src/engine/files/ownKind.ts";
import { schemaFault } from "../../../src/engine/files/schema.ts";
import { layersWriters } from "../../../src/engine/tasks/layers.ts";
import { checkOutputs, json, type Writers, writeOutputs } from "../../../src/engine/tasks/outputs.ts";
import { traceWriters } from "../../../src/engine/tasks/trace.ts";
import { expectError } from "../../support/checkpointBuilders.ts";
import { embeddedPath, temporaryFolder } from "../../support/fixtures.ts";

const bytes = [Buffer.from("new")];

describe("writing", () => {
  it("follows links, also one that leads to nothing yet", async () => {
    const folder = await temporaryFolder();
    mkdirSync(join(folder, "there"));
    writeFileSync(join(folder, "there", "file"), "old");
    for (const name of ["file", "none"]) {
      const link = join(folder, `to-${name}`);
      symlinkSync(join("there", name), link);
      await writeAtomically(link, bytes);
      expect(readlinkSync(link)).toBe(join("there", name));
      expect(readFileSync(join(folder, "there", name), "utf8")).toBe("new");
    }
    expect(readdirSync(folder).sort()).toEqual(["there", "to-file", "to-none"]);
    symlinkSync("loop", join(folder, "loop"));
    await expectError(writeAtomically(join(folder, "loop"), bytes), "disk", "leads to itself");
  });

  it.skipIf(process.platform === "win32")("keeps the mode of what it replaces", async () => {
    const path = join(await temporaryFolder(), "file");
    writeFileSync(path, "old");
    chmodSync(path, 0o640);
    await writeAtomically(path, bytes);
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it.skipIf(process.platform === "win32")("replaces no device and no pipe", async () => {
    const folder = await temporaryFolder();
    const pipe = join(folder, "pipe");
    expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
    symlinkSync("/dev/null", join(folder, "null"));
    for (const path of [pipe, join(folder, "null"), "/dev/full"])
      await expectError(writeAtomically(path, bytes), "disk", path, "a device or a pipe");
    expect(lstatSync(pipe).isFIFO()).toBe(true);
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
    await expectError(writeAtomically(folder, bytes), "disk", "there is a folder of that name");
  });
});

describe("an output's place", () => {
  const kind = {
    name: "a poem",
    isOwn: async (path: string) => readFileSync(path, "utf8").startsWith("Roses"),
  };

  it("is refused where something else lies, and stays as it is", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "file");
    await requireOwnFile(path, kind);
    writeFileSync(path, "");
    await requireOwnFile(path, kind);
    writeFileSync(path, "Roses are red");
    await requireOwnFile(path, kind);
    writeFileSync(path, "Invoice");
    const link = join(folder, "link");
    symlinkSync(path, link);
    for (const place of [path, link])
      await expectError(requireOwnFile(place, kind), "input", place, "is not a poem", "stays as it is");
    await expectError(requireOwnFile(join(folder, "none", "file"), kind), "disk", "folder does not exist");
    await expectError(requireOwnFile(join(path, "file"), kind), "disk", "is a file");
    await expectError(requireOwnFile(join(folder, "more"), kind, 2 ** 60), "disk", "only", "are free");
  });

  it("is refused for a folder that holds something else", async () => {
    const folder = await temporaryFolder();
    const isOwn = async (path: string) => existsSync(join(path, "mine"));
    const folders = { name: "one of mine", isOwn };
    await requireOwnFolder(folder, folders);
    await requireOwnFolder(join(folder, "new", "deep"), folders);
    writeFileSync(join(folder, ".hidden"), "");
    await requireOwnFolder(folder, folders);
    writeFileSync(join(folder, "thesis.txt"), "");
    await expectError(requireOwnFolder(folder, folders), "input", folder, "is not one of mine");
    writeFileSync(join(folder, "mine"), "");
    await requireOwnFolder(folder, folders);
    await expectError(requireOwnFolder(join(folder, "mine"), folders), "input", "is not a folder");
    await expectError(requireOwnFolder(embeddedPath, folders), "input", embeddedPath);
  });
});

describe("the files of a measurement", () => {
  const writers: Writers<{ readonly x: number }> = {
    name: "a number",
    schema: v.object({ x: v.number() }),
    formats: {
      ".json": json,
      ".csv": ({ x }) => `x\n${x}\n`,
      ".html": ({ x }) => `<p>${x}</p>\n`,
      ".svg": () => "<svg></svg>\n",
    },
    header: "x",
  };

  it("are replaced by their own kind alone", async () => {
    const folder = await temporaryFolder();
    const files = Object.keys(writers.formats).map((ending) => join(folder, `x${ending}`));
    for (const x of [1, 2]) await writeOutputs(files, { x }, writers);
    expect(files.map((file) => readFileSync(file, "utf8"))).toEqual([
      '{\n "x": 2\n}\n',
      "x\n2\n",
      "<p>2<!-- rome: a number --></p>\n",
      "<svg><!-- rome: a number --></svg>\n",
    ]);
    const html = [join(folder, "x.html")];
    await expectError(checkOutputs(html, { ...writers, name: "a letter" }), "input", "is not a letter as .html");
    for (const [name, text] of [
      ["a.json", '{"name": "package"}'],
      ["b.json", "{"],
      ["c.csv", "name,gender\nBen,male\n"],
      ["d.html", "<p>My page</p>"],
      ["e.svg", "<svg></svg>"],
    ] as const) {
      const path = join(folder, name);
      writeFileSync(path, text);
      await expectError(checkOutputs([path], writers), "input", path, "stays as it is");
      await expectError(writeOutputs([path], { x: 3 }, writers), "input", path);
      expect(readFileSync(path, "utf8")).toBe(text);
    }
    await expectError(checkOutputs([join(folder, "x.txt")], writers), "input", "must be one of .json");
  });

  it("are not a model's", async () => {
    const path = join(await temporaryFolder(), "config.json");
    await copyFile(join(embeddedPath, "config.json"), path);
    await expectError(checkOutputs([path], traceWriters), "input", "is not a trace as .json");
    await expectError(checkOutputs([path], layersWriters), "input", "is not a sweep over layers as .json");
  });
});

it("a schema number that is missing, older, newer or none at all is each its own fault", () => {
  expect(schemaFault(2, 2)).toBeUndefined();
  expect(schemaFault("2", 2)).toBeUndefined();
  expect(schemaFault(undefined, 2)).toContain("no schema number");
  expect(schemaFault(1, 2)).toContain("earlier version");
  expect(schemaFault("3", 2)).toContain("later version");
  expect(schemaFault("two", 2)).toContain('"two", which is no number');
});
