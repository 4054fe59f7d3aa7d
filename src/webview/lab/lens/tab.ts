/** The Lens tab: what each layer would say, were it the last. */
import { t } from "@vscode/l10n";
import type { LabLensRequest } from "../../../protocol/labInside.ts";
import { lensKinds } from "../../../protocol/lens.ts";
import { button, dropdown, labelled, textField } from "../../controls.ts";
import { el, setVisible } from "../../dom.ts";
import { explained } from "../explained.ts";
import { debounced, type Lab, type LabState, type LensMessage } from "../lab.ts";
import { measurementView } from "../measurementView.ts";
import { submitsOnEnter } from "../namesFields.ts";
import { lensTitle } from "./fit.ts";
import { lensResult } from "./result.ts";

export interface LensTab {
  readonly element: HTMLElement;
  updateState(state: LabState): void;
  updateLens(message: LensMessage): void;
  /** Puts this name into the prompt. */
  setName(name: string): void;
}

/** Seconds that a look may take to be taken as one types. */
const live = 1;

export function lensTab(lab: Lab): LensTab {
  const { host } = lab;
  let template = "{}";
  let running = false;
  let quick = false;
  const run = (): void => {
    if (host.state.lens.prompt !== "") host.post({ type: "lens", request: host.state.lens });
  };
  const soon = debounced(250, () => {
    if (quick) run();
  });
  const change = (part: Partial<LabLensRequest>): void => {
    host.save({ lens: { ...host.state.lens, ...part } });
    drawForm();
    soon();
  };
  const prompt = textField(t("Prompt"), (text) => change({ prompt: text }));
  const word = textField(t("Word to follow"), (text) => change({ word: text }), t("none"));
  const kind = dropdown(
    t("Lens"),
    lensKinds.map((value) => ({ value, label: lensTitle(value) })),
    (value) => {
      // The other lens may have to be fitted first: not before it is asked for.
      quick = false;
      change({ kind: lensKinds.find((known) => known === value) ?? "logit" });
    },
  );
  const start = button(t("Look"), run);
  const stop = button(t("Cancel"), () => host.post({ type: "cancel", what: "lens" }), "secondary");
  const form = el(
    "form",
    { class: "measurement-form lens-form", "aria-label": t("What to look into") },
    prompt.element,
    word.element,
    labelled(kind.element),
    el("div", { class: "row" }, start, stop),
  );
  submitsOnEnter(form, run);
  const explanation = explained(
    lab,
    t(
      "The stream of each token after each layer, read out as if it were the last: where the answer appears, and where an edit turns it.",
    ),
    "lens",
  );
  const view = measurementView(lensResult(lab), (_, phase) => doing(phase), { stays: true });

  function drawForm(): void {
    prompt.set(host.state.lens.prompt);
    word.set(host.state.lens.word);
    kind.set(host.state.lens.kind);
    start.disabled = host.state.lens.prompt === "";
    setVisible(stop, running);
  }
  drawForm();
  return {
    element: el("div", { class: "lens stack" }, explanation, form, view.element),
    updateState({ model }) {
      template = model?.defaults.concept.prompt ?? template;
    },
    updateLens({ lens }) {
      running = lens.state === "running";
      if (lens.state === "done") quick = lens.result.seconds < live;
      drawForm();
      view.update(lens);
    },
    setName(name) {
      change({ prompt: template.replace("{}", () => name) });
      run();
    },
  };
}

function doing(phase: string | undefined): string {
  if (phase?.startsWith("jacobian") || phase === "directions")
    return t("Fitting the Jacobian lens to this model, once");
  return t("Looking");
}
