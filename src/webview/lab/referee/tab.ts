/** The Referee tab: what the recorded direction is worth. */
import { t } from "@vscode/l10n";
import type { LabRefereeRequest } from "../../../protocol/labReferee.ts";
import { checkIds, constructionNames } from "../../../protocol/referee.ts";
import { button, checkbox, dropdown, labelled } from "../../controls.ts";
import { el, setVisible } from "../../dom.ts";
import type { Lab, RefereeMessage } from "../lab.ts";
import { measurementView } from "../measurementView.ts";
import { refereeResult } from "./result.ts";
import { checkTitles, vectorChoices } from "./words.ts";

export interface RefereeTab {
  readonly element: HTMLElement;
  updateReferee(message: RefereeMessage): void;
}

export function refereeTab(lab: Lab): RefereeTab {
  const { host } = lab;
  let running = false;
  const change = (part: Partial<LabRefereeRequest>): void => {
    host.save({ referee: { ...host.state.referee, ...part } });
    drawForm();
  };
  const vector = dropdown(t("Vector on trial"), vectorChoices(), (value) => {
    const known = constructionNames.find((name) => name === value);
    if (known) change({ vector: known });
  });
  const sizes = [
    { value: "quick", label: t("Few names, for a first look") },
    { value: "usual", label: t("As many names as it takes") },
  ];
  const size = dropdown(t("How many names"), sizes, (value) => change({ size: value === "quick" ? "quick" : "usual" }));
  const wanted = checkIds.map((id) => ({
    id,
    box: checkbox(checkTitles()[id], (on) => {
      const { skip } = host.state.referee;
      change({ skip: on ? skip.filter((other) => other !== id) : [...skip, id] });
    }),
  }));
  const start = button(t("Try It"), () => host.post({ type: "referee", request: host.state.referee }));
  const stop = button(t("Cancel"), () => host.post({ type: "cancel", what: "referee" }), "secondary");
  const form = el(
    "form",
    { class: "measurement-form referee-form", "aria-label": t("What to try") },
    labelled(vector.element),
    labelled(size.element),
    el("div", { class: "row", role: "group", "aria-label": t("Checks") }, ...wanted.map(({ box }) => box.element)),
    el("div", { class: "row" }, start, stop),
  );
  const explained = el(
    "p",
    { class: "quiet" },
    t(
      "Does the direction mean what it is said to mean? Other vectors, other pushes, other words and other texts are tried beside it. What is done is kept: a trial that was cancelled goes on.",
    ),
  );
  const view = measurementView(refereeResult(lab), () => t("Trying the vector"));

  function drawForm(): void {
    const { vector: chosen, size: many, skip } = host.state.referee;
    vector.set(chosen);
    size.set(many);
    for (const { id, box } of wanted) box.set(!skip.includes(id));
    start.disabled = running;
    setVisible(stop, running);
  }
  drawForm();
  return {
    element: el("div", { class: "referee stack" }, explained, form, view.element),
    updateReferee({ referee }) {
      running = referee.state === "running";
      drawForm();
      view.update(referee);
    },
  };
}
