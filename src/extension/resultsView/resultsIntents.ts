import * as vscode from "vscode";
import type { ResultsIntent } from "../../protocol/resultsView.ts";
import { Command } from "../contributions.ts";
import { toJson, toMarkdown } from "../results/formats.ts";
import type { Services } from "../services.ts";
import { revealName } from "../ui/names.ts";

/** Does what the Results view asks for. */
export async function handleResultsIntent(intent: ResultsIntent, services: Services): Promise<void> {
  const { runner, results, edits, resultsView, namesFile } = services;
  switch (intent.type) {
    case "ready":
      return;
    case "flip":
      await vscode.commands.executeCommand(Command.flip);
      return;
    case "again":
      return runner.again(intent.id, { started: ([id]) => id && void resultsView.reveal(id) });
    case "cancel":
      return runner.cancel(intent.id);
    case "toggle":
      return edits.set([intent.id], intent.on);
    case "undoAll":
      await vscode.commands.executeCommand(Command.undoAll);
      return;
    case "openLab":
      await vscode.commands.executeCommand(Command.openLab, { cardId: intent.id });
      return;
    case "nearest":
      return runner.findNearest(intent.id);
    case "copy": {
      const card = results.find(intent.id);
      if (card) await vscode.env.clipboard.writeText(intent.format === "json" ? toJson([card]) : toMarkdown([card]));
      return;
    }
    case "remove":
      await vscode.commands.executeCommand(Command.removeEdit, { id: intent.id });
      return;
    case "revealPlace": {
      const card = results.find(intent.id);
      if (!card || card.kind === "completion" || !card.origin) return;
      const { uri, line, character } = card.origin;
      const selection = new vscode.Range(line, character, line, character + card.name.length);
      await vscode.window.showTextDocument(vscode.Uri.parse(uri), { selection });
      return;
    }
    case "revealName":
      return revealName(intent.name, namesFile);
    case "showLog":
      return services.log.show();
    default:
      intent satisfies never;
  }
}
