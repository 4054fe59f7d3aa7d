/** The lab: a panel beside the code with a tab for each way of looking. A further tab is one more entry of `list`. */
import { t } from "@vscode/l10n";
import { type LabIntent, type LabTab, labMessage, labTab } from "../../protocol/lab.ts";
import { tabs, textButton } from "../controls.ts";
import { el } from "../dom.ts";
import { connect, pageRoot } from "../host.ts";
import { statusLine } from "../parts.ts";
import { attributionTab } from "./attribution/tab.ts";
import { experimentTab } from "./experiment/tab.ts";
import { flipTab } from "./flip/tab.ts";
import type { Lab } from "./lab.ts";
import { layoutState } from "./layout.ts";
import { lensTab } from "./lens/tab.ts";
import { promptTab } from "./prompt/tab.ts";
import { refereeTab } from "./referee/tab.ts";
import { Selection } from "./selection.ts";
import { specificityTab } from "./specificity/tab.ts";
import { traceTab } from "./trace/tab.ts";
import { vectorTab } from "./vector/tab.ts";
import "../page.css";
import "../controls.css";
import "../parts.css";
import "../charts/charts.css";
import "../charts/cellGrid.css";
import "./lab.css";
import "./tabs.css";

const host = connect<typeof labMessage, typeof layoutState, LabIntent>(
  labMessage,
  (message) => {
    switch (message.type) {
      case "state":
        root.hidden = false;
        status.update(message.status);
        flip.update(message);
        experiment.updateState(message);
        vector.updateState(message);
        trace.updateState(message);
        specificity.updateState(message);
        prompt.updateState(message);
        lens.updateState(message);
        attribution.updateState(message);
        return;
      case "trace":
        return trace.updateTrace(message);
      case "lens":
        return lens.updateLens(message);
      case "attribution":
        return attribution.updateAttribution(message);
      case "evaluation":
      case "layers":
        return specificity.updateMeasured(message);
      case "prompt":
        return prompt.updatePrompt(message);
      case "referee":
        return referee.updateReferee(message);
      case "vector":
        return prompt.addVector(message.from, message.label);
      case "report":
        experiment.updateReport(message);
        vector.updateReport(message);
        return;
      case "show":
        show(message.tab);
        if (message.name !== undefined) showName(message.tab, message.name);
        return;
      case "fill":
        show("flip");
        return flip.fill(message.request);
      case "select":
        return selection.set(message.names);
      default:
        return message satisfies never;
    }
  },
  layoutState,
);

const selection = new Selection();
selection.set(host.state.selected);
selection.onChange(() => host.save({ selected: [...selection.names] }));
const lab: Lab = { host, selection };

const status = statusLine({
  help: textButton(t("What do these figures mean?"), () => host.post({ type: "explain" })),
  showLog: textButton(t("Show Log"), () => host.post({ type: "showLog" })),
});
const flip = flipTab(lab);
const experiment = experimentTab(lab);
const vector = vectorTab(lab);
const trace = traceTab(lab);
const lens = lensTab(lab);
const attribution = attributionTab(lab);
const specificity = specificityTab(lab);
const prompt = promptTab(lab);
const referee = refereeTab(lab);
const list: { id: LabTab; title: string; content: HTMLElement }[] = [
  { id: "flip", title: t("Flip"), content: flip.element },
  { id: "experiment", title: t("Experiment"), content: experiment.element },
  { id: "vector", title: t("Vector"), content: vector.element },
  { id: "trace", title: t("Causal trace"), content: trace.element },
  { id: "lens", title: t("Lens"), content: lens.element },
  { id: "attribution", title: t("Attribution"), content: attribution.element },
  { id: "specificity", title: t("Specificity"), content: specificity.element },
  { id: "prompt", title: t("Prompt"), content: prompt.element },
  { id: "referee", title: t("Referee"), content: referee.element },
];
const bar = tabs(t("Lab"), list, (id) => {
  const tab = labTab.options.find((known) => known === id);
  if (tab) host.save({ tab });
});

function show(tab: LabTab): void {
  host.save({ tab });
  bar.set(tab);
}

function showName(tab: LabTab, name: string): void {
  const take: Record<LabTab, (name: string) => void> = {
    flip: flip.setName,
    experiment: (chosen) => selection.set([chosen]),
    vector: vector.setName,
    trace: trace.setName,
    lens: lens.setName,
    attribution: attribution.setName,
    specificity: specificity.setName,
    prompt: prompt.setName,
    // Its names are drawn.
    referee: () => {},
  };
  take[tab](name);
}

const root = pageRoot();
// An unfilled form is not shown.
root.hidden = true;
root.append(status.element, el("div", { class: "tabs" }, bar.element));
show(host.state.tab);
host.post({ type: "ready" });
