/** What every card has: a head that folds it, a body for its state, the running and the failed state. */
import { t } from "@vscode/l10n";
import type { Progress } from "../../protocol/engine.ts";
import type { ApplicationCard, Card, FlipCard, ResultsIntent } from "../../protocol/resultsView.ts";
import { button, iconButton, textButton } from "../controls.ts";
import { el, setAttribute, setText, setVisible } from "../dom.ts";
import { icon } from "../icons.ts";
import { progressLine, promptText } from "../parts.ts";
import { progressText } from "../text/progress.ts";
import type { View } from "../view.ts";

export interface CardActions {
  post(intent: ResultsIntent): void;
  fold(id: string, folded: boolean): void;
}

/** A card as the list hands it down. */
export interface Shown<C extends Card = Card> {
  readonly card: C;
  readonly folded: boolean;
  /** All cards of the list. */
  readonly among: readonly Card[];
}

/** What the head says. */
export interface Head {
  readonly title: string;
  /** The gist that stays in sight when the card is folded. */
  readonly gist: string;
  readonly tone?: "warning" | "error";
  /** Whether its edit is on; null, or left out, for cards without one. */
  readonly on?: boolean | null;
}

/** The head and the folding; `body` is hidden while folded. */
export function cardFrame(id: string, body: HTMLElement, actions: CardActions): View<{ head: Head; folded: boolean }> {
  const title = el("span", { class: "card-title" });
  const gist = el("span", { class: "card-gist" });
  const live = el("span", { class: "card-live" });
  const toggle = el(
    "button",
    { type: "button", class: "card-head", "aria-controls": `body-${id}` },
    icon("chevron"),
    title,
    gist,
    live,
  );
  body.id = `body-${id}`;
  body.classList.add("card-body");
  const element = el("article", { class: "card", "data-id": id }, el("h2", {}, toggle), body);
  toggle.addEventListener("click", () => actions.fold(id, !body.hidden));
  return {
    element,
    update({ head, folded }) {
      const { on = null } = head;
      setText(title, head.title);
      setText(gist, head.gist);
      setAttribute(toggle, "title", `${head.title} · ${head.gist}`);
      setAttribute(gist, "data-tone", head.tone);
      setAttribute(live, "data-on", on === null ? null : String(on));
      setAttribute(live, "title", on ? t("Its edit is on") : t("Its edit is off"));
      setVisible(live, on !== null);
      setAttribute(toggle, "aria-expanded", String(!folded));
      setVisible(body, !folded);
    },
  };
}

/** The body while a card runs: a thin line, a few words, Cancel. Updated in place, so that Cancel can be hit. */
export function runningBody(id: string, actions: CardActions): View<Progress | null> {
  const line = progressLine(t("Progress"));
  const words = el("span", { class: "quiet progress-words" });
  const cancel = button(t("Cancel"), () => actions.post({ type: "cancel", id }), "secondary");
  return {
    element: el("div", {}, line.element, el("div", { class: "row spread" }, words, cancel)),
    update(progress) {
      const text = progressText(progress, t("Waiting for the engine…"));
      setText(words, text);
      line.update({ done: progress?.done ?? 0, total: progress?.total ?? 0, text });
    },
  };
}

/** The body of a failed card: what happened and what can be done. */
export function failedBody(id: string, title: string, message: string, actions: CardActions): HTMLElement {
  return el(
    "div",
    {},
    el("p", { class: "note note-error" }, icon("error"), el("span", {}, message)),
    el(
      "div",
      { class: "row" },
      textButton(t("Try again"), () => actions.post({ type: "again", id })),
      textButton(t("Show Log"), () => actions.post({ type: "showLog" })),
      el("span", { class: "grow" }),
      removeButton(id, title, actions),
    ),
  );
}

/** What the model was asked about a name, and the way to where that stood. */
export function question(
  { id, name, place }: FlipCard | ApplicationCard,
  prompt: string | undefined,
  actions: CardActions,
): HTMLElement[] {
  const reveal = () => actions.post({ type: "revealPlace", id });
  return [
    ...(prompt === undefined ? [] : [promptText(prompt, name)]),
    ...(place === undefined ? [] : [el("p", {}, textButton(place, reveal, t("Show where {0} stands", name)))]),
  ];
}

export function removeButton(id: string, title: string, actions: CardActions): HTMLElement {
  return iconButton("close", t("Remove the result of {0}", title), () => actions.post({ type: "remove", id }));
}
