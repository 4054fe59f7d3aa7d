import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { isName, notName, whatNamesAre } from "../../protocol/name.ts";
import { type Phrase, worded } from "../../protocol/phrase.ts";
import { readersWriting } from "../../text/readersWriting.ts";
import { EngineError } from "../engine/engineError.ts";
import type { KnownNames } from "../language/knownNames.ts";
import { namesIn, namesInTable, splitNames, wordPattern } from "../language/names.ts";
import { type Origin, type ResultCard, subjectOf } from "../results/cards.ts";

/** Names that one batch may hold; the experiment is the way to more. */
const mostNames = 1000;
const recentNames = 12;
const mostSuggestions = 50;

/** What to ask when the editor gives no name. */
interface Question {
  title: string;
  placeholder: string;
}

/** What the user can be offered without asking the model. */
export interface NameSources {
  names: KnownNames;
  cards: readonly ResultCard[];
}

/**
 * The names a command is about: a selected list of names, those of a headed table or the known names of selected code
 * or prose (confirmed where there are several), the known name at the cursor, else the user's answer.
 */
export async function askNames(question: Question, sources: NameSources): Promise<string[] | undefined> {
  const editor = vscode.window.activeTextEditor;
  const { listed, found, isHeaded } = editor
    ? namesInEditor(editor, sources.names)
    : { listed: [], found: [], isHeaded: false };
  const together = [...new Set([...listed, ...found])];
  if (together.length === 0) return pickNames(question, sources, editor && wordAt(editor));
  // A capital letter makes no name: `None`, a heading, the head of a column.
  const isKnown = (name: string) => isHeaded || sources.names.find(name) !== undefined;
  const isPicked = (!isHeaded && found.length === 0) || together.length === 1;
  if (isPicked && together.every(isKnown)) return checkNames(together);
  return confirmNames(question, checkNames(together), isKnown);
}

/**
 * The names among these, trimmed, each once.
 *
 * @throws EngineError `input` when none of them is a name, or there are too many
 */
export function checkNames(candidates: readonly string[]): string[] {
  const names = [...new Set(candidates.map((name) => name.trim()))].filter(isName);
  if (names.length === 0) throw new EngineError("input", problemWith(candidates[0] ?? ""));
  if (names.length > mostNames) {
    throw new EngineError(
      "input",
      t('These are {0} names; select at most {1}, or run "ROME: Record Experiment" for more.', names.length, mostNames),
    );
  }
  return names;
}

/** Where names stand in the selections of the active editor, or in the lines of its cursors. */
export function originsOf(names: readonly string[]): Map<string, Origin> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return new Map();
  const { document, selections } = editor;
  const uri = document.uri.toString();
  const origins = new Map<string, Origin>();
  for (const { start, end } of selections) {
    const range = new vscode.Range(start.line, 0, end.line, document.lineAt(end.line).text.length);
    const text = document.getText(range);
    for (const name of names) {
      const at = text.indexOf(name);
      if (at < 0 || origins.has(name)) continue;
      const { line, character } = document.positionAt(document.offsetAt(range.start) + at);
      origins.set(name, { uri, line, character });
    }
  }
  return origins;
}

/** The known name under the cursor of the active editor. */
export function nameAtCursor(known: KnownNames): string | undefined {
  const { document, selection } = vscode.window.activeTextEditor ?? {};
  const word = selection && document?.getWordRangeAtPosition(selection.active, wordPattern);
  const name = word && document?.getText(word);
  return name !== undefined && known.find(name) ? name : undefined;
}

/** The word under the cursor, if it can be a name. */
function wordAt({ document, selection }: vscode.TextEditor): string {
  const range = selection.isEmpty ? document.getWordRangeAtPosition(selection.active, wordPattern) : undefined;
  const word = range ? document.getText(range) : "";
  return isName(word) ? word : "";
}

/** Of a word under the cursor only a known name: anything else may be `def` or `return`. */
function namesInEditor({ document, selections }: vscode.TextEditor, known: KnownNames) {
  const isTable = /\.[ct]sv$/i.test(document.fileName) || ["csv", "tsv"].includes(document.languageId);
  const isKnown = (name: string) => known.find(name) !== undefined;
  const parts = selections.map((selection) => {
    if (selection.isEmpty) {
      const word = document.getWordRangeAtPosition(selection.active, wordPattern);
      const name = word && document.getText(word);
      return { listed: name !== undefined && isKnown(name) ? [name] : [], found: [], isHeaded: false };
    }
    const text = document.getText(selection);
    return isTable ? namesInTable(text) : namesIn(text, isKnown);
  });
  return {
    listed: [...new Set(parts.flatMap(({ listed }) => listed))],
    found: [...new Set(parts.flatMap(({ found }) => found))],
    isHeaded: parts.every(({ isHeaded }) => isHeaded),
  };
}

/** Which of the names that stand in the text are meant. */
async function confirmNames(
  { title }: Question,
  names: readonly string[],
  isKnown: (name: string) => boolean,
): Promise<string[] | undefined> {
  const someKnown = names.some(isKnown);
  const items = names.map((label) => ({ label, picked: isKnown(label) || !someKnown }));
  const options = { title, placeHolder: t("Names in the selection"), canPickMany: true as const, ignoreFocusOut: true };
  const chosen = await vscode.window.showQuickPick(items, options);
  return chosen && chosen.length > 0 ? chosen.map(({ label }) => label) : undefined;
}

/**
 * Typed text, completed from the known names, or one of the last names; typing shows at once what is wrong with it.
 *
 * @param word under the cursor, which is no known name: it stands there to be taken or typed over
 */
function pickNames(
  { title, placeholder }: Question,
  { names: known, cards }: NameSources,
  word = "",
): Promise<string[] | undefined> {
  const unknown = word === "" ? undefined : t("“{0}” is not a known name: take it all the same, or type another", word);
  const subjects = cards.filter(({ kind }) => kind !== "completion").map(subjectOf);
  const recent = [...new Set(subjects)].slice(0, recentNames);
  const pick = vscode.window.createQuickPick<vscode.QuickPickItem & { names: string[] }>();
  pick.title = title;
  pick.ignoreFocusOut = true;
  pick.placeholder = unknown ?? placeholder;
  const item = (names: string[]) => ({ label: names.join(", "), alwaysShow: true, names });
  const offer = (text: string) => {
    const typed = splitNames(text);
    const wrong = typed.find((name) => !isName(name));
    const answer = {
      ...item(typed),
      // The placeholder is hidden as long as a value stands before it.
      ...(unknown !== undefined && text === word && { detail: unknown }),
      ...(wrong !== undefined && {
        names: [],
        label: `$(error) ${said(notName(wrong))}`,
        detail: said(whatNamesAre),
      }),
    };
    const begun = (typed.at(-1) ?? "").toLowerCase();
    const before = typed.slice(0, -1);
    const further = known.all
      .filter((name) => name.toLowerCase().startsWith(begun) && !typed.includes(name))
      .slice(0, mostSuggestions)
      .map((name) => item([...before, name]));
    const others = recent.filter((name) => !typed.includes(name)).map((name) => ({ label: name, names: [name] }));
    pick.items = typed.length > 0 ? [answer, ...further] : [...others, ...further];
  };
  pick.value = word;
  offer(word);
  return new Promise((resolve) => {
    pick.onDidChangeValue(offer);
    pick.onDidAccept(() => {
      // Enter may come before the list has followed the typing; then nothing is selected yet, and the text counts.
      const typed = splitNames(pick.value);
      const names = pick.selectedItems[0]?.names ?? (typed.every(isName) ? typed : []);
      if (names.length === 0) return;
      resolve(names);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

function problemWith(text: string): string {
  return `${said(notName(text))} ${said(whatNamesAre)}`;
}

/** A phrase in the user's language. */
function said(phrase: Phrase): string {
  return worded(phrase, readersWriting);
}
