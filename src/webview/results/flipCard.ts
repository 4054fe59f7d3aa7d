/** The card of a flip that is done. */
import { t } from "@vscode/l10n";
import type { Neighbour } from "../../protocol/engine.ts";
import type { Card, FlipCard } from "../../protocol/resultsView.ts";
import type { ShownFlip } from "../../protocol/shownFlip.ts";
import { duration } from "../../text/amounts.ts";
import { fixed, signed } from "../../text/numbers.ts";
import { change, direction } from "../../text/words.ts";
import { checkbox, iconButton } from "../controls.ts";
import { el, setText, setVisible } from "../dom.ts";
import { openMenu } from "../menu.ts";
import { chip, note, outcomePair } from "../parts.ts";
import { headline } from "../text/headline.ts";
import { meanings } from "../text/meanings.ts";
import { verdict } from "../text/verdict.ts";
import type { View } from "../view.ts";
import { type CardActions, type Head, question, removeButton } from "./cardFrame.ts";
import { sparkline } from "./sparkline.ts";

/**
 * The head of a flip card in any state.
 *
 * @param among all cards: from those with the same line its layer, or its prompt, tells it apart
 */
export function flipHead(card: FlipCard, among: readonly Card[]): Head {
  if (card.body.state === "running") return { title: card.name, gist: t("flipping…") };
  if (card.body.state === "failed") return { title: card.name, gist: t("failed"), tone: "error" };
  const { result } = card.body;
  const { flipped, health, layer, prompt } = result;
  const gist = gistOf(result);
  const twins = among.flatMap((other) =>
    other.kind === "flip" && other.name === card.name && other.body.state === "done" ? other.body.result : [],
  );
  const alike = twins.filter((other) => gistOf(other) === gist);
  const parts = [
    gist,
    ...(alike.some((other) => other.layer !== layer) ? [t("layer {0}", layer)] : []),
    ...(alike.some((other) => other.prompt !== prompt) ? [prompt] : []),
  ];
  const head: Head = { title: card.name, gist: parts.join(" · "), on: card.on };
  return flipped && !health.rolledBack ? head : { ...head, tone: "warning" };
}

/** A finished flip in a line, which the Edits view tells alike; one that was rolled back left nothing but what it was to be. */
function gistOf(result: ShownFlip): string {
  const { to, flipped, health } = result;
  const { said, says } = change(result);
  if (health.rolledBack) return t("{0} · rolled back", direction(said, to));
  const changed = said === says ? t("stays {0}", says) : direction(said, says);
  return flipped ? changed : t("{0} · did not flip", changed);
}

function chips(result: ShownFlip): HTMLElement {
  const { score, projection, losses, health } = result;
  return el(
    "div",
    { class: "chips" },
    score === null ? null : chip(t("score"), signed(score, 2), meanings.score()),
    projection === null ? null : chip(t("projection"), signed(projection), meanings.projection()),
    result.form === undefined ? null : chip(t("aimed at"), result.form.trim(), meanings.form()),
    chip(t("health"), verdict(health), meanings.health(health)),
    sparkline(losses),
    el(
      "span",
      { class: "quiet number", title: meanings.steps() },
      losses.length === 1 ? t("1 step") : t("{0} steps", losses.length),
      ` · ${duration(result.seconds)}`,
    ),
  );
}

/** @param said the headline, where the card's line does not tell all */
function remarks(result: ShownFlip, said: HTMLElement): (HTMLElement | null)[] {
  const { to, flipped, converged, health, warnings } = result;
  const unflipped =
    flipped || health.rolledBack
      ? null
      : converged
        ? t("The edit was found, yet the completion does not start with “{0}”.", to)
        : t("The steps ran out before “{0}” became likely. More steps, or another layer, may help.", to);
  return [
    flipped && !health.rolledBack ? null : note("warning", said),
    unflipped === null ? null : note("warning", unflipped),
    ...warnings.map((warning) => note("warning", warning)),
  ];
}

function nearestList(actions: CardActions): View<readonly Neighbour[] | null> {
  const list = el("ol", { class: "nearest" });
  const element = el("section", { class: "nearest-section" }, el("h3", {}, t("Names with the nearest Δv")), list);
  const item = (neighbour: Neighbour) =>
    el(
      "li",
      {},
      el(
        "button",
        {
          type: "button",
          class: "text-button",
          title: t("Show {0} in the names file", neighbour.name),
          onclick: () => actions.post({ type: "revealName", name: neighbour.name }),
        },
        neighbour.name,
      ),
      el("span", { class: "quiet" }, neighbour.from),
      el("span", { class: "number" }, `cos ${fixed(neighbour.cosine, 3)}`),
    );
  let drawn = "";
  return {
    element,
    update(nearest) {
      setVisible(element, nearest !== null);
      const now = JSON.stringify(nearest);
      if (now === drawn) return;
      drawn = now;
      const none = el("li", { class: "quiet" }, t("No names are recorded for this model at this layer."));
      list.replaceChildren(...(nearest?.length ? nearest.map(item) : [none]));
    },
  };
}

/** The body of a finished flip; only what is in force and the nearest names ever change. */
export function flipBody(card: FlipCard, result: ShownFlip, actions: CardActions): View<FlipCard> {
  const { id, name } = card;
  const { post } = actions;
  const toggle = (checked: boolean) => post({ type: "toggle", id, on: checked });
  const on = checkbox(t("Edit on"), toggle, t("Edit on: {0}", name));
  const said = el("span");
  const nearest = nearestList(actions);
  const menu = (anchor: HTMLElement) =>
    openMenu(anchor, [
      { label: t("Names with the Nearest Δv"), act: () => post({ type: "nearest", id }) },
      { label: t("Show in Names File"), act: () => post({ type: "revealName", name }) },
      { label: t("Copy as JSON"), act: () => post({ type: "copy", id, format: "json" }) },
      { label: t("Copy as Markdown"), act: () => post({ type: "copy", id, format: "markdown" }) },
    ]);
  const more = iconButton("more", t("More actions for {0}", name), menu);
  more.setAttribute("aria-haspopup", "menu");
  const element = el(
    "div",
    {},
    ...question(card, result.prompt, actions),
    ...outcomePair(result.before, result.after, [result.to, result.from]),
    ...remarks(result, said),
    chips(result),
    el(
      "div",
      { class: "row actions" },
      on.element,
      el("span", { class: "grow" }),
      iconButton("again", t("Run {0} again", name), () => post({ type: "again", id })),
      iconButton("lab", t("Open {0} in the lab", name), () => post({ type: "openLab", id })),
      more,
      removeButton(id, name, actions),
    ),
    nearest.element,
  );
  return {
    element,
    update(now) {
      on.set(now.on === true);
      setVisible(on.element, now.on !== null);
      setText(said, headline(result, now));
      nearest.update(now.nearest);
    },
  };
}
