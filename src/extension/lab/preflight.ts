import { t } from "@vscode/l10n";
import type { Description } from "../../protocol/engine.ts";
import type { LabRequest, Note } from "../../protocol/webview.ts";
import { isName } from "../language/names.ts";

/** What can be said of a request before it runs, each note beside the field it is about. */
export function preflight(request: LabRequest, model: Description["model"] | undefined): Note[] {
  const notes: Note[] = [];
  const add = (field: Note["field"], severity: Note["severity"], message: string) =>
    notes.push({ field, severity, message });
  const { name, template, targets, layer, contexts, hyperParameters, covariance } = request;
  if (!isName(name.trim())) {
    add("name", "error", t("Type a name: letters, spaces, apostrophes, hyphens and dots, at most 60 characters."));
  }
  const places = template.split("{}").length - 1;
  if (places !== 1) add("template", "error", t("The prompt needs exactly one {} where the name goes."));
  else if (template.startsWith("{}")) {
    add("template", "warning", t("The name is the first thing in the prompt; edits there are known to be unstable."));
  }
  const [first, second] = targets;
  if (first.text.trim() === "" || second.text.trim() === "") add("targets", "error", t("Both targets need a text."));
  else if (first.text === second.text) add("targets", "error", t("The two targets are the same."));
  else if (targets.some(({ text }) => !text.startsWith(" ")) && !/\s$/.test(template)) {
    add("targets", "info", t("A target that follows a word usually begins with a space."));
  }
  if (model && layer >= model.layers) {
    add("layer", "error", t("The model has layers 0 to {0}.", model.layers - 1));
  } else if (hyperParameters.v_loss_layer !== undefined && hyperParameters.v_loss_layer <= layer) {
    add(
      "layer",
      "error",
      t("The loss is read at layer {0}, which must be above the edited layer.", hyperParameters.v_loss_layer),
    );
  } else if (model && layer !== model.editLayer) {
    add("layer", "info", t("Scores and projections are known for layer {0} only.", model.editLayer));
  }
  if (contexts === 0)
    add("contexts", "info", t("Without prefix contexts the edit fits this very prompt and carries over less."));
  if (covariance === "none") {
    add("optimizer", "info", t("Without the covariance the edit reaches more of the other names."));
  }
  return notes;
}

/** Whether the request can run at all. */
export function isRunnable(notes: readonly Note[]): boolean {
  return notes.every(({ severity }) => severity !== "error");
}
