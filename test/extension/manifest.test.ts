import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import texts from "../../package.nls.json" with { type: "json" };
import {
  Command,
  ContextKey,
  comparisonPanelType,
  editFileViewType,
  labPanelType,
  languageModelToolName,
  mcpProvider,
  settingNames,
  TreeItemKind,
  View,
} from "../../src/extension/contributions.ts";

import { parameterSchema } from "../../src/mcp/parameterSchema.ts";
import { type Tool, tools } from "../../src/mcp/tools.ts";

/** One property of `configuration`, as far as it is checked here. */
interface Property {
  type: string;
  default: unknown;
  minimum?: number;
  maximum?: number;
  scope?: string;
  markdownDescription: string;
}
interface MenuItem {
  command: string;
  when?: string;
}

const { contributes } = manifest;
const menus = Object.entries(contributes.menus) as [string, MenuItem[]][];
const menuItems = menus.flatMap(([, items]) => items);
const properties: [string, Property][] = contributes.configuration.flatMap((page) => Object.entries(page.properties));
const sorted = (values: Iterable<string>) => [...new Set(values)].sort();

/** The source of the extension, without the table of contributions itself. */
const sources = readdirSync("src/extension", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && file !== "contributions.ts")
  .map((file) => readFileSync(join("src/extension", file), "utf8"))
  .join("\n");

describe("manifest and code", () => {
  it("name the same commands", () => {
    expect(sorted(contributes.commands.map(({ command }) => command))).toEqual(sorted(Object.values(Command)));
    const viewFocus = Object.values(View).map((view) => `${view}.focus`);
    for (const { command } of menuItems) expect([...Object.values(Command), ...viewFocus]).toContain(command);
  });

  it("use every command of the table", () => {
    for (const name of Object.keys(Command)) expect(sources, name).toContain(`Command.${name}`);
  });

  it("name the same settings", () => {
    expect(sorted(properties.map(([name]) => name))).toEqual(sorted(settingNames));
    for (const name of settingNames) expect(sources, name).toContain(`"${name}"`);
  });

  it("name the same views and panels", () => {
    expect(sorted(contributes.views.rome.map(({ id }) => id))).toEqual(sorted(Object.values(View)));
    for (const name of Object.keys(View)) expect(sources, name).toContain(`View.${name}`);
    for (const type of [labPanelType, comparisonPanelType])
      expect(manifest.activationEvents).toContain(`onWebviewPanel:${type}`);
    for (const { view } of contributes.viewsWelcome) expect(Object.values(View)).toContain(view);
  });

  it("give the results most of the height, and show concepts and models collapsed at first", () => {
    const views = new Map(contributes.views.rome.map((view) => [view.id, view]));
    const { [View.results]: results, ...others } = Object.fromEntries(views);
    const rest = Object.values(others).reduce((sum, { initialSize }) => sum + initialSize, 0);
    expect(results?.initialSize).toBeGreaterThan(rest);
    const collapsed = [...views.values()].filter((view) => "visibility" in view && view.visibility === "collapsed");
    expect(collapsed.map(({ id }) => id)).toEqual([View.concepts, View.models]);
  });

  it("clear the results from the view's menu alone, and flip by one button", () => {
    const title = contributes.menus["view/title"].filter(({ when }) => when.includes("view == rome.results"));
    const groups = (command: string) => title.filter((item) => item.command === command).map(({ group }) => group);
    expect(groups(Command.clearResults)).toEqual([expect.not.stringContaining("navigation")]);
    expect([...groups(Command.flip), ...groups(Command.flipName)]).toEqual(["navigation@1", "navigation@1"]);
  });

  it("name the same custom editor", () => {
    expect(contributes.customEditors.map(({ viewType }) => viewType)).toEqual([editFileViewType]);
    expect(sources).toContain("registerCustomEditorProvider(editFileViewType");
  });

  it("name the same tools for agents, with their parameters", () => {
    const expected = Object.entries<Tool>(tools).map(([name, { description, params }]) => ({
      name: languageModelToolName(name),
      modelDescription: description,
      inputSchema: parameterSchema(params),
    }));
    const contributed = contributes.languageModelTools.map(({ name, modelDescription, inputSchema }) => ({
      name,
      modelDescription,
      inputSchema,
    }));
    expect(contributed, "run node scripts/describeTools.mjs").toEqual(expected);
    expect(contributes.mcpServerDefinitionProviders.map(({ id }) => id)).toEqual([mcpProvider]);
  });

  it("name the same context keys", () => {
    const clauses = [
      ...menuItems.map(({ when }) => when ?? ""),
      ...contributes.commands.map((command) => ("enablement" in command ? command.enablement : "")),
    ].join(" ");
    const views = new Set<string>(Object.values(View));
    const used = [...clauses.matchAll(/\brome\.\w+/g)].map(([key]) => key).filter((key) => !views.has(key));
    expect(sorted(used)).toEqual(sorted(Object.values(ContextKey)));
    for (const name of Object.keys(ContextKey)) expect(sources, name).toContain(`ContextKey.${name}`);
  });

  it("name the same kinds of tree items", () => {
    const used = [
      ...menuItems
        .map(({ when }) => when ?? "")
        .join(" ")
        .matchAll(/viewItem == (\w+)/g),
    ];
    const kinds = sorted(Object.values(TreeItemKind).filter((kind) => kind !== TreeItemKind.unusableModel));
    expect(sorted(used.map(([, kind]) => kind!))).toEqual(kinds);
    for (const name of Object.keys(TreeItemKind)) expect(sources, name).toContain(`TreeItemKind.${name}`);
  });

  it("hide from the palette exactly what needs an argument", () => {
    const hidden = contributes.menus.commandPalette.filter(({ when }) => when === "false");
    const inTrees = contributes.menus["view/item/context"].map(({ command }) => command);
    expect(sorted(hidden.map(({ command }) => command))).toEqual(
      // Beside those of the trees, the one that hovers link to.
      sorted([Command.switchOff, ...inTrees].filter((command) => command !== Command.restartEngine)),
    );
  });
});

describe("manifest", () => {
  it("takes every text from package.nls.json, and that has no other", () => {
    const used = [...JSON.stringify(manifest).matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key!);
    expect(sorted(used)).toEqual(sorted(Object.keys(texts)));
  });

  it("gives every number a range that holds its default, and every path the machine's scope", () => {
    for (const [name, { type, default: value, minimum, maximum, scope }] of properties) {
      if (type === "number" || type === "integer") {
        expect(minimum, name).toBeTypeOf("number");
        expect(value, name).toBeGreaterThanOrEqual(minimum!);
        expect(value, name).toBeLessThanOrEqual(maximum!);
      }
      if (/Path|File|Folders|model$/.test(name)) expect(scope, name).toBe("machine");
    }
    const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
    for (const name of restricted) expect(settingNames).toContain(name);
  });

  it("names files that exist", () => {
    const files = [
      manifest.icon,
      ...contributes.viewsContainers.activitybar.map(({ icon }) => icon),
      ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.svg)),
    ];
    for (const file of files) expect(existsSync(file), file).toBe(true);
  });

  it("links its settings' texts to commands that are there, and to no file outside the package", () => {
    const links = Object.entries(texts).filter(([key]) => key.startsWith("setting."));
    for (const [key, text] of links) {
      for (const [, command] of text.matchAll(/\]\(command:([\w.]+)\)/g))
        expect(Object.values(Command)).toContain(command);
      expect(text.replaceAll(/\]\(command:[\w.]+\)/g, "]"), key).not.toMatch(/\]\(|docs\/|\.md/);
    }
  });

  it("puts every command under one category", () => {
    for (const { category } of contributes.commands) expect(category).toBe("ROME");
  });
});

describe("translations", () => {
  it("l10n/bundle.l10n.json holds the texts of the code", () => {
    expect(() => execFileSync(process.execPath, ["scripts/l10n.mjs", "--check"], { encoding: "utf8" })).not.toThrow();
  });
});
