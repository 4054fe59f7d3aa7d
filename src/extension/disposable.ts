import type { Disposable } from "vscode";

/** Base of everything that holds resources: what is registered is released with it, newest first. */
export abstract class DisposableBase implements Disposable {
  readonly #owned: Disposable[] = [];

  protected register<T extends Disposable>(disposable: T): T {
    this.#owned.push(disposable);
    return disposable;
  }

  dispose(): void {
    for (const disposable of this.#owned.splice(0).reverse()) disposable.dispose();
  }
}
