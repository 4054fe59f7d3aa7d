/** The Experiment tab: record, then look at every name of it from all sides. */
import { t } from "@vscode/l10n";
import type { Pretrained } from "../../../protocol/labExperiment.ts";
import { count, outOf, typesetPercent } from "../../../text/numbers.ts";
import { button, textButton } from "../../controls.ts";
import { el, setText, setVisible } from "../../dom.ts";
import type { Lab, LabState, ReportMessage } from "../lab.ts";
import { figures } from "./figures.ts";
import { learningChart } from "./learningCurve.ts";
import { pcaChart, projectionStrip } from "./nameCharts.ts";
import { pointsTable } from "./pointsTable.ts";
import { recordForm, tooMany } from "./recordForm.ts";
import { recordingPanel } from "./recordingPanel.ts";
import { scoreChart } from "./scoreChart.ts";
import { selectionPanel } from "./selectionPanel.ts";

export interface ExperimentTab {
  readonly element: HTMLElement;
  updateState(state: LabState): void;
  updateReport(message: ReportMessage): void;
}

export function experimentTab(lab: Lab): ExperimentTab {
  const { host, selection } = lab;
  const { post } = host;
  let message: ReportMessage | undefined;
  let state: LabState | undefined;

  const choose = (name: string, beside = false): void => {
    if (beside) selection.toggle(name);
    else {
      selection.set([name]);
      post({ type: "revealName", name });
    }
  };
  const fingerprint = () => state?.model?.model.fingerprint ?? "";
  const options = () => {
    const { recordDraft } = host.state;
    return recordDraft?.fingerprint === fingerprint() ? recordDraft.options : {};
  };
  const record = () => post({ type: "record", options: options() });
  const form = recordForm(lab, (chosen) => {
    host.save({ recordDraft: { fingerprint: fingerprint(), options: chosen } });
    draw();
  });
  const start = button("", record);
  const namesFile = el("span", { class: "quiet" });
  const empty = el(
    "section",
    { class: "empty" },
    el(
      "p",
      {},
      t(
        "An experiment flips every name of a file, once, and learns from the edits which direction in the model tells the two answers apart.",
      ),
    ),
    el("div", { class: "row" }, start),
    el(
      "div",
      { class: "row" },
      namesFile,
      textButton(t("Choose another names file…"), () => post({ type: "chooseNames" })),
    ),
  );
  const recording = recordingPanel(lab, record);
  const sourceText = el("span", { class: "quiet" });
  const recordOwn = textButton("", record);
  const chooseNames = textButton(t("Choose names file…"), () => post({ type: "chooseNames" }));
  const discard = textButton(t("Back to the shipped experiment"), () => post({ type: "discardRecording" }));
  const source = el(
    "div",
    { class: "row source" },
    sourceText,
    el("span", { class: "grow" }),
    recordOwn,
    chooseNames,
    discard,
  );
  const pretrainedText = el("span", {});
  const beside = textButton(t("Set it beside this one"), () => post({ type: "comparePretrained" }));
  const pretrained = el("div", { class: "row source" }, pretrainedText, beside);
  const tiles = figures();
  const names = [
    pcaChart(
      host,
      () => host.state.axes,
      (axes) => {
        host.save({ axes });
        drawNames();
      },
      choose,
    ),
    scoreChart(host),
    projectionStrip(host, choose),
  ] as const;
  const learning = learningChart(host);
  const chosen = selectionPanel(lab);
  const table = pointsTable(lab, choose);
  const done = el(
    "div",
    { class: "stack" },
    source,
    tiles.element,
    el("div", { class: "charts" }, names[0].element, names[1].element, learning.element, names[2].element),
    chosen.element,
    table.element,
  );

  function drawNames(): void {
    const report = message?.report;
    if (!report) return;
    for (const view of names) view.update({ report, selected: (name) => selection.has(name) });
    chosen.update(report);
  }
  function draw(): void {
    if (!state) return;
    const { report = null, source: origin = null, pretrained: other = null } = message ?? {};
    const idle = state.recording.state === "none";
    setVisible(empty, message !== undefined && report === null && idle);
    setVisible(recording.element, !idle);
    setVisible(done, report !== null);
    setVisible(pretrained, other !== null && idle);
    setVisible(beside, report !== null);
    if (other) setText(pretrainedText, headlineOf(other));
    const chosenOptions = options();
    const { names: listed } = state.namesFile;
    const wanted = count(chosenOptions.count ?? listed);
    form.update({ options: chosenOptions, model: state.model, names: listed });
    setText(start, t("Record {0} names", wanted));
    start.disabled = recordOwn.disabled = listed === 0 || tooMany(chosenOptions, listed) !== undefined;
    setText(namesFile, state.namesFile.label);
    setText(
      sourceText,
      origin === "recorded"
        ? t("Recorded here.")
        : t("This experiment came with the extension, made with the model you see."),
    );
    setText(recordOwn, t("Record {0} names of {1} here", wanted, state.namesFile.label));
    setVisible(recordOwn, idle && origin !== "recorded");
    setVisible(chooseNames, idle);
    setVisible(form.element, idle && (report === null || origin !== "recorded"));
    setVisible(discard, idle && origin === "recorded");
    recording.update(state.recording);
  }
  selection.onChange(() => {
    drawNames();
    table.showSelection();
  });
  return {
    element: el("div", { class: "experiment stack" }, pretrained, empty, form.element, recording.element, done),
    updateState(now) {
      state = now;
      draw();
    },
    updateReport(now) {
      message = now;
      draw();
      if (!now.report) return;
      tiles.update(now.report);
      learning.update(now.report);
      drawNames();
      table.update(now.report);
      table.showSelection();
    },
  };
}

/** The experiment on a pretrained model, in a sentence. */
function headlineOf({ model, flipped, testAccuracy, turned: [plus, minus] }: Pretrained): string {
  return t(
    "On a model that nobody trained for this, {0}: {1} names turned by their own edit, {2} of held-out edits told apart, and the vector turned {3} and {4} of new names.",
    model,
    outOf(flipped.count, flipped.total),
    typesetPercent(testAccuracy),
    outOf(plus.count, plus.total),
    outOf(minus.count, minus.total),
  );
}
