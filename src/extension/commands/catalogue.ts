import { freemem } from "node:os";
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { Result } from "../../protocol/engine.ts";
import { type CatalogueEntry, catalogue, costOf, largeDownload, sizeOf } from "../models/catalogue.ts";
import type { Services } from "../services.ts";

type Speed = Result<"speed">;
type Line = vscode.QuickPickItem & { entry?: CatalogueEntry };

/** Asks which model to download; the catalogue is there at once, and its times once this machine was measured. */
export class CatalogueQuestion {
  #speed: Promise<Speed> | undefined;

  constructor(private readonly engine: Services["engine"]) {}

  /** @returns undefined for none, "other" for one that is not listed, else what to fetch */
  async ask(): Promise<string | undefined> {
    const free = freemem();
    const pick = vscode.window.createQuickPick<Line>();
    pick.title = t("Download Model");
    pick.placeholder = t("Models that are known to work; figures are estimates for this machine");
    pick.ignoreFocusOut = true;
    let known: Speed | undefined;
    const show = () => {
      const [active] = pick.activeItems;
      const lines = linesOf(free, known);
      pick.items = lines;
      pick.activeItems = lines.filter(({ label }) => label === active?.label);
    };
    show();
    pick.busy = true;
    const answer = new Promise<Line | undefined>((resolve) => {
      pick.onDidAccept(() => {
        resolve(pick.selectedItems[0]);
        pick.hide();
      });
      pick.onDidHide(() => resolve(undefined));
    });
    pick.show();
    // The models can be fetched without times, too.
    void this.#measure().then(
      (speed) => {
        known = speed;
        show();
        pick.busy = false;
      },
      () => {
        pick.busy = false;
      },
    );
    const chosen = await answer;
    pick.dispose();
    if (!chosen) return undefined;
    return chosen.entry ? confirmed(chosen.entry, costOf(chosen.entry, free, known)) : "other";
  }

  /** Once a window; a failed try is tried again. */
  #measure(): Promise<Speed> {
    this.#speed ??= this.engine.request("speed", {}).catch((error: unknown) => {
      this.#speed = undefined;
      throw error;
    });
    return this.#speed;
  }
}

function linesOf(free: number, speed: Speed | undefined): Line[] {
  return [
    ...catalogue().map((entry) => ({
      label: entry.repository,
      description: entry.about,
      detail: costOf(entry, free, speed),
      entry,
    })),
    { label: t("Another model, or a GGUF file…"), alwaysShow: true },
  ];
}

/** A large one is asked about once more. */
async function confirmed(entry: CatalogueEntry, detail: string): Promise<string | undefined> {
  const { repository, revision } = entry;
  const get = t("Download");
  if (sizeOf(entry) > largeDownload) {
    const question = t("Download {0}?", repository);
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, get)) !== get) return undefined;
  }
  return revision === undefined ? repository : `${repository}@${revision}`;
}
