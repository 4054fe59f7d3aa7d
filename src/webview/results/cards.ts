/** One view a card: its frame, and in it the body that fits its state. */
import type { Card } from "../../protocol/resultsView.ts";
import { el } from "../dom.ts";
import type { View } from "../view.ts";
import { type CardActions, cardFrame, failedBody, type Head, runningBody, type Shown } from "./cardFrame.ts";
import { flipBody, flipHead } from "./flipCard.ts";
import { applicationBody, applicationHead, completionBody, completionHead } from "./otherCards.ts";

/** A view stays while the card stays in its state: only then does it look the same but for a few details. */
export function cardKey({ card }: Shown): string {
  return `${card.id} ${card.body.state}`;
}

function cardHead(card: Card, among: readonly Card[]): Head {
  switch (card.kind) {
    case "flip":
      return flipHead(card, among);
    case "completion":
      return completionHead(card);
    case "application":
      return applicationHead(card);
    default:
      return card satisfies never;
  }
}

function fixedView(element: HTMLElement): View<Card> {
  return { element, update: () => undefined };
}

function doneBody(card: Card, actions: CardActions): View<Card> {
  if (card.kind === "flip" && card.body.state === "done") {
    const view = flipBody(card, card.body.result, actions);
    return {
      element: view.element,
      update: (now) => {
        if (now.kind === "flip") view.update(now);
      },
    };
  }
  if (card.kind === "completion" && card.body.state === "done")
    return fixedView(completionBody(card, card.body.result, actions));
  if (card.kind === "application" && card.body.state === "done") {
    const view = applicationBody(card, card.body.result, actions);
    return {
      element: view.element,
      update: (now) => {
        if (now.kind === "application") view.update(now);
      },
    };
  }
  return fixedView(el("div"));
}

function bodyOf(card: Card, actions: CardActions): View<Card> {
  switch (card.body.state) {
    case "running": {
      const view = runningBody(card.id, actions);
      return {
        element: view.element,
        update: (now) => {
          if (now.body.state === "running") view.update(now.body.progress);
        },
      };
    }
    case "failed":
      return fixedView(failedBody(card.id, cardHead(card, []).title, card.body.failure.message, actions));
    case "done":
      return doneBody(card, actions);
    default:
      return card.body satisfies never;
  }
}

export function cardView({ card }: Shown, actions: CardActions): View<Shown> {
  const body = bodyOf(card, actions);
  const frame = cardFrame(card.id, body.element, actions);
  return {
    element: frame.element,
    update(shown) {
      body.update(shown.card);
      frame.update({ head: cardHead(shown.card, shown.among), folded: shown.folded });
    },
  };
}
