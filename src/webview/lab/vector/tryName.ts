/** One name, with the vector at the slider's scale added: asked of the model itself. */
import { t } from "@vscode/l10n";
import type { VectorTry } from "../../../protocol/labExperiment.ts";
import { constructionNames } from "../../../protocol/referee.ts";
import { signed } from "../../../text/numbers.ts";
import { button, dropdown, labelled, textField } from "../../controls.ts";
import { el, setText, setVisible, showFrom } from "../../dom.ts";
import { icon } from "../../icons.ts";
import { outcomePair } from "../../parts.ts";
import type { View } from "../../view.ts";
import type { Lab } from "../lab.ts";
import { vectorChoices } from "../referee/words.ts";

export interface TryName extends View<VectorTry> {
  /** Asks for this name, at the scale as it is. */
  ask(name: string): void;
  /** The scale moved: asks again for the name that was tried last. */
  askAgain(): void;
}

export function tryName(lab: Lab, scale: () => number): TryName {
  const { host } = lab;
  let tried = "";
  /** The answer that is awaited was asked for here: whoever moves the scale keeps its slider in sight. */
  let sought = false;
  let before: VectorTry["state"] | undefined;
  const ask = (name: string, seek = true): void => {
    tried = name.trim();
    if (tried === "") return;
    sought = seek;
    field.set(tried);
    host.save({ triedName: tried });
    const { construction } = host.state;
    host.post({
      type: "tryName",
      name: tried,
      scale: scale(),
      ...(construction === "sign" ? {} : { construction }),
    });
  };
  const ways = dropdown(t("How the vector is made"), vectorChoices(), (value) => {
    const construction = constructionNames.find((known) => known === value);
    if (!construction) return;
    host.save({ construction });
    if (tried !== "") ask(tried);
  });
  ways.set(host.state.construction);
  const field = textField(t("Try a name"), (text) => host.save({ triedName: text }), "Robin");
  field.set(host.state.triedName);
  field.element.addEventListener("keydown", (event) => {
    if (event.key === "Enter") ask(field.get());
  });
  const words = el("p", { role: "status" });
  const note = el("p", { class: "note note-error" }, icon("error"), el("span"));
  const result = el("div", { class: "stack" });
  let drawn = "";
  const section = el(
    "section",
    { class: "stack try" },
    el(
      "div",
      { class: "row try-row" },
      field.element,
      labelled(ways.element),
      button(t("Try"), () => ask(field.get()), "secondary"),
    ),
    words,
    note,
    result,
  );
  function draw(now: VectorTry): void {
    setVisible(words, now.state === "running" || now.state === "done");
    setVisible(note, now.state === "failed");
    // While the next answer is on its way the last one stays, quietly.
    setVisible(result, now.state === "done" || (now.state === "running" && result.childElementCount > 0));
    result.classList.toggle("stale", now.state === "running");
    const vector = now.state === "none" ? "" : `${signed(now.scale, 2)} g`;
    switch (now.state) {
      case "none":
        return;
      case "running":
        setText(words, t("Asking the model about {0} with {1}…", now.name, vector));
        return;
      case "failed":
        setText(note.lastElementChild as Element, now.failure.message);
        return;
      case "done": {
        const { name, from, changed, before, after } = now.result;
        setText(
          words,
          changed
            ? t("{0} with {1}: no longer {2}.", name, vector, from)
            : t("{0} with {1}: stays {2}.", name, vector, from),
        );
        const key = JSON.stringify(now);
        if (key === drawn) return;
        drawn = key;
        const labels = Object.keys(before.probability);
        result.replaceChildren(...outcomePair(before, after, labels));
        return;
      }
      default:
        now satisfies never;
    }
  }
  return {
    element: section,
    ask: (name) => ask(name),
    askAgain() {
      if (tried !== "") ask(tried, false);
    },
    update(now) {
      draw(now);
      const head = { none: null, running: null, failed: note, done: words }[now.state];
      if (head && sought && before === "running") showFrom(section, head);
      before = now.state;
    },
  };
}
