import * as vscode from "vscode";
import { ContextKey } from "./contributions.ts";
import { DisposableBase } from "./disposable.ts";
import type { Services } from "./services.ts";

/** Keeps the context keys of the manifest's `when` clauses in step with the state. */
export class ContextKeys extends DisposableBase {
  readonly #set = new Map<ContextKey, boolean>();

  constructor(
    private readonly services: Pick<Services, "results" | "edits" | "reports" | "experiments" | "cluster" | "concepts">,
  ) {
    super();
    const { results, edits, reports, experiments, cluster, concepts } = services;
    for (const source of [results, edits, reports, experiments, cluster, concepts]) {
      this.register(source.onDidChange(() => this.#update()));
    }
    this.#update();
  }

  #update(): void {
    const { results, edits, reports, experiments, cluster, concepts } = this.services;
    this.#assign(ContextKey.hasResults, results.cards.length > 0);
    this.#assign(ContextKey.hasEditsOn, edits.on.length > 0);
    this.#assign(ContextKey.hasVector, reports.report !== null);
    this.#assign(ContextKey.recording, experiments.isRunning);
    this.#assign(ContextKey.otherConcept, concepts.file !== undefined);
    this.#assign(ContextKey.hasJobs, cluster.works.length > 0);
  }

  #assign(key: ContextKey, value: boolean): void {
    if (this.#set.get(key) === value) return;
    this.#set.set(key, value);
    void vscode.commands.executeCommand("setContext", key, value);
  }
}
