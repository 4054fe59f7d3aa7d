/**
 * What an agent can do, one entry a tool: the same table serves the Model Context Protocol (`rome mcp`) and the editor's
 * own language model tools. Parameters are checked against the schemas of the engine's requests.
 */
import * as v from "valibot";
import { attributionParams } from "../protocol/attribution.ts";
import type { Concept } from "../protocol/concept.ts";
import { type FlipOptions, flipOptions, hyperParameters, maxTokens } from "../protocol/editOptions.ts";
import { type Call, type Result, requests } from "../protocol/engine.ts";
import { lensParams } from "../protocol/lens.ts";
import { adapterRequest, steerParams } from "../protocol/steer.ts";
import { direction } from "../text/words.ts";
import { type AgentEdit, type AgentEdits, type Ask, knownIds, workingIds } from "./agentEdits.ts";
import { attributionImage, type Image, lensImage, traceImage } from "./picture.ts";

/** What a tool works on. */
export interface Workplace {
  readonly ask: Ask;
  readonly edits: AgentEdits;
  /** Resolves when the edits of earlier windows are there again; every tool waits for it. */
  readonly ready?: Promise<void>;
}

/** What a tool gives back: JSON for the agent, and pictures. */
export interface Answer {
  readonly value: unknown;
  readonly images?: readonly Image[];
}

export interface Tool {
  readonly title: string;
  readonly description: string;
  readonly params: v.GenericSchema;
  /** It changes which edits are in force, or writes files: an agent asks first. */
  readonly changes: boolean;
  /** @throws RomeError "input" for parameters that are none, and what the engine throws */
  readonly run: (place: Workplace, params: unknown, call: Call) => Promise<Answer>;
}

/** Fields, and no others: a mistyped one would else be dropped without a word, and the call do what was not asked for. */
function only<E extends v.ObjectEntries>(entries: E) {
  const names = Object.keys(entries);
  const takes = names.length > 0 ? `those that exist are ${names.join(", ")}` : "this tool takes none";
  return v.strictObject(entries, (issue) =>
    issue.expected === "never" ? `There is no argument ${issue.received}: ${takes}.` : issue.message,
  );
}

function tool<E extends v.ObjectEntries>(
  words: Pick<Tool, "title" | "description" | "changes">,
  entries: E,
  run: (place: Workplace, params: v.InferOutput<ReturnType<typeof only<E>>>, call: Call) => Promise<Answer>,
): Tool {
  const params = only(entries);
  return {
    ...words,
    params,
    run: async (place, given, call) => {
      const asked = v.parse(params, given);
      await place.ready;
      return run(place, asked, call);
    },
  };
}

const described = <S extends v.GenericSchema>(schema: S, words: string) => v.pipe(schema, v.description(words));
const word = v.pipe(v.string(), v.minLength(1), v.maxLength(10_000));
const names = described(
  v.pipe(v.array(word), v.minLength(1), v.maxLength(100)),
  "Names to ask the model about, e.g. Ben",
);
/** The numbers of an edit that an agent may set; the concept is said in its own fields. */
const { layer, contexts, covariance, key, keepBad } = flipOptions.entries;
const settings = {
  layer,
  maxTokens: v.optional(maxTokens),
  hyperParameters: v.optional(only(hyperParameters.entries)),
  contexts,
  covariance,
  key,
  keepBad,
};

const [steering, erasing] = adapterRequest.options;

const flips = async ({ edits }: Workplace, ...[subjects, options, call]: Parameters<AgentEdits["flip"]>) => {
  const made = await edits.flip(subjects, options, call);
  const on = new Set(edits.list().flatMap((edit) => (edit.on ? [edit.id] : [])));
  return made.map(({ id, view: { losses, ...view } }) => ({ id, on: on.has(id), evaluations: losses.length, ...view }));
};

/** Flips the names that have no such edit yet, and puts those in force that are there: made once more, each would be the same. */
const flipOnce = async (place: Workplace, ...[subjects, options, call]: Parameters<AgentEdits["flip"]>) => {
  const { concept } = (await place.ask("describe", {}, call)).defaults;
  const labels = concept.targets.map(({ label }) => label);
  const live = place.edits.list().filter(({ on, flipped }) => on && flipped);
  const of = (edit: AgentEdit) => [edit.from, edit.to].every((label) => labels.includes(label));
  const given = [...new Set(subjects.map((name) => name.trim()))].map((name) => {
    const on = live.find((edit) => edit.name === name && of(edit));
    return { name, on, edit: on ?? place.edits.made(name, concept, options) };
  });
  const rest = given.flatMap(({ name, edit }) => (edit ? [] : [name]));
  const made = rest.length > 0 ? await flips(place, rest, options, call) : [];
  const off = given.flatMap(({ on, edit }) => (edit && !on ? [edit.id] : []));
  place.edits.set(off, true);
  return given.map(({ name, on, edit }) => {
    if (!edit) return made[rest.indexOf(name)];
    const [id, way] = [edit.id, direction(edit.from, edit.to)];
    const note = on
      ? `${name} is flipped already by edit ${id}, ${way}; undo [${JSON.stringify(id)}] flips back.`
      : `${name} was flipped before by edit ${id}, ${way}, which is in force again.`;
    return { ...edit, on: true, note };
  });
};

/** A fact to edit: what is asked of a subject, what the model says and what it is to say. */
interface Fact {
  readonly prompt: string;
  readonly subject: string;
  readonly texts: readonly [string, string];
}

function conceptOf(prompt: string, texts: readonly string[]): Concept {
  const targets = texts.map((text) => ({ label: text.trim(), text }));
  return v.parse(flipOptions.entries.concept.wrapped, { name: "own prompt", vector: "own", prompt, targets });
}

/** Of two answers the second is the likelier. */
function prefersLast(answers: Result<"answers">): boolean {
  const [first, last] = answers.map(({ probability }) => probability) as [number, number];
  return last > first;
}

/** The ids of the edits in force at a subject; of all, where it has none. */
function idsAt({ edits }: Workplace, subject: string): string[] {
  const on = edits.list().filter((edit) => edit.on);
  const own = on.filter(({ name }) => name === subject);
  return (own.length > 0 ? own : on).map(({ id }) => id);
}

/** Edits a fact where the model, with the edits in force, does not say so already; an edit that is there is put in force. */
const editOnce = async (
  place: Workplace,
  { prompt, subject, texts: [from, to] }: Fact,
  options: FlipOptions,
  call: Call,
): Promise<Answer> => {
  conceptOf(prompt, [from, to]);
  const on = [...place.edits.on()];
  const asked = { prompt: prompt.replace("{}", () => subject), texts: [from, to] };
  const plain = await place.ask("answers", { ...asked, edits: [] }, call);
  const now = on.length > 0 ? await place.ask("answers", { ...asked, edits: on }, call) : plain;
  const forms = plain.map(({ text }) => text);
  const concept = conceptOf(prompt, forms);
  const there = place.edits.made(subject, concept, { ...options, concept });
  const told = (edit: AgentEdit, standing: string) => {
    const note = `This edit is there already: edit ${edit.id}, ${standing}.`;
    return { value: { ...edit, on: true, note } };
  };
  const unchanged = (why: string) => {
    const probability = Object.fromEntries(now.map(({ text, probability }) => [text.trim(), probability]));
    return { value: { on: false, note: `Nothing was changed: ${why}`, probability } };
  };
  if (there?.on) return told(there, "in force");
  const [first, last] = forms.map((text) => JSON.stringify(text));
  if (prefersLast(now)) return unchanged(`the model already prefers ${last} here.`);
  // A flip would go the other way.
  if (prefersLast(plain)) {
    const undo = `undo ${JSON.stringify(idsAt(place, subject))} takes them out`;
    return unchanged(
      `without edits the model prefers ${last} here, and it says ${first} only by those in force; ${undo}.`,
    );
  }
  if (there) {
    place.edits.set([there.id], true);
    return told(there, "in force again");
  }
  const [made] = await flips(place, [subject], { ...options, concept }, call);
  return { value: made };
};

export const tools = {
  describe_model: tool(
    {
      title: "Describe the model",
      description:
        "The open model: its name, layers, width, the layer its edits use, the prompt and the two answers of the concept.",
      changes: false,
    },
    {},
    async ({ ask }, _, call) => ({ value: await ask("describe", {}, call) }),
  ),
  complete: tool(
    {
      title: "Complete a prompt",
      description: "Greedy completion of a prompt with the edits that are in force, and the likeliest next tokens.",
      changes: false,
    },
    {
      prompt: described(word, "Text to continue, usually without a space at its end"),
      maxTokens: v.optional(described(maxTokens, "Tokens of the completion"), 16),
      topK: v.optional(described(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)), "Next tokens"), 10),
    },
    async ({ ask, edits }, params, call) => ({
      value: await ask("complete", { ...params, edits: [...edits.on()] }, call),
    }),
  ),
  flip: tool(
    {
      title: "Flip names",
      description:
        "ROME: for each name, makes the model give the other answer of the concept (usually the other gender), by a rank-one edit of one MLP layer. The edits are in force afterwards; undo takes them back exactly. A name that is flipped already is left so, and its edit told; one whose flip was undone gets that edit again.",
      changes: true,
    },
    { names, ...settings },
    async (place, { names: subjects, ...options }, call) => ({ value: await flipOnce(place, subjects, options, call) }),
  ),
  edit: tool(
    {
      title: "Edit a fact",
      description:
        "ROME with a prompt and two answers of your own: where the model prefers `from` after the prompt, it is made to say `to`. The edit is in force afterwards. Where the model, as it is now, says `to` already, nothing is changed; the same edit is made once.",
      changes: true,
    },
    {
      prompt: described(word, 'Prompt with {} where the subject goes, e.g. "{} lives in the city of"'),
      subject: described(word, "What goes in place of {}"),
      from: described(word, 'What the model says now, with its leading space, e.g. " London"'),
      to: described(word, 'What it is to say, with its leading space, e.g. " Paris"'),
      ...settings,
    },
    async (place, { prompt, subject, from, to, ...options }, call) =>
      editOnce(place, { prompt, subject: subject.trim(), texts: [from, to] }, options, call),
  ),
  list_edits: tool(
    {
      title: "List the edits",
      description: "All edits of this session, newest first, and which are in force.",
      changes: false,
    },
    {},
    async ({ edits }) => ({ value: edits.list() }),
  ),
  undo: tool(
    {
      title: "Undo edits",
      description:
        "Takes edits out of force: those with the given ids, else all. The model is then exactly as before; list_edits still has them.",
      changes: true,
    },
    { ids: v.optional(described(v.array(v.string()), "Ids from list_edits")) },
    async ({ edits }, { ids }) => {
      const wanted = ids ? knownIds(edits, ids) : edits.list().map(({ id }) => id);
      edits.set(wanted, false);
      return { value: edits.list() };
    },
  ),
  redo: tool(
    {
      title: "Put edits in force again",
      description: "Switches edits of list_edits on again; those that flipped nothing stay off.",
      changes: true,
    },
    { ids: described(v.pipe(v.array(v.string()), v.minLength(1)), "Ids from list_edits") },
    async ({ edits }, { ids }) => {
      edits.set(workingIds(edits, ids), true);
      return { value: edits.list() };
    },
  ),
  apply_vector: tool(
    {
      title: "Apply the concept's vector",
      description:
        "Adds scale × the recorded concept vector (for gender: female → male; a negative scale: male → female) to what the edit layer writes for each name, and tells what the model without edits says before and after. Nothing stays changed.",
      changes: false,
    },
    { names, scale: described(v.pipe(v.number(), v.finite()), "Signed length, 1 to 4 as a rule") },
    async ({ ask, edits }, params, call) => {
      const applied = await ask("apply", params, call);
      const note = "Before and after are of the model without edits, though some are in force.";
      return { value: edits.on().length > 0 ? applied.map((one) => ({ ...one, note })) : applied };
    },
  ),
  steer: tool(
    {
      title: "Steer a completion",
      description:
        "Continues a prompt twice, as the model is and with vectors added (steer, with a scale) or taken out (erase) at the name, at all tokens or at those it writes; tells of each token what the model would have said instead. With the edits in force on both sides. Nothing stays changed.",
      changes: false,
    },
    {
      ...v.omit(steerParams, ["edits", "maxTokens"]).entries,
      adapters: v.array(v.variant("kind", [only(steering.entries), only(erasing.entries)])),
      maxTokens: v.optional(described(maxTokens, "Tokens of the completion"), 24),
    },
    async ({ ask, edits }, params, call) => {
      // The vectors themselves are long, and no agent reads them.
      const { view, saved } = await ask("steer", { ...params, edits: [...edits.on()] }, call);
      return { value: { ...view, vectors: saved.map(({ entry: { name } }) => name) } };
    },
  ),
  referee: tool(
    {
      title: "Referee a vector",
      description:
        "What a recorded direction is worth: ways of making it compared, and eight checks (chance, other names, capability kept and more) with a verdict each. Takes minutes to hours; what is done already is kept and not done again. Writes its card into the data set's folder.",
      changes: true,
    },
    {
      folder: described(word, "Folder of a recorded and analysed data set of the open model"),
      vector: requests.referee.params.entries.vector,
      only: requests.referee.params.entries.only,
    },
    async ({ ask }, params, call) => ({ value: await ask("referee", params, call) }),
  ),
  trace: tool(
    {
      title: "Causal trace",
      description:
        "Where the model keeps what it says of the names: effect of restoring each token × layer after noise on the name, in the model without edits. Numbers and a heat map.",
      changes: false,
    },
    { names, samples: requests.trace.params.entries.samples, seed: requests.trace.params.entries.seed },
    async ({ ask }, params, call) => {
      const traced = await ask("trace", params, call);
      return { value: traced, images: [traceImage(traced)] };
    },
  ),
  lens: tool(
    {
      title: "Lens",
      description:
        "What each layer of the model would say after each token of a prompt, were it the last: likeliest words, entropy, KL to the final output, and rank and probability of a word of yours; with the edits in force, after them, too. The Jacobian lens is fitted the first time, which takes a while.",
      changes: false,
    },
    v.omit(lensParams, ["edits"]).entries,
    async ({ ask, edits }, params, call) => {
      const looked = await ask("lens", { ...params, edits: [...edits.on()] }, call);
      return { value: looked, images: [lensImage(looked)] };
    },
  ),
  attribute: tool(
    {
      title: "Attribute an answer",
      description:
        "What each layer's attention and MLP, each head and the embedding add to the difference of two answers' logits at a prompt's last token; the shares add up to it exactly. With the edits in force, after them, too.",
      changes: false,
    },
    v.omit(attributionParams, ["edits"]).entries,
    async ({ ask, edits }, params, call) => {
      const found = await ask("attribute", { ...params, edits: [...edits.on()] }, call);
      return { value: found, images: [attributionImage(found)] };
    },
  ),
  evaluate: tool(
    {
      title: "Evaluate edits",
      description:
        "CounterFact's measures of each name's edit: efficacy, paraphrases, neighbours, fluency, other facts, perplexity. Takes minutes; nothing stays changed.",
      changes: false,
    },
    { names, seed: requests.evaluate.params.entries.seed, layer, key },
    async ({ ask }, { key, ...params }, call) => ({
      value: await ask("evaluate", { ...params, ...(key && { keys: [key] }) }, call),
    }),
  ),
} as const satisfies Record<string, Tool>;
