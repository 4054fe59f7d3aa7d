/** The Attribution tab: which parts of the model one word's lead over another is the sum of. */
import { t } from "@vscode/l10n";
import type { LabAttributionRequest } from "../../../protocol/labInside.ts";
import { button, textField } from "../../controls.ts";
import { el, setVisible } from "../../dom.ts";
import { explained } from "../explained.ts";
import { type AttributionMessage, debounced, type Lab, type LabState } from "../lab.ts";
import { measurementView } from "../measurementView.ts";
import { submitsOnEnter } from "../namesFields.ts";
import { attributionResult } from "./result.ts";

export interface AttributionTab {
  readonly element: HTMLElement;
  updateState(state: LabState): void;
  updateAttribution(message: AttributionMessage): void;
  /** Puts this name into the prompt. */
  setName(name: string): void;
}

/** Seconds that a look may take to be taken as one types. */
const live = 1;

export function attributionTab(lab: Lab): AttributionTab {
  const { host } = lab;
  let template = "{}";
  let running = false;
  let quick = false;
  const run = (): void => {
    if (host.state.attribution.prompt !== "") host.post({ type: "attribute", request: host.state.attribution });
  };
  const soon = debounced(250, () => {
    if (quick) run();
  });
  const change = (part: Partial<LabAttributionRequest>): void => {
    host.save({ attribution: { ...host.state.attribution, ...part } });
    drawForm();
    soon();
  };
  const prompt = textField(t("Prompt"), (text) => change({ prompt: text }));
  const [first, second] = [
    textField(t("Word"), (text) => change({ targets: [text, host.state.attribution.targets[1]] }), " female"),
    textField(t("over word"), (text) => change({ targets: [host.state.attribution.targets[0], text] }), " male"),
  ];
  const start = button(t("Look"), run);
  const stop = button(t("Cancel"), () => host.post({ type: "cancel", what: "attribution" }), "secondary");
  const form = el(
    "form",
    { class: "measurement-form attribution-form", "aria-label": t("What to look into") },
    prompt.element,
    first.element,
    second.element,
    el("div", { class: "row" }, start, stop),
  );
  submitsOnEnter(form, run);
  const explanation = explained(
    lab,
    t(
      "The lead of one word over the other at the prompt's end, as the sum of what each layer's attention, MLP and head adds. A head opens what it looks at.",
    ),
    "lens",
  );
  const result = attributionResult(lab, (pattern) => {
    host.save({ attribution: { ...host.state.attribution, pattern } });
    run();
  });
  const view = measurementView(result, () => t("Looking"), { stays: true });

  function drawForm(): void {
    const { prompt: text, targets } = host.state.attribution;
    prompt.set(text);
    first.set(targets[0]);
    second.set(targets[1]);
    start.disabled = text === "";
    setVisible(stop, running);
  }
  drawForm();
  return {
    element: el("div", { class: "attribution stack" }, explanation, form, view.element),
    updateState({ model }) {
      template = model?.defaults.concept.prompt ?? template;
      const [a, b] = model?.defaults.concept.targets ?? [];
      first.element.placeholder = a?.text ?? "";
      second.element.placeholder = b?.text ?? "";
    },
    updateAttribution({ attribution }) {
      running = attribution.state === "running";
      if (attribution.state === "done") quick = attribution.result.seconds < live;
      drawForm();
      view.update(attribution);
    },
    setName(name) {
      change({ prompt: template.replace("{}", () => name) });
      run();
    },
  };
}
