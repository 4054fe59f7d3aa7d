/** Both continuations side by side while they are written and after, and each changed token with what it would be without. */
import { t } from "@vscode/l10n";
import type { LabPrompt } from "../../../protocol/labPrompt.ts";
import type { Steered } from "../../../protocol/steer.ts";
import { typesetPercent } from "../../../text/numbers.ts";
import { promptCsv, promptPicture } from "../../../text/promptPicture.ts";
import { button } from "../../controls.ts";
import { el, setText, setVisible } from "../../dom.ts";
import { exportedPicture, exportMenu, type Saves } from "../../exportMenu.ts";
import { icon } from "../../icons.ts";
import { beforeAfter, liveRegion } from "../../parts.ts";
import { dataTable } from "../../table.ts";
import type { View } from "../../view.ts";

type Token = Steered["after"]["tokens"][number];

/** Blanks and line ends made visible. */
const visible = (token: string): string => token.replaceAll("\n", "↵").replaceAll(" ", "␣");

function tokenChip({ text, probability, without, instead }: Token): HTMLElement {
  const differs = text !== instead;
  const meaning = t(
    "{0} with the vectors, {1} without; without them: {2}",
    typesetPercent(probability),
    typesetPercent(without),
    visible(instead),
  );
  return el(
    "span",
    { class: differs ? "token differs" : "token", title: meaning },
    visible(text),
    differs && el("span", { class: "instead" }, visible(instead)),
  );
}

function tokensOf(tokens: readonly Token[]): HTMLElement[] {
  if (tokens.length === 0) return [];
  const rows = tokens.map(({ text, probability, without, instead }) => [
    visible(text),
    typesetPercent(probability),
    typesetPercent(without),
    text === instead ? "" : visible(instead),
  ]);
  const header = [t("Token"), t("with"), t("without"), t("instead, without")];
  const table = dataTable({ caption: t("Tokens of the changed text"), header, rows });
  return [
    el("h3", {}, t("Token by token")),
    el("p", { class: "quiet" }, t("Framed: the model as it is would go on otherwise here; below it, with what.")),
    el("div", { class: "tokens" }, ...tokens.map(tokenChip)),
    el("details", {}, el("summary", {}, t("As a table")), el("div", { class: "scroll", tabindex: "0" }, table)),
  ];
}

export function promptResult(saves: Saves, save: () => void): View<LabPrompt> {
  const sides = el("div", { class: "outcome" });
  const detail = el("div", { class: "stack" });
  const message = el("span");
  const failure = el("p", { class: "note note-error", role: "alert" }, icon("error"), message);
  const keep = button(t("Save Vectors…"), save, "secondary");
  let result: Steered | undefined;
  const exports = exportMenu(saves, "prompt", () => {
    const now = result;
    const titles = [t("Without the vectors"), t("With the vectors"), t("Token by token")] as const;
    return (
      now &&
      exportedPicture(
        () => promptCsv(now),
        () => promptPicture(now, titles),
      )
    );
  });
  const done = el("div", { class: "row" }, keep, el("span", { class: "grow" }), exports);
  const { element: news, say } = liveRegion();
  let drawn = "";
  return {
    element: el(
      "section",
      { class: "stack", "aria-label": t("What the model says") },
      sides,
      detail,
      done,
      failure,
      news,
    ),
    update(now) {
      setVisible(failure, now.state === "failed");
      setText(message, now.state === "failed" ? now.failure.message : "");
      setVisible(sides, now.state === "running" || now.state === "done");
      setVisible(detail, now.state === "done");
      setVisible(done, now.state === "done");
      setVisible(keep, now.state === "done" && now.hasVectors);
      sides.classList.toggle("stale", now.state === "running");
      const key = JSON.stringify(now);
      if (key === drawn) return;
      drawn = key;
      if (now.state === "running") {
        sides.replaceChildren(beforeAfter(now.texts[0], now.texts[1], []));
        say(t("Writing…"));
      }
      if (now.state !== "done") return;
      result = now.result;
      const { before, after } = result;
      sides.replaceChildren(beforeAfter(before.completion, after.completion, []));
      detail.replaceChildren(...tokensOf(after.tokens));
      say(t("Without: {0}. With: {1}", before.completion.trim(), after.completion.trim()));
    },
  };
}
