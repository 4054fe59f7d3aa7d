import * as vscode from "vscode";
import { type Settings as SettingTypes, settingNames } from "./contributions.ts";
import { DisposableBase } from "./disposable.ts";

type SettingName = keyof SettingTypes;

/** The user's settings, read anew each time, so that a change needs no reload. */
export class Settings extends DisposableBase {
  readonly #changed = this.register(new vscode.EventEmitter<ReadonlySet<SettingName>>());
  /** The settings that have just changed. */
  readonly onDidChange = this.#changed.event;

  constructor() {
    super();
    this.register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        const names = settingNames.filter((name) => event.affectsConfiguration(name));
        if (names.length > 0) this.#changed.fire(new Set(names));
      }),
    );
  }

  get<N extends SettingName>(name: N): SettingTypes[N] {
    return vscode.workspace.getConfiguration().get(name) as SettingTypes[N];
  }

  /** Writes the user's setting (machine-scoped ones go to this machine's settings). */
  async set<N extends SettingName>(name: N, value: SettingTypes[N]): Promise<void> {
    await vscode.workspace.getConfiguration().update(name, value, vscode.ConfigurationTarget.Global);
  }

  /** Whether names are to be looked for in documents of this language. */
  coversLanguage(languageId: string): boolean {
    const languages = this.get("rome.languages");
    return languages.includes("*") || languages.includes(languageId);
  }
}
