/**
 * Writes docs/reference/ from the code: commands from the program, settings and the editor's commands from the manifest,
 * shapes of JSON and files from the schemas and their comments. `node scripts/reference.mjs` writes, `--check` fails
 * where a page is out of date.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { bundled } from "./bundled.mjs";
import { commandsTable, settingsTable, table } from "./manifestTables.mjs";
import { shapesOf } from "./shapes.mjs";

const folder = "docs/reference";
const made = (command) => `<!-- Made by ${command}. -->`;
const byScript = made("node scripts/reference.mjs");

/** A default that is a file of the package, as it lies there. */
const local = (value) => (isAbsolute(String(value)) ? relative(process.cwd(), value) : value);

/** The command with those below it: one section each. */
function commandSections(command, above = []) {
  const names = [...above, command.name()];
  const usage = `npx ${names.join(" ")} ${command.usage()}`.replace(/\s+/g, " ").trim();
  const options = command.options.filter(({ hidden }) => !hidden);
  const section = [
    `## ${names.join(" ")}`,
    command.description(),
    `    ${usage}`,
    ...(options.length === 0
      ? []
      : [
          table(
            ["option", "what it does", "default"],
            options.map((option) => [
              `\`${option.flags}\``,
              option.description,
              option.defaultValue === undefined || Array.isArray(option.defaultValue)
                ? ""
                : `\`${local(option.defaultValue)}\``,
            ]),
          ),
        ]),
  ].filter((part) => part !== "");
  const below = command.commands.filter((each) => each.name() !== "help");
  return [section.join("\n\n"), ...below.flatMap((each) => commandSections(each, names))];
}

async function commandsPage() {
  const { rome, environment } = await bundled(
    `import { program } from "./src/cli/program.ts"; export const rome = program("");
     export { environment } from "./src/cli/program.ts";`,
  );
  const [all, ...each] = commandSections(rome);
  return [
    "# Commands",
    byScript,
    "Exit status: 0 done, 1 failed, 2 wrong usage, 130 cancelled. Progress goes to stderr. The options of `rome` itself may stand after any command.",
    all,
    table(
      ["environment", "what it does"],
      environment.map(([names, what]) => [names.replaceAll(/\w+/g, "`$&`"), what]),
    ),
    ...each,
  ].join("\n\n");
}

const editorPage = () =>
  [
    "# The editor's settings and commands",
    byScript,
    "## Settings",
    settingsTable(),
    "## Commands",
    commandsTable(),
  ].join("\n\n");

/** What stands in which file of src/protocol, in the order of reading. */
const shapes = [
  ["A flip, `rome flip --json`", "results.ts", ["flipView"]],
  ["A completion, `rome complete --json`", "results.ts", ["completion"]],
  ["A line of `records.jsonl`", "results.ts", ["editRecord"]],
  ["`report.json`", "results.ts", ["report"]],
  ["A causal trace", "measurements.ts", ["trace"]],
  ["A sweep over layers", "measurements.ts", ["layers"]],
  ["An evaluation", "measurements.ts", ["evaluation"]],
  ["A lens, `rome lens --json`", "lens.ts", ["lens"]],
  ["A cell of a lens", "lens.ts", ["lensCell"]],
  ["An attribution, `rome attribute --json`", "attribution.ts", ["attribution"]],
  ["A steered text, `rome steer --json`", "steer.ts", ["steered"]],
  ["A referee's card, `rome referee --json`", "referee.ts", ["refereeCard"]],
  ["An edit in a `.romedit` file", "editEntry.ts", ["editEntry"]],
  ["A vector or an erasure in a `.romedit` file", "editEntry.ts", ["adapterEntry"]],
];

function shapesPage() {
  const sections = shapes.map(([title, file, names]) =>
    [
      `## ${title}`,
      ...names.map((name) => table(["field", "type", "what it is"], shapesOf(join("src/protocol", file), name))),
    ].join("\n\n"),
  );
  return [
    "# Shapes of JSON and of files",
    byScript,
    "Types are those of the schemas in `src/protocol`, against which everything is checked where it arrives. `[]` is a list, `{}` an object by label, `?` may be left out.",
    ...sections,
  ].join("\n\n");
}

const pages = { "commands.md": await commandsPage(), "editor.md": editorPage(), "json.md": shapesPage() };
const check = process.argv.includes("--check");
for (const [name, text] of Object.entries(pages)) {
  const file = join(folder, name);
  const page = `${text}\n`;
  if (!check) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, page);
  } else if (!existsSync(file) || readFileSync(file, "utf8") !== page) {
    console.error(`${file} is out of date: run node scripts/reference.mjs`);
    process.exitCode = 1;
  }
}
