/** A cache that cannot be written is worked without, and said once. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { romeWith, temporaryFolder } from "../support/fixtures.ts";

it("a cache folder that cannot be written is one note, and the edit is made", async () => {
  const home = await temporaryFolder();
  const blocked = join(home, "cache");
  writeFileSync(blocked, "a file where the folder would be");
  const { code, stdout, stderr } = await romeWith(
    { HOME: home, XDG_CACHE_HOME: blocked },
    ...["flip", "Ben", "--contexts", "3", "--steps", "1", "--max-tokens", "1"],
  );
  expect(stdout).toContain("Ben");
  expect(stderr.match(/cannot be written/g)).toHaveLength(1);
  expect(stderr).not.toContain("unexpected failure");
  expect(code).toBe(0);
});
