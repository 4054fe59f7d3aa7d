/** The page of a `.romedit` file: which model it is for, its edits with their switches, another file beside it. */
import { t } from "@vscode/l10n";
import * as v from "valibot";
import { type EditFileIntent, type EditFileMessage, editFileMessage } from "../../protocol/editFileView.ts";
import { count } from "../../text/numbers.ts";
import { button, textButton } from "../controls.ts";
import { el, setAttribute, setText, setVisible } from "../dom.ts";
import { connect, pageRoot } from "../host.ts";
import { note } from "../parts.ts";
import { keyedList } from "../view.ts";
import { comparisonView } from "./comparisonView.ts";
import { type EditLine, editView } from "./editView.ts";
import "../page.css";
import "../controls.css";
import "../parts.css";
import "../charts/charts.css";
import "./editFile.css";

type Done = Extract<EditFileMessage["body"], { state: "done" }>;

/** With more edits each is folded to its first line. */
const mostOpen = 3;

/** There is no selection and no layout to remember. */
const layoutState = v.object({});
const host = connect<typeof editFileMessage, typeof layoutState, EditFileIntent>(
  editFileMessage,
  (message) => show(message),
  layoutState,
);

let ids: readonly string[] = [];
const title = el("h1", {});
const facts = el("p", { class: "quiet" });
const trouble = el("section", { class: "trouble", role: "alert" });
const allOn = button(t("Switch All On"), () => host.post({ type: "toggle", ids: [...ids], on: true }));
const allOff = button(t("Switch All Off"), () => host.post({ type: "toggle", ids: [...ids], on: false }), "secondary");
const compare = button(t("Compare with…"), () => host.post({ type: "compare" }), "secondary");
const actions = el("div", { class: "row file-actions" }, allOn, allOff, compare);
const comparison = comparisonView(() => host.post({ type: "closeComparison" }));
const list = el("section", { class: "edits", "aria-label": t("Edits") });
// A line is built anew when its edit was read anew with other contents.
const drawEdits = keyedList<EditLine>(
  list,
  ({ edit }) => `${edit.id} ${JSON.stringify(edit.entry)}`,
  (line) =>
    editView(line, ids.length <= mostOpen, { toggle: (some, on) => host.post({ type: "toggle", ids: [...some], on }) }),
);
let troubleShown = "";

function show({ file, body, comparison: compared }: EditFileMessage): void {
  setText(title, file);
  const done = body.state === "done" ? body : null;
  ids = done?.edits.map(({ id }) => id) ?? [];
  const fits = done?.differences.length === 0;
  setText(facts, body.state === "reading" ? t("Reading…") : done ? factsOf(done) : "");
  drawTrouble(body);
  setVisible(actions, done !== null);
  setVisible(allOn, fits);
  setAttribute(allOn, "disabled", done?.edits.every(({ on }) => on) ?? true);
  setAttribute(allOff, "disabled", !done?.edits.some(({ on }) => on));
  comparison.update(compared);
  drawEdits((done?.edits ?? []).map((edit) => ({ edit, fits })));
  setVisible(main, true);
}

function factsOf({ edits, model }: Done): string {
  const edited = edits.length === 1 ? t("1 edit") : t("{0} edits", count(edits.length));
  const { name, architecture, layers, width, fingerprint } = model;
  return [
    edited,
    t("made for {0}", name),
    architecture,
    t("{0} layers of width {1}", layers, width),
    t("weights {0}", fingerprint.slice(0, 12)),
  ].join(" · ");
}

/** Redrawn only when it changed, so that it is announced once. */
function drawTrouble(body: EditFileMessage["body"]): void {
  const now = body.state === "failed" ? body.failure.message : body.state === "done" ? body.differences.join("; ") : "";
  setVisible(trouble, now !== "");
  if (now === troubleShown) return;
  troubleShown = now;
  if (now === "") trouble.replaceChildren();
  else if (body.state === "failed")
    trouble.replaceChildren(
      note("error", now),
      el(
        "div",
        { class: "row" },
        button(t("Read Again"), () => host.post({ type: "again" })),
        textButton(t("Show Log"), () => host.post({ type: "showLog" })),
      ),
    );
  else
    trouble.replaceChildren(
      note(
        "warning",
        t(
          "These edits were made for another model ({0}), so they cannot be switched on. Open that model, or make the edits again.",
          now,
        ),
      ),
      el(
        "div",
        { class: "row" },
        button(t("Choose Model…"), () => host.post({ type: "chooseModel" })),
      ),
    );
}

const main = pageRoot();
main.hidden = true;
main.append(title, facts, trouble, actions, comparison.element, list);
host.post({ type: "ready" });
