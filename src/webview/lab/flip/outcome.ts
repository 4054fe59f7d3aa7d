/** The right side of the Flip tab: nothing yet, the run, why it failed, or before and after with the curves. */
import { t } from "@vscode/l10n";
import type { LabRun } from "../../../protocol/labFlip.ts";
import type { ShownFlip } from "../../../protocol/shownFlip.ts";
import { duration } from "../../../text/amounts.ts";
import { count, fixed, signed } from "../../../text/numbers.ts";
import { checkbox, textButton } from "../../controls.ts";
import { el, setText, setVisible, showFrom } from "../../dom.ts";
import { icon } from "../../icons.ts";
import { chip, note, outcomePair, progressLine, promptText } from "../../parts.ts";
import { headline } from "../../text/headline.ts";
import { meanings } from "../../text/meanings.ts";
import { progressText } from "../../text/progress.ts";
import { verdict } from "../../text/verdict.ts";
import type { View } from "../../view.ts";
import type { Lab } from "../lab.ts";
import { lossChart, probabilityChart } from "./curves.ts";

function chips(result: ShownFlip): HTMLElement {
  const { score, projection, health } = result;
  return el(
    "div",
    { class: "chips" },
    score === null ? null : chip(t("score"), signed(score, 2), meanings.score()),
    projection === null ? null : chip(t("projection"), signed(projection), meanings.projection()),
    result.form === undefined ? null : chip(t("aimed at"), result.form.trim(), meanings.form()),
    chip("‖Δv‖", fixed(result.deltaNorm, 1), meanings.deltaNorm()),
    chip("‖v‖", fixed(result.valueNorm, 1), meanings.valueNorm()),
    chip("kᵀu", fixed(result.denominator, 3), meanings.denominator()),
    chip(t("health"), verdict(health), meanings.health(health)),
    el(
      "span",
      { class: "quiet" },
      [
        t("layer {0}", result.layer),
        result.covarianceTokens > 0
          ? t("covariance from {0} tokens", count(result.covarianceTokens))
          : t("no covariance"),
        t("{0} steps", result.losses.length),
        duration(result.seconds),
        result.untouched ? t("weights untouched") : t("the weights have changed"),
      ].join(" · "),
    ),
  );
}

/**
 * What a finished run shows of its result.
 *
 * @param said the headline
 */
function summary(result: ShownFlip, said: HTMLElement): HTMLElement[] {
  const { from, to, flipped, name, health } = result;
  return [
    el("h2", {}, flipped && !health.rolledBack ? said : note("warning", said)),
    promptText(result.prompt, name),
    ...outcomePair(result.before, result.after, [to, from]),
    ...result.warnings.map((warning) => note("warning", warning)),
    chips(result),
  ];
}

export function outcomePane(lab: Lab): View<LabRun> {
  const idle = el(
    "p",
    { class: "quiet idle" },
    t("What the model says before and after the edit will stand here, with the loss of each step."),
  );
  const words = el("span", { class: "quiet number" });
  const line = progressLine(t("Progress"));
  const running = el("div", { class: "stack" }, line.element, words);
  const failure = el("span", { role: "alert" });
  const failed = el(
    "p",
    { class: "note note-error" },
    icon("error"),
    failure,
    textButton(t("Show Log"), () => lab.host.post({ type: "showLog" })),
  );
  const facts = el("div", { class: "stack", "aria-live": "polite" });
  const said = el("span");
  let id = "";
  const on = checkbox(t("Edit on"), (checked) => lab.host.post({ type: "toggle", id, on: checked }));
  const losses = lossChart(lab.host);
  const probability = probabilityChart(lab.host);
  const charts = el("div", { class: "charts" }, losses.element, probability.element);
  let drawn = "";
  let before: LabRun["state"] | undefined;
  const section = el(
    "section",
    { class: "outcome", "aria-label": t("Before and after") },
    idle,
    running,
    failed,
    facts,
    on.element,
    charts,
  );
  function draw(run: LabRun): void {
    setVisible(idle, run.state === "idle");
    setVisible(running, run.state === "running");
    setVisible(failed, run.state === "failed");
    setVisible(facts, run.state === "done");
    setVisible(on.element, run.state === "done" && run.on !== null);
    setVisible(charts, run.state === "done" || (run.state === "running" && run.losses.length > 0));
    setVisible(probability.element, run.state === "done");
    // The solve sends many snapshots; what has not changed is not drawn again.
    const now = run.state === "done" ? run.id : run.state === "running" ? `running ${run.losses.length}` : run.state;
    const fresh = now !== drawn;
    drawn = now;
    switch (run.state) {
      case "idle":
        return;
      case "running": {
        const { progress } = run;
        const text = progressText(progress, t("Preparing…"));
        setText(words, text);
        line.update({ done: progress?.done ?? 0, total: progress?.total ?? 0, text });
        if (fresh && run.losses.length > 0) losses.update({ total: run.losses, parts: null });
        return;
      }
      case "failed":
        setText(failure, run.failure.message);
        return;
      case "done":
        id = run.id;
        on.set(run.on === true);
        setText(said, headline(run.result, run));
        if (!fresh) return;
        facts.replaceChildren(...summary(run.result, said));
        losses.update({ total: run.losses.map((step) => step.total), parts: run.losses });
        probability.update(run.losses);
        return;
      default:
        run satisfies never;
    }
  }
  return {
    element: section,
    update(run) {
      draw(run);
      const head = { idle: null, running, failed, done: facts.firstElementChild }[run.state];
      // In a narrow panel the result lies under the form; what is there when the page opens is no news.
      if (head && before !== undefined && before !== run.state) showFrom(section, head);
      before = run.state;
    },
  };
}
