import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { isCancelled, messageOf } from "./engine/engineError.ts";

/** The one way an error reaches the user: its words with "Show Log", the stack in the log. What was cancelled is silent. */
export class ErrorReporter {
  constructor(private readonly log: vscode.LogOutputChannel) {}

  report(error: unknown): void {
    if (isCancelled(error)) return;
    this.record(error);
    const showLog = t("Show Log");
    void vscode.window.showErrorMessage(messageOf(error), showLog).then((choice) => {
      if (choice === showLog) this.log.show();
    });
  }

  /** Logs an error that the user sees elsewhere. */
  record(error: unknown): void {
    if (isCancelled(error)) return;
    this.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  /** Runs something whose failure the user is to hear of; its result is undefined then. */
  async guard<T>(action: () => Promise<T> | T): Promise<T | undefined> {
    try {
      return await action();
    } catch (error) {
      this.report(error);
      return undefined;
    }
  }
}
