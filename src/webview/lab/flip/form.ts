/** The request of the Flip tab as a form. Notes stand beside the field they are about. */
import { t } from "@vscode/l10n";
import type { Preflight } from "../../../protocol/engine.ts";
import type { LabRequest, Note } from "../../../protocol/labFlip.ts";
import { fixed } from "../../../text/numbers.ts";
import { button, textButton, textField } from "../../controls.ts";
import { el, setAttribute, setText, setVisible } from "../../dom.ts";
import { note } from "../../parts.ts";
import { meanings } from "../../text/meanings.ts";
import type { View } from "../../view.ts";
import { contextsField, covarianceField, keyField, layerField } from "../basisFields.ts";
import { folded, type Lab } from "../lab.ts";
import { aimFields } from "./aimFields.ts";
import { optimizerFields } from "./optimizerFields.ts";
import { isComplete, promptParts, shownTarget, targetOf } from "./request.ts";

export interface FormValue {
  readonly request: LabRequest;
  readonly notes: readonly Note[];
  readonly preflight: Preflight | null;
  readonly layers: number;
  /** Length of completions by the settings. */
  readonly maxTokens: number;
  readonly running: boolean;
}

export interface FormActions {
  change(part: Partial<LabRequest>): void;
  run(): void;
  cancel(): void;
  reset(): void;
}

/** A place for the notes about one field. */
function noteSlot(field: Note["field"]): View<readonly Note[]> {
  const element = el("div", { class: "notes", "aria-live": "polite" });
  let drawn = "";
  return {
    element,
    update(notes) {
      const mine = notes.filter((candidate) => candidate.field === field);
      const now = JSON.stringify(mine);
      if (now === drawn) return;
      drawn = now;
      element.replaceChildren(...mine.map(({ severity, message }) => note(severity, message)));
    },
  };
}

/** The prompt as the model will read it, its subject marked. */
function preview(): View<LabRequest> {
  const element = el("p", { class: "prompt preview" });
  return {
    element,
    update({ template, name, targets }) {
      const parts = promptParts(template);
      if (!parts) {
        element.replaceChildren(t("Write {} once, where the name goes."));
        return;
      }
      const subject = el("span", { class: "subject", title: t("The subject: what the edit is about") }, name || "{}");
      const answers = targets.map(shownTarget).join(" / ");
      element.replaceChildren(parts[0], subject, parts[1], el("span", { class: "quiet" }, ` → ${answers}`));
    },
  };
}

/** The prompt token by token, the subject's marked, the one that is looked up outlined. */
function tokenLine(): View<Preflight | null> {
  const element = el("p", { class: "tokens" });
  return {
    element,
    update(known) {
      setVisible(element, known !== null);
      if (!known) return element.replaceChildren();
      const { tokens, subject, targets, denominatorShare } = known;
      const [first, last] = subject;
      const pieces = tokens.map((token, i) =>
        el(
          "span",
          {
            class: i === last ? "token subject lookup" : i >= first && i < last ? "token subject" : "token",
            ...(i === last && { title: t("Where the edit is looked up: the subject's last token") }),
          },
          token,
        ),
      );
      const counts = targets.map(({ length }) => (length === 1 ? t("1 token") : t("{0} tokens", length)));
      const facts = t(
        "targets: {0} and {1} · kᵀu/‖k‖ {2}",
        counts[0] ?? "",
        counts[1] ?? "",
        fixed(denominatorShare, 3),
      );
      element.replaceChildren(...pieces, el("span", { class: "quiet", title: meanings.denominator() }, facts));
    },
  };
}

export function flipForm(lab: Lab, actions: FormActions): View<FormValue> {
  const { change } = actions;
  let request: LabRequest | undefined;
  let running = false;
  /** Before anything is typed an empty name is no mistake. */
  let typed = false;
  const name = textField(
    t("Name"),
    (text) => {
      typed = true;
      change({ name: text });
    },
    "Ben",
  );
  const template = textField(t("Prompt"), (text) => change({ template: text }), "Name: {}. Gender:");
  const targets = [0, 1].map((side) =>
    textField(side === 0 ? t("One answer") : t("The other"), (text) => {
      if (!request || text.trim() === "") return;
      const [first, second] = request.targets;
      change({ targets: side === 0 ? [targetOf(text, first), second] : [first, targetOf(text, second)], forms: {} });
    }),
  );
  const layer = layerField((value) => change({ layer: value }));
  const contexts = contextsField((value) => change({ contexts: value }));
  const optimizer = optimizerFields(change);
  const aim = aimFields(change);
  const covariance = covarianceField((value) => change({ covariance: value }));
  const key = keyField((value) => change({ key: value }));
  const shownPrompt = preview();
  const shownTokens = tokenLine();
  const slots = {
    name: noteSlot("name"),
    template: noteSlot("template"),
    targets: noteSlot("targets"),
    layer: noteSlot("layer"),
    contexts: noteSlot("contexts"),
    optimizer: noteSlot("optimizer"),
  };
  const run = button(t("Flip"), actions.run);
  const cancel = button(t("Cancel"), actions.cancel, "secondary");
  const advanced = folded(
    lab,
    "flip",
    el("summary", {}, t("Advanced")),
    optimizer.element,
    covariance.element,
    key.element,
    aim.element,
    textButton(t("Back to the model's defaults"), actions.reset),
  );
  const element = el(
    "form",
    { class: "flip-form", "aria-label": t("What to flip") },
    name.element,
    slots.name.element,
    template.element,
    shownPrompt.element,
    shownTokens.element,
    slots.template.element,
    el("div", { class: "pair" }, ...targets.map((target) => target.element)),
    slots.targets.element,
    layer.element,
    slots.layer.element,
    contexts.element,
    slots.contexts.element,
    advanced,
    slots.optimizer.element,
    el("div", { class: "row submit" }, run, cancel),
  );
  element.addEventListener("submit", (event) => event.preventDefault());
  element.addEventListener("keydown", (event) => {
    const field = (event.target as Element).matches("vscode-text-field, input");
    // The notes may be about what stood there a moment ago; the host looks again before it runs anything.
    if (event.key === "Enter" && field && !running) actions.run();
  });
  return {
    element,
    update(value) {
      ({ request, running } = value);
      name.set(request.name);
      template.set(request.template);
      request.targets.forEach((target, side) => {
        const field = targets[side];
        if (field && field.get().trim() !== shownTarget(target)) field.set(shownTarget(target));
      });
      layer.setMax(Math.max(0, value.layers - 1));
      layer.set(request.layer);
      contexts.set(request.contexts);
      optimizer.update({ request, layers: value.layers, maxTokens: value.maxTokens });
      covariance.set(request.covariance);
      key.set(request.key);
      aim.update(request);
      shownPrompt.update(request);
      shownTokens.update(value.preflight);
      const untouched = !typed && request.name.trim() === "";
      const notes = value.notes.filter(({ field }) => !(untouched && field === "name"));
      for (const slot of Object.values(slots)) slot.update(notes);
      const problem = (field: Note["field"]) =>
        notes.find((candidate) => candidate.field === field && candidate.severity === "error")?.message ?? "";
      name.setProblem(problem("name"));
      template.setProblem(problem("template"));
      for (const target of targets) target.setProblem(problem("targets"));
      const optimizerTrouble = value.notes.some(({ field, severity }) => field === "optimizer" && severity === "error");
      if (optimizerTrouble) setAttribute(advanced, "open", true);
      const refused = value.notes.some(({ severity }) => severity === "error");
      run.disabled = running || refused || !isComplete(request);
      setText(run, request.name.trim() === "" ? t("Flip") : t("Flip {0}", request.name.trim()));
      setVisible(cancel, running);
    },
  };
}
