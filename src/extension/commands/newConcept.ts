import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { isName } from "../../protocol/name.ts";
import { conceptSuffix } from "../concepts/concepts.ts";
import { answerIn, answersOf, conceptText, type NewConcept, namesText, slugOf } from "../concepts/conceptText.ts";
import { EngineError } from "../engine/engineError.ts";
import { namesIn, namesOfTable, splitNames } from "../language/names.ts";
import type { Services } from "../services.ts";
import { saveDialog } from "../ui/files.ts";

type Needs = Pick<Services, "engine" | "models" | "names">;

const title = () => t("New Concept");
/** The answers that are proposed, and the prompt that fits them; other answers begin with one that asks for nothing yet. */
const proposed = { answers: "London, Paris", prompt: "Name: {}. Location:", otherPrompt: "{} is" };
/** Names that the model is asked about to see whether it knows the concept. */
const asked = 12;
/** Names that the model itself is asked to sort, at most. */
const mostSorted = 500;

/** Asks for a concept, checks it with the model and writes it; the path of its file, undefined when it was given up. */
export async function makeConcept(services: Needs): Promise<string | undefined> {
  const answers = await ask(t("Two answers, with a comma between them"), proposed.answers, (text) =>
    answersOf(text) ? undefined : t("Type two different answers with a comma between them."),
  );
  const labels = answers === undefined ? undefined : answersOf(answers);
  if (!labels) return undefined;
  const prompt = await ask(
    t("The prompt that they answer, with {} where the name goes"),
    answers === proposed.answers ? proposed.prompt : proposed.otherPrompt,
    (text) =>
      text.split("{}").length !== 2
        ? t("The prompt needs exactly one {} where the name goes.")
        : text !== text.trimEnd()
          ? t("The prompt ends without a space: the answer begins with it.")
          : undefined,
  );
  if (prompt === undefined) return undefined;
  const names = await namesFor(labels, prompt, services);
  if (!names) return undefined;
  const concept = { labels, prompt, names };
  return (await confirm(concept, services)) ? save(concept) : undefined;
}

function ask(prompt: string, value: string, validateInput: (text: string) => string | undefined) {
  return vscode.window.showInputBox({ ignoreFocusOut: true, title: title(), prompt, value, validateInput });
}

/** The names with the answer that each is to have: as the user sorts them, or as the model does. */
async function namesFor(labels: NewConcept["labels"], prompt: string, services: Needs) {
  const editor = vscode.window.activeTextEditor;
  const isKnown = (name: string) => services.names.find(name) !== undefined;
  const { listed, found } = editor
    ? namesIn(editor.document.getText(editor.selection), isKnown)
    : { listed: [], found: [] };
  const selected = [...listed, ...found];
  const ways = {
    selection: t("The {0} names of the selection, sorted by what the model says", selected.length),
    file: t("A CSV file with a name in the first column, sorted by what the model says…"),
    lists: t("Two lists, typed…"),
    known: t("The names that come with the extension, sorted by what the model says"),
  };
  const items = [...(selected.length > 0 ? [ways.selection] : []), ways.file, ways.lists, ways.known];
  const placeHolder = t("Where the names come from");
  const way = await vscode.window.showQuickPick(items, { title: title(), placeHolder, ignoreFocusOut: true });
  if (way === ways.lists) return typedLists(labels);
  if (way === ways.selection) return sorted(selected, labels, prompt, services);
  if (way === ways.known) return sorted(services.names.all, labels, prompt, services);
  if (way !== ways.file) return undefined;
  const [file] =
    (await vscode.window.showOpenDialog({ title: title(), filters: { [t("Names (CSV)")]: ["csv"] } })) ?? [];
  return file && sorted(namesOfTable(await readFile(file.fsPath, "utf8")), labels, prompt, services);
}

async function typedLists(labels: NewConcept["labels"]): Promise<NewConcept["names"] | undefined> {
  const all: { name: string; label: string }[] = [];
  for (const label of labels) {
    const listed = new Set(all.map(({ name }) => name));
    const text = await ask(t("Names that the model answers with {0}, with commas between them", label), "", (typed) => {
      const names = splitNames(typed);
      const twice = names.find((name) => listed.has(name));
      if (twice !== undefined) return t("{0} is in the list of {1} already.", twice, labels[0]);
      return names.length > 0 && names.every(isName) ? undefined : t("Type names with commas between them.");
    });
    if (text === undefined) return undefined;
    all.push(...splitNames(text).map((name) => ({ name, label })));
  }
  return all;
}

/** Asks the model about each name; those that it gives neither answer are left out. */
async function sorted(
  names: readonly string[],
  labels: NewConcept["labels"],
  prompt: string,
  services: Needs,
): Promise<NewConcept["names"] | undefined> {
  const all = await answersFor(names.slice(0, mostSorted), labels, prompt, services);
  return all?.flatMap(({ name, label }) => (label === undefined ? [] : [{ name, label }]));
}

/** What the model says of each name, with progress and Cancel; undefined when it was cancelled. */
async function answersFor(names: readonly string[], labels: NewConcept["labels"], prompt: string, { engine }: Needs) {
  const location = vscode.ProgressLocation.Notification;
  const options = { location, cancellable: true, title: t("Asking the model about the names") };
  // A token holds two bytes or more of all but the rarest words.
  const maxTokens = Math.max(4, ...labels.map((label) => Math.ceil(Buffer.byteLength(label) / 2)));
  return vscode.window.withProgress(options, async (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    const answers: { name: string; label: string | undefined }[] = [];
    for (const name of names) {
      if (token.isCancellationRequested) return undefined;
      const request = { prompt: prompt.replace("{}", () => name), maxTokens, topK: 1, edits: [] };
      const { completion } = await engine.request("complete", request, { signal: abort.signal });
      answers.push({ name, label: answerIn(completion, labels) });
      progress.report({ message: t("{0} of {1}", answers.length, names.length), increment: 100 / names.length });
    }
    return answers;
  });
}

/** Whether the model knows it: the user sees for how many names, and decides. */
async function confirm({ labels, prompt, names }: NewConcept, services: Needs): Promise<boolean> {
  const countOf = (label: string) => names.filter((row) => row.label === label).length;
  const [first, second] = [countOf(labels[0]), countOf(labels[1])];
  if (first === 0 || second === 0) {
    const said = t(
      "Both {0} and {1} need a name at least that the model answers with them. Choose other names, or another prompt.",
      ...labels,
    );
    throw new EngineError("input", said);
  }
  const step = Math.max(1, Math.floor(names.length / asked));
  const sample = names.filter((_, i) => i % step === 0).slice(0, asked);
  const answers = await answersFor(
    sample.map(({ name }) => name),
    labels,
    prompt,
    services,
  );
  if (!answers) return false;
  const others = answers.filter(({ label }, i) => label !== sample[i]?.label).map(({ name }) => name);
  const right = answers.length - others.length;
  const detail = [
    t("{0}: {1} names; {2}: {3} names.", labels[0], first, labels[1], second),
    [
      t("Of {0} names asked now, the model gives the answer of the list for {1}.", answers.length, right),
      others.length > 0 ? t("For {0} it gives another.", others.join(", ")) : "",
    ]
      .join(" ")
      .trim(),
    right * 2 < answers.length ? t("It does not seem to know this; edits and vectors will tell little.") : "",
  ];
  const create = t("Create");
  const question = t("Create the concept {0}?", labels.join(" ↔ "));
  const options = { modal: true, detail: detail.filter((line) => line !== "").join("\n") };
  return (await vscode.window.showInformationMessage(question, options, create)) === create;
}

async function save(concept: NewConcept): Promise<string | undefined> {
  const slug = slugOf(concept.labels);
  const file = await saveDialog(`${slug}${conceptSuffix}`, { [t("Concept")]: ["json"] });
  if (!file) return undefined;
  const stem = basename(file.path).replace(/(\.concept)?\.json$/, "");
  const folder = vscode.Uri.joinPath(file, "..");
  const path = vscode.Uri.joinPath(folder, `${stem}${conceptSuffix}`);
  const namesFile = `${stem}-names.csv`;
  const names = vscode.Uri.joinPath(folder, namesFile);
  // The dialog has asked about the path that was typed, and about no other.
  const others = [path, names].filter((uri) => uri.path !== file.path);
  if (!(await mayReplace(others))) return undefined;
  const write = (uri: vscode.Uri, text: string) => vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  await write(names, namesText(concept));
  await write(path, conceptText(concept, namesFile));
  return path.fsPath;
}

/** Whether those of the files that are there may be written over. */
async function mayReplace(files: readonly vscode.Uri[]): Promise<boolean> {
  const isThere = (uri: vscode.Uri) =>
    vscode.workspace.fs.stat(uri).then(
      () => true,
      () => false,
    );
  const found = await Promise.all(files.map(isThere));
  const there = files.filter((_, i) => found[i]).map((uri) => basename(uri.path));
  if (there.length === 0) return true;
  const replace = t("Replace");
  const question = t("Already there: {0}. Replace?", there.join(", "));
  return (await vscode.window.showWarningMessage(question, { modal: true }, replace)) === replace;
}
