import { readFileSync } from "node:fs";

const read = (file) => JSON.parse(readFileSync(file, "utf8"));
const cell = (text) => String(text).replaceAll("|", "\\|").replaceAll("\n", " ");

/** A table in Markdown. */
export const table = (head, rows) =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n");

const { contributes } = read("package.json");
const texts = read("package.nls.json");
const say = (text) => texts[/^%(.*)%$/.exec(text)?.[1]] ?? text;

/** A page has no commands to link to: their words only. */
const unlinked = (text) => text.replace(/\[([^\]]*)\]\(command:[^)]*\)/g, "*$1*");

/** The settings that the manifest contributes, with their defaults. */
export function settingsTable() {
  const settings = contributes.configuration.flatMap(({ properties }) => Object.entries(properties));
  const rows = settings.map(([name, { markdownDescription, default: value }]) => [
    `\`${name}\``,
    unlinked(say(markdownDescription)),
    `\`${JSON.stringify(value)}\``,
  ]);
  return table(["setting", "what it does", "default"], rows);
}

/** The commands that the palette has, with their ids. */
export function commandsTable() {
  const palette = contributes.menus.commandPalette;
  const hidden = new Set(palette.filter(({ when }) => when === "false").map(({ command }) => command));
  const commands = contributes.commands.filter(({ command }) => !hidden.has(command));
  return table(
    ["command", "id"],
    commands.map(({ command, title, category }) => [`${category}: ${say(title)}`, `\`${command}\``]),
  );
}
