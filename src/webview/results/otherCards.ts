/** The cards of a completed prompt and of a gender vector applied to a name. */
import { t } from "@vscode/l10n";
import type { Application } from "../../protocol/engine.ts";
import type { Completion } from "../../protocol/results.ts";
import type { ApplicationCard, CompletionCard } from "../../protocol/resultsView.ts";
import { signed, typesetPercent } from "../../text/numbers.ts";
import { checkbox, iconButton } from "../controls.ts";
import { el } from "../dom.ts";
import { openMenu } from "../menu.ts";
import { note, outcomePair } from "../parts.ts";
import type { View } from "../view.ts";
import { type CardActions, type Head, question, removeButton } from "./cardFrame.ts";

function actionRow(id: string, title: string, actions: CardActions, first: HTMLElement | null = null): HTMLElement {
  const { post } = actions;
  const more = iconButton("more", t("More actions for {0}", title), (anchor) =>
    openMenu(anchor, [
      { label: t("Copy as JSON"), act: () => post({ type: "copy", id, format: "json" }) },
      { label: t("Copy as Markdown"), act: () => post({ type: "copy", id, format: "markdown" }) },
    ]),
  );
  more.setAttribute("aria-haspopup", "menu");
  return el(
    "div",
    { class: "row actions" },
    first,
    el("span", { class: "grow" }),
    iconButton("again", t("Run {0} again", title), () => post({ type: "again", id })),
    more,
    removeButton(id, title, actions),
  );
}

export function completionHead(card: CompletionCard): Head {
  const { state } = card.body;
  const title = card.prompt.trim() || t("Prompt");
  if (state === "failed") return { title, gist: t("failed"), tone: "error" };
  if (state === "running") return { title, gist: t("completing…") };
  const edits = card.edits.length;
  return { title, gist: edits === 0 ? t("no edits") : edits === 1 ? t("1 edit") : t("{0} edits", edits) };
}

/** The completion, the edits it was made with, and the likeliest first tokens. */
export function completionBody(card: CompletionCard, result: Completion, actions: CardActions): HTMLElement {
  const rows = result.next
    .slice(0, 5)
    .map(({ token, logProb }) =>
      el(
        "li",
        {},
        el("code", {}, token.replace(/^ /, "␣").replaceAll("\n", "⏎")),
        el("span", { class: "number" }, typesetPercent(Math.exp(logProb))),
      ),
    );
  return el(
    "div",
    {},
    el("p", { class: "completion" }, el("span", { class: "quiet" }, result.prompt), el("span", {}, result.completion)),
    el(
      "p",
      { class: "quiet" },
      card.edits.length === 0 ? t("Without edits.") : t("With the edits of {0}.", card.edits.join(", ")),
    ),
    rows.length === 0
      ? null
      : el("section", {}, el("h3", {}, t("Likeliest next tokens")), el("ol", { class: "tokens" }, ...rows)),
    actionRow(card.id, card.prompt.trim(), actions),
  );
}

export function applicationHead(card: ApplicationCard): Head {
  const vector = `${signed(card.scale, 2)} g`;
  const { body } = card;
  if (body.state === "failed") return { title: card.name, gist: t("{0} · failed", vector), tone: "error" };
  if (body.state === "running") return { title: card.name, gist: t("applying {0}…", vector) };
  const gist = body.result.changed ? t("{0} · changed", vector) : t("{0} · stayed", vector);
  return { title: card.name, gist, on: card.on };
}

export function applicationBody(
  card: ApplicationCard,
  result: Application,
  actions: CardActions,
): View<ApplicationCard> {
  const labels = Object.keys(result.before.probability);
  const to = labels.find((label) => label !== result.from) ?? result.from;
  const what = result.changed
    ? t("The vector, scaled by {0}, changed what the model says.", signed(card.scale, 2))
    : t("The vector, scaled by {0}, left what the model says as it was.", signed(card.scale, 2));
  const toggle = (checked: boolean) => actions.post({ type: "toggle", id: card.id, on: checked });
  const on = checkbox(t("Edit on"), toggle, t("Edit on: {0}", card.name));
  return {
    element: el(
      "div",
      {},
      ...question(card, result.prompt, actions),
      ...outcomePair(result.before, result.after, [to, result.from]),
      note("info", what),
      actionRow(card.id, card.name, actions, card.on === null ? null : on.element),
    ),
    update: (now) => on.set(now.on ?? false),
  };
}
