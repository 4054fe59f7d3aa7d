import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { program } from "../../src/cli/program.ts";

const pages = ["README.md", "CONTRIBUTING.md", "models/embedded/README.md"].concat(
  readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
);

/** The headings of a page as anchors, the way repositories' sites make them. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- ]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe.each(pages)("%s", (page) => {
  const text = readFileSync(page, "utf8");

  it("has no dead link and no missing picture", () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)|\b(?:src|srcset)="([^"]+)"/g)].map(
      ([, link, src]) => (link ?? src)!,
    );
    for (const link of links.filter((each) => !/^(https?|command):/.test(each))) {
      const [path, anchor] = link.split("#") as [string, string?];
      const target = path === "" ? page : join(dirname(page), decodeURIComponent(path));
      expect(existsSync(target), `${page} → ${link}`).toBe(true);
      if (anchor && target.endsWith(".md")) expect(anchors(readFileSync(target, "utf8")), link).toContain(anchor);
    }
  });

  it("names only commands and options that there are", () => {
    for (const line of commandsOf(text)) expect(() => parsed(line), line).not.toThrow();
  });
});

describe("docs/", () => {
  /** Where the links and pictures of a page lead, from the project's root. */
  const targets = (page: string) =>
    [...readFileSync(page, "utf8").matchAll(/\]\(([^)\s#]+)|\b(?:src|srcset)="([^"]+)"/g)].map(([, link, src]) =>
      join(dirname(page), (link ?? src)!),
    );

  it("has no page that README's map leaves out", () => {
    const mapped = targets("README.md");
    expect(pages.filter((page) => page.startsWith("docs/") && !mapped.includes(page))).toEqual([]);
  });

  it("has no picture that no page shows", () => {
    const shown = new Set([...pages, "bench/README.md"].flatMap(targets));
    const pictures = readdirSync("docs/pictures").map((file) => join("docs/pictures", file));
    expect(pictures.filter((picture) => !shown.has(picture))).toEqual([]);
  });
});

/** `npx rome …` as it stands in code: indented lines and `$` lines to their end, else up to the closing backtick. */
function commandsOf(text: string): string[] {
  const joined = text.replace(/\\\n\s*/g, " ");
  const blocks = [...joined.matchAll(/^ {4,}(?:\$ )?(?:npm ci && )?npx rome (.*)$/gm)].map(([, command]) => command!);
  const inline = [...joined.matchAll(/`npx rome ([^`]*)`/g)].map(([, command]) => command!);
  return [...blocks, ...inline]
    .map((command) =>
      command
        .replace(/\s+#.*$/, "")
        .replace(/[>|].*$/, "")
        .trim(),
    )
    .filter((command) => !command.includes("…") && !command.includes("[options]"));
}

/** Walks to the command and checks its options; nothing runs. */
function parsed(line: string): void {
  const words = [...line.matchAll(/"[^"]*"|'[^']*'|\S+/g)].map(([word]) => word.replace(/^["']|["']$/g, ""));
  const rome = program("");
  let command: Command = rome;
  while (words.length > 0) {
    const flag = rome.options.find(({ long }) => long === words[0]);
    if (flag) words.splice(0, flag.required ? 2 : 1);
    const next = command.commands.find((each) => each.name() === words[0]);
    if (!next) break;
    command = next;
    words.shift();
  }
  if (command === rome && words[0] !== undefined && !words[0].startsWith("-"))
    throw new Error(`there is no command ${words[0]}`);
  const own = [...command.options, ...rome.options];
  // What stands after "--" is another program's.
  const ours = words.includes("--") ? words.slice(0, words.indexOf("--")) : words;
  for (const word of ours.filter((each) => /^--?[a-z]/.test(each))) {
    if (word === "--help") break;
    const flag = word.split("=")[0]!;
    if (!own.some(({ long, short }) => flag === long || flag === short)) throw new Error(`no option ${flag}`);
  }
}

describe("reference", () => {
  it("is what the code says (node scripts/reference.mjs)", () => {
    expect(() => execFileSync(process.execPath, ["scripts/reference.mjs", "--check"])).not.toThrow();
  });
});
