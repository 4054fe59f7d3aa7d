import { config, t } from "@vscode/l10n";
import * as vscode from "vscode";
import { writeNumbersIn } from "../text/numbers.ts";
import { registerAgents } from "./agents/agents.ts";
import { conceptCommands } from "./commands/concepts.ts";
import { editCommands } from "./commands/edits.ts";
import { experimentCommands } from "./commands/experiment.ts";
import { historyCommands } from "./commands/history.ts";
import { modelCommands } from "./commands/models.ts";
import { resultCommands } from "./commands/results.ts";
import { savedEditCommands } from "./commands/savedEdits.ts";
import { supportCommands } from "./commands/support.ts";
import { connectServices } from "./connections.ts";
import { ContextKeys } from "./contextKeys.ts";
import { type Command, editFileViewType } from "./contributions.ts";
import { ExperimentFiles } from "./language/experimentFiles.ts";
import { NameHovers } from "./language/hovers.ts";
import { ScoreHints } from "./language/scoreHints.ts";
import { WrongNames } from "./language/wrongNames.ts";
import type { LiveEdit } from "./results/editStore.ts";
import type { Services } from "./services.ts";
import { shippedNamesScheme } from "./ui/shippedNames.ts";
import { ConceptsTree } from "./views/conceptsTree.ts";
import { EditsTree } from "./views/editsTree.ts";
import { JobsTree } from "./views/jobsTree.ts";
import { RecordingItem } from "./views/recordingItem.ts";
import { StatusItem } from "./views/statusItem.ts";
import { buildServices } from "./wiring.ts";

/** Wires the extension. Nothing here starts the engine or reads a large file. */
export function activate(context: vscode.ExtensionContext): void {
  const begin = performance.now();
  if (vscode.l10n.bundle) config({ contents: vscode.l10n.bundle });
  writeNumbersIn(vscode.env.language);
  const log = vscode.window.createOutputChannel("ROME", { log: true });
  context.subscriptions.push(log);
  try {
    const services = buildServices(context, log);
    context.subscriptions.push(
      ...registerCommands(services, context.extension),
      ...connectServices(services),
      new ContextKeys(services),
      new EditsTree(
        services.edits,
        services.restored,
        (edit) => void services.errors.guard(() => revealEdit(edit, services)),
      ),
      new ConceptsTree(services.concepts),
      new JobsTree(services.cluster),
      new RecordingItem(services.experiments),
      new StatusItem(services.engine, services.chosenModel, services.edits),
      ...registerLanguageFeatures(services),
      ...registerAgents(context, services.workplace, services.settings, log),
    );
    const duration = performance.now() - begin;
    services.timings.add("activation", duration);
    log.info(`Activated in ${duration.toFixed(1)} ms.`);
  } catch (error) {
    log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    void vscode.window.showErrorMessage(t("ROME could not start: {0}", String(error)));
    throw error;
  }
}

/** Every command of the manifest has its handler here; the type says when one is missing. */
function registerCommands(services: Services, extension: vscode.Extension<unknown>): vscode.Disposable[] {
  const handlers = {
    ...conceptCommands(services),
    ...editCommands(services),
    ...experimentCommands(services),
    ...historyCommands(services),
    ...modelCommands(services),
    ...resultCommands(services),
    ...savedEditCommands(services),
    ...supportCommands(services, extension),
  } satisfies Record<Command, (argument?: never) => unknown>;
  return Object.entries<(argument: never) => unknown>(handlers).map(([command, handler]) =>
    vscode.commands.registerCommand(command, (argument: never) =>
      services.errors.guard(async () => {
        await services.restored;
        return handler(argument);
      }),
    ),
  );
}

function registerLanguageFeatures({
  names,
  settings,
  reports,
  timings,
  engine,
  concepts,
  namesFile,
  errors,
}: Services): vscode.Disposable[] {
  const everywhere = [
    { scheme: "file" },
    { scheme: "untitled" },
    { scheme: "vscode-remote" },
    { scheme: shippedNamesScheme },
  ];
  const hints = new ScoreHints(names, settings, reports);
  return [
    vscode.languages.registerHoverProvider(everywhere, new NameHovers(names, settings, timings)),
    vscode.languages.registerInlayHintsProvider(everywhere, hints),
    hints,
    new WrongNames(names, settings, reports),
    new ExperimentFiles(engine, concepts, namesFile, settings, errors),
  ];
}

/** Shows where an edit of the tree comes from: its file, or its card. */
async function revealEdit({ id, file }: LiveEdit, { resultsView }: Services): Promise<void> {
  if (file === undefined) await resultsView.reveal(id);
  else await vscode.commands.executeCommand("vscode.openWith", vscode.Uri.file(file), editFileViewType);
}
