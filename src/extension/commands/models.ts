import { basename } from "node:path";
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { ModelEntry } from "../../protocol/engine.ts";
import { byteCount } from "../../text/amounts.ts";
import { Command } from "../contributions.ts";
import { EngineError } from "../engine/engineError.ts";
import { Rate } from "../experiment/rate.ts";
import type { ModelNode } from "../models/modelNode.ts";
import type { Services } from "../services.ts";
import { callOf } from "./callOf.ts";
import { CatalogueQuestion } from "./catalogue.ts";
import { modelPreparation } from "./prepareModel.ts";

type Needs = Pick<Services, "chosenModel" | "models" | "modelsTree" | "engine">;
type Choice = vscode.QuickPickItem & { choose: () => Promise<void> };

/** Commands that choose, add and fetch models. */
export function modelCommands({ chosenModel, models, modelsTree, engine }: Needs) {
  const question = new CatalogueQuestion(engine);
  const preparing = modelPreparation({ models, modelsTree, engine });

  async function use(folder: string): Promise<void> {
    refuseUntrusted(folder);
    const options = { location: vscode.ProgressLocation.Notification, cancellable: true };
    const opened = await vscode.window.withProgress(
      { ...options, title: t("Opening the model") },
      async (progress, token) => {
        const call = callOf(token, ({ phase }) => progress.report({ message: phase }));
        return models.use(folder, call);
      },
    );
    modelsTree.refresh();
    preparing.offer(opened);
  }

  async function chooseModel(): Promise<void> {
    const entries = models.list();
    const choices: Promise<Choice[]> = entries.then((list) => [
      ...list.map((entry) => toChoice(entry)),
      { label: t("$(folder-opened) Browse…"), alwaysShow: true, choose: browse },
      { label: t("$(cloud-download) Download…"), alwaysShow: true, choose: download },
      { label: t("$(file-binary) Unpack a GGUF File…"), alwaysShow: true, choose: unpack },
    ]);
    const choice = await vscode.window.showQuickPick(choices, {
      title: t("Choose Model"),
      placeHolder: t("The model to look into"),
      matchOnDescription: true,
      matchOnDetail: true,
    });
    await choice?.choose();
  }

  function toChoice(entry: ModelEntry): Choice {
    const { name, folder, usable, reason } = entry;
    const inUse = folder === chosenModel.folder ? t("in use") : "";
    return {
      label: usable ? name : `$(circle-slash) ${name}`,
      description: [inUse, byteCount(entry.bytes)].filter((part) => part !== "").join(" · "),
      detail: usable ? folder : reason,
      choose: async () => {
        if (!usable) throw new EngineError("checkpoint", t("{0} cannot be used: {1}", name, reason ?? ""));
        await use(folder);
      },
    };
  }

  async function browse(): Promise<void> {
    const folder = await askFolder(t("Open Model"));
    if (folder) await use(folder);
  }

  async function addFolder(): Promise<void> {
    const folder = await askFolder(t("Add Model Folder"));
    if (!folder) return;
    refuseUntrusted(folder);
    await models.addFolder(folder);
  }

  async function download(): Promise<void> {
    const model = await question.ask();
    if (model === "other") return downloadOther();
    if (model !== undefined) await add(model);
  }

  async function downloadOther(): Promise<void> {
    const answer = await vscode.window.showInputBox({
      ignoreFocusOut: true,
      title: t("Download Model"),
      prompt: t(
        "A model of the Hugging Face Hub, with a revision after @ if not the main one; or the path of a GGUF file",
      ),
      placeHolder: t("owner/name, owner/name@revision, or the path of a .gguf file"),
      validateInput: (text) =>
        /^[\w.-]+\/[\w.-]+(@[\w./-]+)?$|\.gguf$/i.test(text.trim())
          ? undefined
          : t("Type owner/name or owner/name@revision, or the path of a .gguf file."),
    });
    if (answer !== undefined) await add(answer.trim());
  }

  async function unpack(): Promise<void> {
    const options = { title: t("Unpack GGUF File"), filters: { GGUF: ["gguf"] } };
    const file = (await vscode.window.showOpenDialog(options))?.[0]?.fsPath;
    if (file) await add(file);
  }

  /** Brings a model of the Hub, or one that a GGUF file holds. */
  async function add(model: string): Promise<void> {
    const isFile = /\.gguf$/i.test(model);
    if (isFile) refuseUntrusted(model);
    const [repository = "", revision] = isFile ? [model] : model.split("@");
    const title = isFile ? t("Unpacking {0}", basename(model)) : t("Downloading {0}", model);
    const options = { location: vscode.ProgressLocation.Notification, cancellable: true, title };
    const { folder } = await vscode.window.withProgress(options, (progress, token) => {
      const rate = new Rate();
      let shown = 0;
      const call = callOf(token, ({ done, total }) => {
        const { secondsLeft } = rate.update(done, total);
        const amount = total > 0 ? t("{0} of {1}", byteCount(done), byteCount(total)) : byteCount(done);
        const left = secondsLeft === null ? "" : t(", about {0} min left", Math.ceil(secondsLeft / 60));
        const share = total > 0 ? (100 * done) / total : 0;
        progress.report({ message: amount + left, increment: share - shown });
        shown = share;
      });
      return engine.request("download", { repository, revision }, call);
    });
    modelsTree.refresh();
    const useIt = t("Use It");
    const done = isFile ? t("{0} is unpacked.", basename(model)) : t("{0} is downloaded.", repository);
    if ((await vscode.window.showInformationMessage(done, useIt)) === useIt) await use(folder);
  }

  return {
    [Command.chooseModel]: chooseModel,
    // A file that is dropped on the Models view comes along.
    [Command.downloadModel]: (file?: unknown) => (typeof file === "string" ? add(file) : download()),
    [Command.prepareModel]: preparing.prepare,
    [Command.addModelFolder]: addFolder,
    [Command.refreshModels]: async () => {
      await models.describe();
      modelsTree.refresh();
    },
    [Command.useModel]: async (node?: ModelNode) => {
      if (node?.kind === "model") await use(node.entry.folder);
    },
    [Command.removeModelFolder]: async (node?: ModelNode) => {
      if (node?.kind === "folder") await models.removeFolder(node.folder);
    },
  };
}

/** In Restricted Mode nothing from the workspace is opened as a model. */
function refuseUntrusted(folder: string): void {
  const inWorkspace = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(folder)) !== undefined;
  if (vscode.workspace.isTrusted || !inWorkspace) return;
  throw new EngineError(
    "input",
    t("This folder belongs to a workspace in Restricted Mode. Trust the workspace to open models from it."),
  );
}

async function askFolder(title: string): Promise<string | undefined> {
  const options = { title, canSelectFiles: false, canSelectFolders: true };
  return (await vscode.window.showOpenDialog(options))?.[0]?.fsPath;
}
