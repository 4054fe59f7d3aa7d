/** The results view: a card for each flip, completion and applied vector, newest first. */
import { t } from "@vscode/l10n";
import { type Card, type ResultsIntent, resultsMessage } from "../../protocol/resultsView.ts";
import type { Status } from "../../protocol/viewStatus.ts";
import { button, textButton } from "../controls.ts";
import { el, setVisible } from "../dom.ts";
import { connect, pageRoot } from "../host.ts";
import { liveRegion, statusLine } from "../parts.ts";
import { keyedList } from "../view.ts";
import type { CardActions, Shown } from "./cardFrame.ts";
import { cardKey, cardView } from "./cards.ts";
import { isFolded, layoutState } from "./layout.ts";
import { news } from "./news.ts";
import "../page.css";
import "../controls.css";
import "../parts.css";
import "./results.css";

const host = connect<typeof resultsMessage, typeof layoutState, ResultsIntent>(
  resultsMessage,
  (message) => {
    switch (message.type) {
      case "state":
        return show(message.status, message.cards);
      case "reveal":
        return reveal(message.id);
      default:
        return message satisfies never;
    }
  },
  layoutState,
);

/** Null before the first snapshot. */
let cards: readonly Card[] | null = null;
const actions: CardActions = {
  post: host.post,
  fold(id, folded) {
    host.save({ folded: { ...host.state.folded, [id]: folded } });
    draw();
  },
};

const status = statusLine({
  undoAll: textButton(t("Undo all"), () => host.post({ type: "undoAll" })),
  showLog: textButton(t("Show Log"), () => host.post({ type: "showLog" })),
});
const list = el("section", { class: "cards", "aria-label": t("Results") });
const drawCards = keyedList<Shown>(list, cardKey, (shown) => cardView(shown, actions));
const empty = el(
  "section",
  { class: "empty" },
  el("p", {}, t("Choose a name, and see what the model says once its answer for that name is flipped.")),
  button(t("Flip a Name"), () => host.post({ type: "flip" })),
  el(
    "p",
    { class: "quiet" },
    t("Or put the cursor on a name in any file, and flip it from the context menu or the command palette."),
  ),
);
const live = liveRegion();

function draw(): void {
  const all = cards ?? [];
  drawCards(all.map((card, i) => ({ card, folded: isFolded(host.state, card, i, all.length), among: all })));
  setVisible(empty, all.length === 0);
}

function show(nowStatus: Status, nowCards: readonly Card[]): void {
  status.update(nowStatus);
  const said = news(cards, nowCards);
  const ids = new Set(nowCards.map((card) => card.id));
  const kept = Object.entries(host.state.folded).filter(([id]) => ids.has(id));
  if (kept.length < Object.keys(host.state.folded).length) host.save({ folded: Object.fromEntries(kept) });
  // A card's frame is rebuilt when its run ends; who had the focus in it keeps it, on its head.
  const focused = document.activeElement?.closest<HTMLElement>(".card")?.dataset.id;
  cards = nowCards;
  draw();
  if (focused && document.hasFocus() && !document.activeElement?.closest(".card")) headOf(focused)?.focus();
  if (said) live.say(said);
  setVisible(main, true);
}

function headOf(id: string): HTMLElement | null {
  return list.querySelector<HTMLElement>(`.card[data-id="${CSS.escape(id)}"] .card-head`);
}

function reveal(id: string): void {
  actions.fold(id, false);
  const head = headOf(id);
  // Only within the view: a page that takes the focus closes an input box that somebody types into.
  if (document.hasFocus()) head?.focus();
  head?.closest(".card")?.scrollIntoView({ block: "nearest" });
}

// Between the heads with the arrow keys, as in a list of the editor.
list.addEventListener("keydown", (event) => {
  const heads = [...list.querySelectorAll<HTMLElement>(".card-head")];
  const at = heads.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: heads.length - 1 }[event.key];
  const id = cards?.[at]?.id;
  if (to !== undefined) heads[to]?.focus();
  else if (event.key === "ArrowRight" && id) actions.fold(id, false);
  else if (event.key === "ArrowLeft" && id) actions.fold(id, true);
  else if (event.key === "Delete" && id) host.post({ type: "remove", id });
  else return;
  event.preventDefault();
});

const main = pageRoot();
main.hidden = true;
main.append(status.element, empty, list, live.element);
host.post({ type: "ready" });
