/** The Gender vector tab: what the vector does at each scale, to whom it does nothing, and what it is made of. */
import { t } from "@vscode/l10n";
import { fixed, outOf } from "../../../text/numbers.ts";
import { direction } from "../../../text/words.ts";
import { dropdown, labelled, rangeField } from "../../controls.ts";
import { el, setText, setVisible } from "../../dom.ts";
import { meanings } from "../../text/meanings.ts";
import { debounced, type Lab, type LabState, type ReportMessage } from "../lab.ts";
import { mostAlong, resistingList } from "./lists.ts";
import { rates } from "./rates.ts";
import { draggedOthers, type Judge, sweepOf } from "./sweep.ts";
import { sweepChart } from "./sweepChart.ts";
import { tryName } from "./tryName.ts";

export interface VectorTab {
  readonly element: HTMLElement;
  updateState(state: LabState): void;
  updateReport(message: ReportMessage): void;
  setName(name: string): void;
}

export function vectorTab(lab: Lab): VectorTab {
  const { host } = lab;
  let report: ReportMessage["report"] = null;

  /** As the user left the slider, else where the vector does best. */
  const scaleNow = (): number => host.state.scale ?? report?.vector.scale ?? 1;
  const trial = tryName(lab, scaleNow);
  const askAgain = debounced(300, () => trial.askAgain());
  const slider = rangeField({ label: t("Scale of the vector"), min: -2, max: 2, step: 0.05 }, (scale) => {
    host.save({ scale });
    draw();
    askAgain();
  });
  const judge = dropdown(
    t("Judged by"),
    [
      { value: "label", label: t("the likelier answer") },
      { value: "firstWord", label: t("the first word written") },
    ],
    (value) => {
      host.save({ judge: value as Judge });
      draw();
    },
  );
  judge.set(host.state.judge);
  const judging = labelled(judge.element);
  const four = rates();
  const chart = sweepChart(host);
  const resisting = resistingList((name) => trial.ask(name));
  const along = mostAlong((name) => trial.ask(name));
  const sentence = el("p");
  const help = [
    meanings.vectorNorm(),
    meanings.cosineToMeanDifference(),
    meanings.cosineToWeights(),
    meanings.bestScale(),
  ];
  const about = el("p", { class: "quiet", title: help.join("\n") });
  const untried = el("p", { class: "quiet" }, t("The scales have not been tried on new names yet."));
  const others = el("p", { class: "quiet" });
  const swept = el("div", { class: "stack" }, four.element, others, judging, chart.element);
  const empty = el(
    "p",
    { class: "quiet empty" },
    t("The vector comes from an experiment. Record one in the tab “Experiment”."),
  );
  const content = el(
    "div",
    { class: "stack" },
    sentence,
    about,
    slider.element,
    untried,
    swept,
    el("div", { class: "vector-lower" }, trial.element, resisting.element, along.element),
  );

  function draw(): void {
    setVisible(empty, report === null);
    setVisible(content, report !== null);
    if (!report) return;
    const { judge: wanted } = host.state;
    const scale = scaleNow();
    slider.set(scale);
    const byWord = report.transfer.some((row) => row.byFirstWord);
    const by = byWord ? wanted : "label";
    setVisible(judging, byWord);
    setVisible(untried, report.transfer.length === 0);
    setVisible(swept, report.transfer.length > 0);
    if (report.transfer.length > 0) {
      four.update({ sweep: sweepOf(report.transfer, "concept", by), scale, labels: report.concept.labels });
      chart.update({ report, judge: by, scale });
      const dragged = draggedOthers(report.transfer, scale);
      setVisible(others, dragged !== null);
      if (dragged)
        setText(others, t("Of the names with other answers it drags along: {0}.", outOf(dragged.count, dragged.total)));
    }
    resisting.update({ report, scale });
  }
  return {
    element: el("div", { class: "vector stack" }, empty, content),
    updateState: (state) => trial.update(state.vectorTry),
    updateReport(message) {
      report = message.report;
      draw();
      if (!report) return;
      const [first, second] = report.concept.labels;
      setText(
        sentence,
        t(
          "g is the direction along which the edits {0} and {1} differ: added at a name, +g makes the model say {2}, −g {3}.",
          direction(first, second),
          direction(second, first),
          second,
          first,
        ),
      );
      const { norm, meanDeltaNorm, cosineToMeanDifference, cosineToWeights, scale } = report.vector;
      const parts = [
        t("‖g‖ {0} (a typical ‖Δv‖ is {1})", fixed(norm, 1), fixed(meanDeltaNorm, 1)),
        t("cosine to the mean difference {0}", fixed(cosineToMeanDifference, 3)),
        t("cosine to the classifier's weights {0}", fixed(cosineToWeights, 3)),
        scale === null ? "" : t("best scale {0}", fixed(scale, 2)),
      ];
      setText(about, parts.filter((part) => part !== "").join(" · "));
      along.update(report);
    },
    setName: (name) => trial.ask(name),
  };
}
