import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { isName } from "../../protocol/name.ts";
import { EngineError } from "../engine/engineError.ts";
import { firstColumn, splitNames, wordPattern } from "../language/names.ts";
import { type ResultCard, subjectOf } from "../results/cards.ts";

/** Names that one batch may hold; the experiment is the way to more. */
const mostNames = 1000;
const recentNames = 12;

/** What to ask when the editor gives no name. */
interface Question {
  title: string;
  placeholder: string;
}

/** The names a command is about: the selections, else the words at the cursors, else the user's answer. */
export async function askNames(question: Question, cards: readonly ResultCard[]): Promise<string[] | undefined> {
  const editor = vscode.window.activeTextEditor;
  const found = editor ? namesInEditor(editor) : [];
  if (found.length > 0) return checkNames(found);
  const recent = [...new Set(cards.filter(({ kind }) => kind !== "completion").map(subjectOf))].slice(0, recentNames);
  return pickNames(question, recent);
}

/**
 * @throws EngineError `input` when none of them is a name, or there are too many
 */
export function checkNames(candidates: readonly string[]): string[] {
  const names = candidates.filter(isName);
  if (names.length === 0) throw new EngineError("input", problemWith(candidates[0] ?? ""));
  if (names.length > mostNames) {
    throw new EngineError(
      "input",
      t('These are {0} names; select at most {1}, or run "ROME: Record Experiment" for more.', names.length, mostNames),
    );
  }
  return names;
}

function namesInEditor({ document, selections }: vscode.TextEditor): string[] {
  const isTable = /\.[ct]sv$/i.test(document.fileName) || ["csv", "tsv"].includes(document.languageId);
  const split = isTable ? firstColumn : splitNames;
  const found = selections.flatMap((selection) => {
    if (!selection.isEmpty) return split(document.getText(selection));
    const word = document.getWordRangeAtPosition(selection.active, wordPattern);
    return word ? [document.getText(word)] : [];
  });
  return [...new Set(found)];
}

/** Typed text, or one of the last names; typing shows at once what is wrong with it. */
function pickNames({ title, placeholder }: Question, recent: readonly string[]): Promise<string[] | undefined> {
  const pick = vscode.window.createQuickPick<vscode.QuickPickItem & { names: string[] }>();
  pick.title = title;
  pick.ignoreFocusOut = true;
  pick.placeholder = placeholder;
  const offer = (text: string) => {
    const typed = splitNames(text);
    const wrong = typed.find((name) => !isName(name));
    const answer = { label: typed.join(", "), alwaysShow: true, names: wrong === undefined ? typed : [] };
    const typedItem = { ...answer, ...(wrong === undefined ? {} : { label: `$(error) ${problemWith(wrong)}` }) };
    const others = recent.filter((name) => !typed.includes(name)).map((name) => ({ label: name, names: [name] }));
    pick.items = typed.length > 0 ? [typedItem, ...others] : others;
  };
  offer("");
  return new Promise((resolve) => {
    pick.onDidChangeValue(offer);
    pick.onDidAccept(() => {
      const names = pick.selectedItems[0]?.names ?? [];
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
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return t('"{0}" is not a name: use letters, spaces, apostrophes, hyphens and dots, at most 60 characters.', shown);
}
