import { t } from "@vscode/l10n";
import * as vscode from "vscode";

/** How an experiment is handed to Slurm. */
export interface SlurmPlace {
  readonly shards: number;
  /** Of sbatch. */
  readonly flags: string[];
}

const most = 100_000;

/** Asks where to record; undefined when the user gives up. */
export async function askPlace(): Promise<"here" | SlurmPlace | undefined> {
  const here = { label: t("This Machine") };
  const slurm = { label: t("Slurm…"), description: t("an array of jobs on the cluster") };
  const place = await vscode.window.showQuickPick([here, slurm], { placeHolder: t("Where is it recorded?") });
  if (place !== slurm) return place === here ? "here" : undefined;
  const shards = await vscode.window.showInputBox({
    ignoreFocusOut: true,
    prompt: t("Into how many shards, each a task of the array?"),
    value: "8",
    validateInput: (text) =>
      /^[1-9]\d*$/.test(text.trim()) && Number(text) <= most ? undefined : t("A whole number from 1."),
  });
  if (shards === undefined) return undefined;
  const flags = await vscode.window.showInputBox({
    ignoreFocusOut: true,
    prompt: t("Flags of sbatch, for all jobs: partition, time, memory"),
    placeHolder: "--partition main --time 2:00:00",
  });
  if (flags === undefined) return undefined;
  return { shards: Number(shards), flags: flags.split(/\s+/).filter((flag) => flag !== "") };
}
