import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { direction } from "../../text/words.ts";
import type { EditStore, LiveEdit } from "../results/editStore.ts";

/** Of edits that are on: says that their names are flipped already, and offers to switch them off. */
export async function offerBack(live: readonly LiveEdit[], edits: Pick<EditStore, "set">): Promise<void> {
  const [first] = live;
  if (!first) return;
  const told =
    live.length === 1
      ? t("{0} is flipped already, {1}.", first.name, direction(first.said, first.says))
      : t("{0} names are flipped already: {1}.", live.length, live.map(({ name }) => name).join(", "));
  const back = t("Flip Back");
  if ((await vscode.window.showInformationMessage(told, back)) !== back) return;
  edits.set(
    live.map(({ id }) => id),
    false,
  );
}
