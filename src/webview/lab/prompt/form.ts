/** What the model is to go on with, and what is added to what it computes meanwhile. */
import { t } from "@vscode/l10n";
import type { LabPromptRequest, LabVector } from "../../../protocol/labPrompt.ts";
import { places } from "../../../protocol/steer.ts";
import { button, checkbox, dropdown, labelled, rangeField, textButton } from "../../controls.ts";
import { el, setText, setVisible } from "../../dom.ts";
import { keyedList, type View } from "../../view.ts";

export interface PromptFormValue {
  readonly request: LabPromptRequest;
  readonly running: boolean;
  /** Edits that are on. */
  readonly editsOn: number;
  /** From which label to which the vector at hand leads; null where there is none. */
  readonly concept: string | null;
}

export interface PromptFormActions {
  change(part: Partial<LabPromptRequest>): void;
  run(): void;
  cancel(): void;
  addVector(): void;
}

/** A slider and a check box for one concept. */
function vectorRow(
  vector: LabVector,
  change: (part: Partial<LabVector>) => void,
  remove: () => void,
): View<LabVector & { readonly shown: string }> {
  const hint = t("Times the vector; 1 is the essay’s length, 0 adds nothing.");
  const { label } = vector;
  const slider = rangeField({ label, hint, min: -4, max: 4, step: 0.25, limit: [-20, 20] }, (scale) =>
    change({ scale }),
  );
  const erase = checkbox(t("Take it out"), (on) => change({ erase: on }));
  erase.element.title = t("Erases the concept from what the layer writes (LEACE), whatever is added.");
  const away = textButton(t("Remove"), remove);
  setVisible(away, vector.from !== "");
  return {
    element: el(
      "div",
      { class: "vector-row", role: "group", "aria-label": label },
      slider.element,
      erase.element,
      away,
    ),
    update(now) {
      slider.set(now.scale);
      erase.set(now.erase);
    },
  };
}

export function promptForm({ change, run, cancel, addVector }: PromptFormActions): View<PromptFormValue> {
  let now: PromptFormValue["request"] | undefined;
  const text = el("textarea", {
    class: "prompt-text",
    rows: 3,
    spellcheck: "false",
    "aria-label": t("Prompt"),
    placeholder: t("A text for the model to go on with"),
  });
  text.addEventListener("input", () => change({ prompt: text.value }));
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || start.disabled) return;
    event.preventDefault();
    run();
  });
  const names: Record<(typeof places)[number], string> = {
    name: t("at the name’s last token"),
    all: t("at all tokens"),
    generated: t("at the tokens that generate"),
  };
  const at = dropdown(
    t("Where the vectors are on"),
    places.map((value) => ({ value, label: names[value] })),
    (value) => {
      const place = places.find((known) => known === value);
      if (place) change({ at: place });
    },
  );
  const rows = el("div", { class: "vector-rows stack", role: "group", "aria-label": t("Vectors") });
  const patch = (from: string, part: Partial<LabVector>) =>
    change({ vectors: (now?.vectors ?? []).map((one) => (one.from === from ? { ...one, ...part } : one)) });
  const drawRows = keyedList<LabVector & { readonly shown: string }>(
    rows,
    ({ from, shown }) => `${from} ${shown}`,
    ({ shown, ...vector }) =>
      vectorRow(
        { ...vector, label: shown },
        (part) => patch(vector.from, part),
        () => change({ vectors: (now?.vectors ?? []).filter(({ from }) => from !== vector.from) }),
      ),
  );
  const missing = el(
    "p",
    { class: "quiet" },
    t("This model has no recorded vector yet. Record an experiment, or add a vector."),
  );
  const withEdits = checkbox(t("With the edits that are on"), (edits) => change({ edits }));
  const length = rangeField(
    { label: t("Length"), hint: t("Tokens of the completion, at most."), min: 1, max: 100, step: 1, limit: [1, 512] },
    (maxTokens) => change({ maxTokens }),
  );
  const start = button(t("Run"), run);
  start.title = t("Ctrl+Enter");
  const stop = button(t("Cancel"), cancel, "secondary");
  const element = el(
    "form",
    { class: "measurement-form prompt-form", "aria-label": t("Prompt and vectors") },
    labelled(text),
    rows,
    missing,
    el("div", { class: "row" }, button(t("Add Vector…"), addVector, "secondary")),
    labelled(at.element),
    length.element,
    withEdits.element,
    el("div", { class: "row" }, start, stop),
  );
  element.addEventListener("submit", (event) => event.preventDefault());
  return {
    element,
    update({ request, running, editsOn, concept }) {
      now = request;
      if (text.value !== request.prompt) text.value = request.prompt;
      const shown = request.vectors.filter(({ from }) => from !== "" || concept !== null);
      drawRows(shown.map((vector) => ({ ...vector, shown: vector.from === "" ? (concept ?? "") : vector.label })));
      setVisible(missing, shown.length === 0);
      at.set(request.at);
      length.set(request.maxTokens);
      withEdits.set(request.edits);
      setText(
        withEdits.element,
        editsOn > 0 ? t("With the edits that are on ({0})", editsOn) : t("With the edits that are on"),
      );
      start.disabled = request.prompt.trim() === "";
      setVisible(stop, running);
    },
  };
}
