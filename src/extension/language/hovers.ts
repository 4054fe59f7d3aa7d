import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { fixed, percent, signed } from "../../text/numbers.ts";
import { Command } from "../contributions.ts";
import type { Settings } from "../settings.ts";
import type { Timings } from "../timings.ts";
import { hoverPicture, palettes } from "./hoverPicture.ts";
import type { KnownName, KnownNames } from "./knownNames.ts";
import { wordPattern } from "./names.ts";

/** Tells of a known name what is on record. Never asks the model: it offers commands that do. */
export class NameHovers implements vscode.HoverProvider {
  constructor(
    private readonly names: KnownNames,
    private readonly settings: Settings,
    private readonly timings: Timings,
  ) {}

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    if (!this.settings.get("rome.hover.enabled") || !this.settings.coversLanguage(document.languageId))
      return undefined;
    const begin = performance.now();
    const range = document.getWordRangeAtPosition(position, wordPattern);
    const known = range && this.names.find(document.getText(range));
    if (!known) return undefined;
    const hover = new vscode.Hover(this.#markdown(known), range);
    this.timings.add("hover", performance.now() - begin);
    return hover;
  }

  #markdown({ name, says, on, point, report, expected }: KnownName): vscode.MarkdownString {
    const markdown = new vscode.MarkdownString();
    markdown.isTrusted = {
      enabledCommands: [Command.flip, Command.applyVector, Command.openLab, Command.explainFigures, Command.switchOff],
    };
    markdown.appendMarkdown(`**${name}** · ${says ? this.#says(says) : t("not recorded")}`);
    if (on.length > 0) {
      const off = commandLink(t("switch off"), Command.switchOff, { ids: on.map(({ id }) => id) });
      markdown.appendMarkdown(` · $(edit) ${t("with its edit now {0}", `**${plain(on[0]?.says ?? "")}**`)} · ${off}`);
    }
    if (expected) markdown.appendMarkdown(` · $(warning) ${t("the names file says {0}", expected)}`);
    markdown.supportThemeIcons = true;
    if (point && report) {
      const picture = hoverPicture(report, point, palettes[paletteName()]);
      const alt = t("Where its Δv lies among {0} others", report.points.length);
      markdown.appendMarkdown(`\n\n![${alt}](${picture})\n\n`);
      const deviation = fixed(report.vector.projectionDeviation);
      const figures = [
        t("classifier score {0}", signed(point.score, 2)),
        t("projection {0} (σ {1})", signed(point.projection), deviation),
        `‖Δv‖ ${fixed(point.deltaNorm)}`,
      ];
      markdown.appendMarkdown(figures.join(" · "));
    }
    const links = [
      commandLink(t("Flip"), Command.flip, { names: [name] }),
      ...(this.names.report
        ? [
            commandLink(t("Apply +g"), Command.applyVector, { names: [name], sign: 1 }),
            commandLink(t("Apply −g"), Command.applyVector, { names: [name], sign: -1 }),
          ]
        : []),
      commandLink(t("Open in lab"), Command.openLab, { name }),
      commandLink(t("Open the lens"), Command.openLab, { name, tab: "lens" }),
    ];
    markdown.appendMarkdown(`\n\n${links.join(" · ")}`);
    if (point) {
      markdown.appendMarkdown(`\n\n${commandLink(t("What do these figures mean?"), Command.explainFigures, {})}`);
    }
    return markdown;
  }

  #says({ label, probability }: NonNullable<KnownName["says"]>): string {
    const word = `**${label}**`;
    return probability === undefined
      ? t("the model says {0}", word)
      : t("the model says {0} ({1})", word, percent(probability));
  }
}

/** What a file may hold, without what Markdown would make of it. */
function plain(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} –]/gu, "");
}

function commandLink(text: string, command: Command, argument: unknown): string {
  return `[${text}](command:${command}?${encodeURIComponent(JSON.stringify([argument]))})`;
}

function paletteName(): keyof typeof palettes {
  switch (vscode.window.activeColorTheme.kind) {
    case vscode.ColorThemeKind.Light:
      return "light";
    case vscode.ColorThemeKind.HighContrast:
      return "highContrastDark";
    case vscode.ColorThemeKind.HighContrastLight:
      return "highContrastLight";
    default:
      return "dark";
  }
}
