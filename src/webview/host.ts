/** The view's end of the boundary: intents out, validated messages in, and the little state that outlives a reload. */
import { config } from "@vscode/l10n";
import * as v from "valibot";
import { writeNumbersIn } from "../text/numbers.ts";

/** What the editor injects into every webview. */
declare function acquireVsCodeApi(): {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
};

export interface Host<Intent, State> {
  post(intent: Intent): void;
  /** Selection and layout as last saved; the default when nothing valid was. */
  readonly state: State;
  save(change: Partial<State>): void;
}

/** Translations come as JSON in `<meta name="l10n">`; without it the English in the code is what shows. */
function loadTranslations(): void {
  const contents = document.querySelector('meta[name="l10n"]')?.getAttribute("content");
  if (contents) config({ contents });
  writeNumbersIn(document.documentElement.lang);
}

/**
 * Connects the page to its host.
 *
 * @param receive called with each message that its schema accepts; others are dropped with a warning in the console
 * @param layout schema of the saved state, every entry with a fallback, so that an older state never breaks the view
 */
export function connect<M extends v.GenericSchema, S extends v.GenericSchema<unknown, object>, Intent>(
  message: M,
  receive: (message: v.InferOutput<M>) => void,
  layout: S,
): Host<Intent, v.InferOutput<S>> {
  loadTranslations();
  const api = acquireVsCodeApi();
  const saved = v.safeParse(layout, api.getState() ?? {});
  let state: v.InferOutput<S> = saved.success ? saved.output : v.parse(layout, {});
  window.addEventListener("message", (event) => {
    const parsed = v.safeParse(message, event.data);
    if (parsed.success) receive(parsed.output);
    else console.warn("Dropped a message that does not match the protocol:", v.flatten(parsed.issues));
  });
  return {
    post: (intent) => api.postMessage(intent),
    get state() {
      return state;
    },
    save(change) {
      state = { ...state, ...change };
      api.setState(state);
    },
  };
}

/** The element the page is drawn into: `<main id="app">` of the served page. */
export function pageRoot(): HTMLElement {
  const root = document.getElementById("app");
  if (!root) throw new Error("The page has no element with the id “app”.");
  return root;
}
