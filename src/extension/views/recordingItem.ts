import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { Recording } from "../../protocol/labExperiment.ts";
import { duration } from "../../text/amounts.ts";
import { outOf } from "../../text/numbers.ts";
import { Command } from "../contributions.ts";
import { DisposableBase } from "../disposable.ts";
import type { Experiments } from "../experiment/experiments.ts";

/**
 * How far a recording is, in the status bar, whether or not the lab is open. A click offers to cancel it. It does not
 * spin: the engine's item beside it does, as for all work.
 */
export class RecordingItem extends DisposableBase {
  constructor(experiments: Experiments) {
    super();
    const item = this.register(vscode.window.createStatusBarItem("recording", vscode.StatusBarAlignment.Right, 101));
    item.name = t("ROME: Recording");
    item.command = Command.stopRecording;
    item.tooltip = t("The experiment is being recorded. Click to cancel it or to open the lab.");
    this.register(
      experiments.onDidChange(() => {
        const { recording } = experiments;
        if (recording.state !== "running") return item.hide();
        item.text = `$(record) ${recordingText(recording)}`;
        item.show();
      }),
    );
  }
}

/** A running recording in one line. */
export function recordingText(recording: Extract<Recording, { state: "running" }>): string {
  const { phase, done, total, secondsLeft } = recording;
  if (phase === "analyze") return t("Training the classifier");
  // Before the first progress nobody knows how many.
  const counted = total > 0 ? outOf(done, total) : "…";
  const what = phase === "record" ? t("Recording {0}", counted) : t("Trying the vector {0}", counted);
  return secondsLeft === null ? what : `${what} · ${t("about {0} left", duration(secondsLeft))}`;
}
