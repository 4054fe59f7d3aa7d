/** An export that is killed leaves a part of a folder; the next one beside it takes that away, and nobody else's. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { exportModel } from "../../../src/engine/export/exportModel.ts";
import { lock } from "../../../src/engine/files/lock.ts";
import { ownProcess } from "../../../src/engine/files/process.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { fixturePath, temporaryFolder } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

const edit = ({ size }: Model) => ({ layer: 0, u: new Float32Array(size.inner), r: new Float32Array(size.width) });

it("what a killed export left is taken away by the next one", async () => {
  const place = await temporaryFolder();
  const child = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
  await once(child, "exit");
  const dead = { ...ownProcess(), pid: child.pid, since: new Date().toISOString(), token: "dead" };
  const left = join(place, "first.rome-export.tmp");
  mkdirSync(left);
  writeFileSync(join(left, ".lock"), JSON.stringify(dead));
  writeFileSync(join(left, "model.safetensors"), "half");

  const running = join(place, "other.rome-export.tmp");
  const release = await lock(running);
  mkdirSync(join(place, "mine.tmp"));
  const model = await Model.open(fixturePath("checkpoints", "gpt2-fp32"));
  await exportModel(model, [edit(model)], join(place, "second"), quietRun());
  await release();
  expect(readdirSync(place).sort()).toEqual(["mine.tmp", "other.rome-export.tmp", "second"]);
  expect(readdirSync(join(place, "second"))).not.toContain(".lock");
});
