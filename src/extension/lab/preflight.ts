import { t } from "@vscode/l10n";
import * as v from "valibot";
import type { Memento } from "vscode";
import { type Concept, concept as conceptSchema, inOwnWords } from "../../protocol/concept.ts";
import type { HealthLimits } from "../../protocol/editEntry.ts";
import type { FlipOptions } from "../../protocol/editOptions.ts";
import { type Description, type Preflight, preflight } from "../../protocol/engine.ts";
import { type LabRequest, labRequest, type Note } from "../../protocol/labFlip.ts";
import { isName } from "../../protocol/name.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { stored } from "../stored.ts";

/** Time without a change after which the engine is asked. */
const quietMs = 400;

/** Where the last look is kept: the request, what of the model it was looked at with, and what the engine said. */
const storageKey = "labPreflight";
const keptLook = v.object({ request: labRequest, looked: v.string(), known: v.nullable(preflight) });

type Known = Pick<Description, "model" | "defaults"> | undefined;

/** What can be said of the form's request before it runs: at once by its fields, then by how the model reads it. */
export class PreflightCheck {
  /** What was checked last. */
  #checked: { request: LabRequest; model: Description["model"] | undefined } | undefined;
  #known: Preflight | null = null;
  /** What was looked at last, to tell when a look would bring nothing new. */
  #looked = "";
  /** What the engine is still to be asked. */
  #due: (() => Promise<void>) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #abort: AbortController | undefined;

  constructor(
    private readonly engine: Pick<EngineClient, "request" | "state">,
    /** Beyond these an edit is rolled back. */
    private readonly limits: () => HealthLimits,
    /** The layer of the experiment that scores come from; undefined where there is none. */
    private readonly scoredLayer: () => number | undefined,
    /** Keeps the look for the next window. */
    private readonly memento: Memento,
    private readonly changed: () => void,
  ) {}

  get notes(): Note[] {
    return [...this.#fieldNotes(), ...(this.#known ? modelNotes(this.#known, this.limits()) : [])];
  }

  get known(): Preflight | null {
    return this.#known;
  }

  /** Whether the request can run at all. */
  get isRunnable(): boolean {
    return this.#fieldNotes().every(({ severity }) => severity !== "error");
  }

  #fieldNotes(): Note[] {
    return this.#checked ? fieldNotes(this.#checked.request, this.#checked.model, this.scoredLayer()) : [];
  }

  /** What the last window knew; the engine is asked again once it is awake, as its answer may be another one by then. */
  restore(description: Known): void {
    const kept = stored(this.memento, storageKey, keptLook);
    if (!kept || this.#looked !== "") return;
    this.check(kept.request, description);
    if (kept.known && kept.looked === this.#looked) this.#learn(kept.request, kept.known);
  }

  /** Looks at a request; a newer one ends the look at an older one, the same again keeps what is known. */
  check(request: LabRequest, description: Known): void {
    const now = JSON.stringify([request, description?.model, description?.defaults]);
    if (now === this.#looked) return;
    this.#looked = now;
    this.#checked = { request, model: description?.model };
    this.#abort?.abort();
    this.#due = undefined;
    clearTimeout(this.#timer);
    if (description && this.isRunnable) {
      const abort = new AbortController();
      this.#abort = abort;
      const params = { name: request.name.trim(), ...optionsOf(request, description.defaults.concept) };
      // What fails here fails in the run, too, and is told there.
      const ask = () => this.engine.request("preflight", params, { signal: abort.signal }).catch(() => null);
      this.#due = async () => {
        const known = await ask();
        if (!abort.signal.aborted) this.#learn(request, known);
      };
      this.#timer = setTimeout(() => this.resume(), quietMs);
    }
    this.#learn(request, null);
  }

  #learn(request: LabRequest, known: Preflight | null): void {
    this.#known = known;
    void this.memento.update(storageKey, { request, looked: this.#looked, known });
    this.changed();
  }

  /** Asks what is still to be asked, unless the engine works or sleeps; it is not woken for this. */
  resume(): void {
    const { state } = this.engine;
    if (!this.#due || state.kind !== "ready" || state.busy) return;
    const ask = this.#due;
    this.#due = undefined;
    clearTimeout(this.#timer);
    void ask();
  }
}

/** The form's request as the engine takes it; the form's own words make a concept of their own. */
export function optionsOf(
  { name: _, template, targets, contexts, maxTokens, ...rest }: LabRequest,
  given: Concept,
): FlipOptions {
  const concept = v.parse(conceptSchema, inOwnWords(given, { template, targets }));
  const length = maxTokens === null ? {} : { maxTokens };
  return { ...rest, ...length, concept, contexts: contexts === 0 ? "none" : contexts };
}

/** Targets this long are seldom reached. */
const longTarget = 5;

function modelNotes({ subject, targets, covarianceTokens, denominatorShare }: Preflight, limits: HealthLimits): Note[] {
  const notes: Note[] = [];
  const lengths = targets.map(({ length }) => length);
  if (subject[0] === 0)
    notes.push({
      field: "template",
      severity: "warning",
      message: t("The name is the first thing the model reads; edits there are known to be unstable."),
    });
  if (Math.max(...lengths) >= longTarget)
    notes.push({
      field: "targets",
      severity: "warning",
      message: t("The targets have {0} and {1} tokens; long ones take more steps.", ...lengths),
    });
  if (covarianceTokens === 0)
    notes.push({
      field: "optimizer",
      severity: "info",
      message: t(
        "No covariance: the edit reaches more of the other names. The command line counts one: rome covariance.",
      ),
    });
  if (denominatorShare < limits.denominatorShare)
    notes.push({
      field: "template",
      severity: "warning",
      message: t(
        "kᵀu is {0} of ‖k‖, below the limit {1}: this edit would be rolled back. Another key may help.",
        denominatorShare.toFixed(3),
        limits.denominatorShare,
      ),
    });
  return notes;
}

/** What the fields themselves tell, each note beside the field it is about. */
function fieldNotes(
  request: LabRequest,
  model: Description["model"] | undefined,
  scoredLayer: number | undefined,
): Note[] {
  const notes: Note[] = [];
  const add = (field: Note["field"], severity: Note["severity"], message: string) =>
    notes.push({ field, severity, message });
  const { name, template, targets, layer, contexts, hyperParameters } = request;
  if (!isName(name.trim())) {
    add("name", "error", t("Type a name: letters, spaces, apostrophes, hyphens and dots, at most 60 characters."));
  }
  const places = template.split("{}").length - 1;
  if (places !== 1) add("template", "error", t("The prompt needs exactly one {} where the name goes."));
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
  } else if (scoredLayer !== undefined && layer !== scoredLayer) {
    add("layer", "info", t("Scores and projections are known for layer {0} only.", scoredLayer));
  }
  if (contexts === 0)
    add("contexts", "info", t("Without prefix contexts the edit fits this very prompt and carries over less."));
  return notes;
}
