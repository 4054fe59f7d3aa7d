import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

/** What stands after a `$` line, up to the next one or the end of the block. */
interface Step {
  readonly command: string;
  readonly output: readonly string[];
}

function stepsOf(page: string): Step[] {
  const steps: { command: string; output: string[] }[] = [];
  let open = false;
  for (const line of readFileSync(page, "utf8").split("\n")) {
    if (line.startsWith("    $ ")) {
      steps.push({ command: line.slice(6), output: [] });
      open = true;
    } else if (open && (line.startsWith("    ") || line === "")) steps.at(-1)!.output.push(line.slice(4));
    else open = false;
  }
  return steps.map(({ command, output }) => ({ command, output: output.join("\n").trimEnd().split("\n") }));
}

/** The lines as they stand; "…" alone stands for any lines, within a line for any characters. */
function pattern(output: readonly string[]): RegExp {
  const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const parts = output.map((line) =>
    line.trim() === "…" ? "(?:.*\\n)*?" : `${line.split("…").map(escaped).join(".*")} *\\n`,
  );
  return new RegExp(`^${parts.join("")}$`);
}

/** Every page with `$` lines: what stands below one is what it prints. */
const pages = readdirSync("docs")
  .filter((name) => name.endsWith(".md"))
  .map((name) => join("docs", name))
  .filter((page) => stepsOf(page).length > 0);

describe.each(pages)("%s", (page) => {
  const folder = mkdtempSync(join(tmpdir(), "rome-docs-"));
  symlinkSync(resolve("models"), join(folder, "models"));
  const cli = resolve("dist/cli.js");

  it.each(stepsOf(page))("$command", { timeout: 400_000 }, ({ command, output }) => {
    expect(command).toMatch(/^(?:npx rome |cp -r models\/)/);
    const printed = execFileSync("sh", ["-c", command.replace(/^npx rome/, `"${process.execPath}" "${cli}"`)], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    expect(`${printed.trimEnd()}\n`).toMatch(pattern(output));
  });
});
