/** One edit of the file: a line that folds out into its prompt, what the model says, its health, how it was made. */
import { t } from "@vscode/l10n";
import type { AdapterEntry, EditEntry, Health } from "../../protocol/editEntry.ts";
import type { ShownEdit } from "../../protocol/editFileView.ts";
import { count, fixed, signed, threeDigits, typesetPercent } from "../../text/numbers.ts";
import { answersOf, direction } from "../../text/words.ts";
import { checkbox } from "../controls.ts";
import { el, setAttribute, setText, setVisible } from "../dom.ts";
import { chip, note, outcomePair, promptText } from "../parts.ts";
import { dataTable } from "../table.ts";
import { meanings } from "../text/meanings.ts";
import { placeText } from "../text/place.ts";
import { toneOf, verdict } from "../text/verdict.ts";
import type { View } from "../view.ts";

/** An edit, and whether it may be switched on. */
export interface EditLine {
  readonly edit: ShownEdit;
  readonly fits: boolean;
}

export interface EditActions {
  toggle(ids: readonly string[], on: boolean): void;
}

const figure = (value: number): string => fixed(value, threeDigits(Math.abs(value)));

function chips({ layer, health, deltaNorm, valueNorm, denominator }: EditEntry): HTMLElement {
  const drift = health?.drift;
  return el(
    "div",
    { class: "chips" },
    chip(t("layer"), String(layer), t("The layer whose MLP output matrix is changed, counted from 0.")),
    chip(t("health"), verdict(health), t("How the edit was judged when it was made.")),
    chip("kᵀu", figure(denominator), meanings.denominator()),
    health &&
      chip(
        "kᵀu/‖k‖",
        figure(health.denominatorShare),
        t("The same as a share of the key's length, which can be compared between models."),
      ),
    valueNorm > 0 &&
      chip(
        "‖Δv‖/‖v‖",
        figure(deltaNorm / valueNorm),
        t("How large the change is beside what the layer writes at the subject without it."),
      ),
    drift
      ? chip(
          t("drift"),
          `${figure(drift.kl)} nats`,
          t("Mean KL divergence of the next token on {0} unrelated prompts, before to after the edit.", drift.prompts),
        )
      : chip(t("drift"), "–", t("What the edit does to unrelated prompts was not measured.")),
  );
}

function healthNotes(health: Health | null): HTMLElement[] {
  if (!health) return [];
  const severity = health.verdict === "bad" ? "error" : "warning";
  return [
    ...health.reasons.map((reason) => note(severity, reason)),
    ...(health.rolledBack ? [note("info", t("It was rolled back when it was made."))] : []),
  ];
}

function madeWith(entry: EditEntry): HTMLElement {
  const rows: [string, string][] = [
    [t("method"), entry.method === "batch" ? t("batch (least squares)") : "ROME"],
    [t("keys"), entry.key],
    ["‖Δv‖", figure(entry.deltaNorm)],
    ["‖v‖", figure(entry.valueNorm)],
    [t("covariance"), entry.covarianceTokens > 0 ? t("{0} tokens", count(entry.covarianceTokens)) : t("none")],
    [t("steps"), String(entry.losses.length)],
    [t("prefix contexts"), String(entry.contexts.length)],
    [t("seed"), entry.seed === null ? "–" : String(entry.seed)],
    ...Object.entries(entry.hyperParameters).map(([name, value]): [string, string] => [name, String(value)]),
    ...Object.entries(entry.versions),
  ];
  const table = dataTable({ caption: t("How the edit was made"), header: [t("Name"), t("Value")], rows });
  return el("details", { class: "made" }, el("summary", {}, t("How the edit was made")), table);
}

function editBody(entry: EditEntry): HTMLElement[] {
  const { subject, template, target, before, after, health } = entry;
  const label = target.trim();
  const side = ({ completion, probability }: EditEntry["before"]) => ({
    completion,
    probability: { [label]: probability },
  });
  return [
    promptText(
      template.replace("{}", () => subject),
      subject,
    ),
    ...outcomePair(side(before), side(after), [label, answersOf(entry).from]),
    ...healthNotes(health),
    chips(entry),
    madeWith(entry),
  ];
}

/** What a vector's line folds out into. */
function adapterBody({ prompt, before, after, layer, versions, ...entry }: AdapterEntry): HTMLElement[] {
  const plain = ({ completion }: AdapterEntry["before"]) => ({ completion, probability: {} });
  const rows: [string, string][] = [
    [t("Vector"), entry.source],
    [t("layer"), String(layer)],
    [t("Tokens"), placeText(entry.at)],
    ...(entry.kind === "steer" ? [[t("Scale"), signed(entry.scale, 2)] as [string, string]] : []),
    ...Object.entries(versions),
  ];
  return [
    promptText(prompt, ""),
    ...outcomePair(plain(before), plain(after), []),
    dataTable({ caption: t("What it is"), header: [t("Name"), t("Value")], rows }),
  ];
}

function adapterGist(entry: AdapterEntry): string {
  return entry.kind === "steer"
    ? `${signed(entry.scale, 2)} × ${entry.source} · ${placeText(entry.at)}`
    : t("without {0} · {1}", entry.source, placeText(entry.at));
}

/** An edit in a line, as the Edits view tells it. */
function editGist(entry: EditEntry): string {
  const { from, to } = answersOf(entry);
  const { before, after } = entry;
  return `${direction(from, to)} · ${typesetPercent(before.probability)} → ${typesetPercent(after.probability)}`;
}

/** @param open unfolded from the start; the body is built when it is first seen */
export function editView({ edit: { id, entry } }: EditLine, open: boolean, actions: EditActions): View<EditLine> {
  const live = el("span", { class: "live quiet", "data-tone": "good" });
  const on = checkbox(t("Edit on"), (checked) => actions.toggle([id], checked), t("Edit on: {0}", entry.name));
  const content = el("div", { class: "edit-body" });
  const isVector = "kind" in entry;
  const health = isVector ? null : entry.health;
  const folding = el(
    "details",
    { class: "edit", open },
    el(
      "summary",
      {},
      el("span", { class: "edit-name" }, entry.name),
      el("span", { class: "quiet number" }, isVector ? adapterGist(entry) : editGist(entry)),
      !isVector && el("span", { "data-tone": toneOf(health) }, verdict(health)),
      live,
    ),
    content,
  );
  const build = () => {
    if (folding.open && content.childElementCount === 0) {
      const whole =
        !isVector && entry.method === "batch"
          ? note("info", t("It belongs to a batch that was solved together; the batch is switched as a whole."))
          : null;
      content.append(...(isVector ? adapterBody(entry) : editBody(entry)), on.element, ...(whole ? [whole] : []));
    }
  };
  folding.addEventListener("toggle", build);
  build();
  return {
    element: folding,
    update({ edit, fits }) {
      on.set(edit.on);
      setAttribute(on.element, "disabled", !fits);
      setText(live, t("on"));
      setVisible(live, edit.on);
    },
  };
}
