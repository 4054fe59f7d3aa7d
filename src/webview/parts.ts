/** Pieces that both views show: the model line, before → after, probability bars, chips, progress, notes. */
import { t } from "@vscode/l10n";
import type { Outcome, Probabilities } from "../protocol/results.ts";
import type { Status } from "../protocol/viewStatus.ts";
import { typesetPercent } from "../text/numbers.ts";
import { changesBesides, type Segment, wordDiff } from "../text/wordDiff.ts";
import { el, setAttribute, setText, setVisible } from "./dom.ts";
import { type IconName, icon } from "./icons.ts";
import type { View } from "./view.ts";

/** The one line above everything: model · layer · device · edits on. */
export function statusLine(actions: { undoAll?: HTMLElement; help?: HTMLElement; showLog: HTMLElement }): View<Status> {
  const facts = el("span", { class: "status-facts" });
  const message = el("span", { class: "status-message", role: "alert" });
  const trouble = el("div", { class: "note note-error" }, icon("error"), message, actions.showLog);
  const states: Record<Status["engine"], string> = {
    stopped: t("asleep, starts when needed"),
    starting: t("starting…"),
    ready: "",
    busy: t("working…"),
    failed: t("not running"),
  };
  return {
    element: el(
      "header",
      { class: "status" },
      el("div", { class: "status-line" }, facts, actions.undoAll, actions.help),
      trouble,
    ),
    update(status) {
      const parts = [
        status.model || t("No model yet"),
        status.layer === null ? "" : t("layer {0}", status.layer),
        status.device,
        status.editsOn === 0 ? "" : status.editsOn === 1 ? t("1 edit on") : t("{0} edits on", status.editsOn),
        states[status.engine],
      ];
      const shown = parts.filter((part) => part !== "");
      const line = shown.join(" · ");
      if (facts.title !== line)
        facts.replaceChildren(...shown.flatMap((part, i) => [i > 0 ? " · " : "", el("span", { class: "fact" }, part)]));
      facts.title = line;
      if (actions.undoAll) setVisible(actions.undoAll, status.editsOn > 0);
      setVisible(trouble, status.engine === "failed");
      setText(message, status.message ?? t("The engine is not running."));
    },
  };
}

/** The prompt with the name in it set off. */
export function promptText(prompt: string, name: string): HTMLElement {
  const at = name === "" ? -1 : prompt.indexOf(name);
  if (at < 0) return el("p", { class: "prompt" }, prompt);
  const subject = el("span", { class: "subject", title: t("The subject: what the edit is about") }, name);
  return el("p", { class: "prompt" }, prompt.slice(0, at), subject, prompt.slice(at + name.length));
}

function marked(segments: readonly Segment[]): Node[] {
  return segments.map(({ text, mark }) =>
    mark === "same" ? document.createTextNode(text) : el("mark", { class: `mark-${mark}` }, text),
  );
}

/** Two completions, one under the other (CSS sets them side by side where there is room), changed words marked. */
export function beforeAfter(before: string, after: string, labels: readonly string[]): HTMLElement {
  const diff = wordDiff(before.trim(), after.trim(), labels);
  const side = (name: string, segments: readonly Segment[]) => [
    el("dt", {}, name),
    el("dd", {}, ...(segments.length > 0 ? marked(segments) : [el("em", {}, t("(nothing)"))])),
  ];
  return el(
    "dl",
    { class: "before-after" },
    el("div", { class: "side" }, ...side(t("before"), diff.before)),
    el("div", { class: "side" }, ...side(t("after"), diff.after)),
  );
}

/** What else the completion says otherwise now, apart from the answer itself. */
function alsoChanged(before: string, after: string, labels: readonly string[]): HTMLElement {
  const changes = changesBesides(before, after, labels);
  const told = changes.map((change) => `${change.before || "–"} → ${change.after || "–"}`).join(", ");
  const text = changes.length === 0 ? t("Nothing else changed.") : t("Also changed: {0}", told);
  return el("p", { class: "quiet also-changed" }, text);
}

function bar(fraction: number, role: string): HTMLElement {
  const filled = el("span", { class: `bar-fill bar-${role}` });
  filled.style.width = `${Math.min(1, Math.max(0, fraction)) * 100}%`;
  return el("span", { class: "bar", "aria-hidden": "true" }, filled);
}

/** P(label) before and after as bars, one row a label, in the order given. */
function probabilityBars(before: Probabilities, after: Probabilities, labels: readonly string[]): HTMLElement {
  const rows = labels
    .filter((label) => label in before || label in after)
    .map((label) => {
      const [was, is] = [before[label] ?? 0, after[label] ?? 0];
      return el(
        "div",
        { class: "probability" },
        el("span", { class: "probability-label" }, `P(${label})`),
        el("span", { class: "bars", title: t("Above: before. Below: after.") }, bar(was, "before"), bar(is, "after")),
        el("span", { class: "number" }, `${typesetPercent(was)} → ${typesetPercent(is)}`),
      );
    });
  const swatch = (name: string, role: string) =>
    el("span", { class: "swatch" }, el("span", { class: `swatch-box bar-${role}` }), name);
  const legend = el(
    "div",
    { class: "probability", "aria-hidden": "true" },
    el("span"),
    el("span", { class: "swatches quiet" }, swatch(t("before"), "before"), swatch(t("after"), "after")),
    el("span"),
  );
  return el("div", { class: "probabilities" }, ...rows, rows.length > 0 ? legend : null);
}

/** Before → after with its bars: an outcome pair as the cards and the lab show it. */
export function outcomePair(before: Outcome, after: Outcome, labels: readonly string[]): HTMLElement[] {
  return [
    beforeAfter(before.completion, after.completion, labels),
    alsoChanged(before.completion, after.completion, labels),
    probabilityBars(before.probability, after.probability, labels),
  ];
}

/** A number with its name and, on hover and for screen readers, what it means. */
export function chip(name: string, value: string, meaning: string): HTMLElement {
  const described = el("span", { class: "visually-hidden" }, ` (${meaning})`);
  return el("span", { class: "chip", title: meaning, tabindex: "0" }, `${name} `, el("strong", {}, value), described);
}

/** A remark with an icon. */
export function note(severity: "info" | "warning" | "error", message: string | HTMLElement): HTMLElement {
  const name: IconName = severity;
  return el("p", { class: `note note-${severity}` }, icon(name), el("span", {}, message));
}

/** A thin progress line; `total` 0 means that nobody knows how far. */
export function progressLine(label: string): View<{ done: number; total: number; text: string }> {
  const filled = el("span", { class: "progress-fill" });
  const element = el("div", { class: "progress", role: "progressbar", "aria-label": label }, filled);
  return {
    element,
    update({ done, total, text }) {
      const known = total > 0;
      filled.style.width = known ? `${Math.min(1, done / total) * 100}%` : "0";
      setAttribute(element, "aria-valuemin", 0);
      setAttribute(element, "aria-valuemax", known ? total : null);
      setAttribute(element, "aria-valuenow", known ? done : null);
      setAttribute(element, "aria-valuetext", text);
    },
  };
}

/** Says things to screen readers, politely and once. */
export function liveRegion(): { element: HTMLElement; say(text: string): void } {
  const element = el("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  return { element, say: (text) => setText(element, text) };
}
