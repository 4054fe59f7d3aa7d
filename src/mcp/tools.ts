/**
 * What an agent can do, one entry a tool: the same table serves the Model Context Protocol (`rome mcp`) and the editor's
 * own language model tools. Parameters are checked against the schemas of the engine's requests.
 */
import * as v from "valibot";
import { attributionParams } from "../protocol/attribution.ts";
import { flipOptions, hyperParameters, maxTokens } from "../protocol/editOptions.ts";
import { type Call, requests } from "../protocol/engine.ts";
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

/** Flips the names that are not flipped yet: once more, each would be the same edit again. */
const flipOnce = async (place: Workplace, ...[subjects, options, call]: Parameters<AgentEdits["flip"]>) => {
  const { targets } = (await place.ask("describe", {}, call)).defaults.concept;
  const labels = targets.map(({ label }) => label);
  const live = place.edits.list().filter(({ on, flipped }) => on && flipped);
  const given = subjects.map((name) => {
    const of = (edit: AgentEdit) => [edit.from, edit.to].every((label) => labels.includes(label));
    return { name, edit: live.find((edit) => edit.name === name.trim() && of(edit)) };
  });
  const rest = [...new Set(given.flatMap(({ name, edit }) => (edit ? [] : [name])))];
  const made = rest.length > 0 ? await flips(place, rest, options, call) : [];
  return given.map(({ name, edit }) => {
    if (!edit) return made[rest.indexOf(name)];
    const undo = `undo [${JSON.stringify(edit.id)}] flips back`;
    return {
      ...edit,
      note: `${edit.name} is flipped already by edit ${edit.id}, ${direction(edit.from, edit.to)}; ${undo}.`,
    };
  });
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
        "ROME: for each name, makes the model give the other answer of the concept (usually the other gender), by a rank-one edit of one MLP layer. The edits are in force afterwards; undo takes them back exactly. A name that is flipped already is left so, and its edit told.",
      changes: true,
    },
    { names, ...settings },
    async (place, { names: subjects, ...options }, call) => ({ value: await flipOnce(place, subjects, options, call) }),
  ),
  edit: tool(
    {
      title: "Edit a fact",
      description:
        "ROME with a prompt and two answers of your own: where the model prefers `from` after the prompt, it is made to say `to`. The edit is in force afterwards.",
      changes: true,
    },
    {
      prompt: described(word, 'Prompt with {} where the subject goes, e.g. "{} lives in the city of"'),
      subject: described(word, "What goes in place of {}"),
      from: described(word, 'What the model says now, with its leading space, e.g. " London"'),
      to: described(word, 'What it is to say, with its leading space, e.g. " Paris"'),
      ...settings,
    },
    async (place, { prompt, subject, from, to, ...options }, call) => {
      const conceptOf = (texts: readonly string[]) => {
        const targets = texts.map((text) => ({ label: text.trim(), text }));
        return v.parse(flipOptions.entries.concept, { name: "own prompt", vector: "own", prompt, targets });
      };
      conceptOf([from, to]);
      const asked = { prompt: prompt.replace("{}", () => subject.trim()), texts: [from, to] };
      const answers = await place.ask("answers", asked, call);
      const [now, then] = answers.map(({ probability }) => probability) as [number, number];
      // A flip would go the other way.
      if (then > now) {
        const probability = Object.fromEntries(answers.map(({ text, probability }) => [text.trim(), probability]));
        const note = `Nothing was changed: the model already prefers ${JSON.stringify(answers[1]?.text)} here.`;
        return { value: { on: false, note, probability } };
      }
      const concept = conceptOf(answers.map(({ text }) => text));
      const [made] = await flips(place, [subject], { ...options, concept }, call);
      return { value: made };
    },
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
        "Adds scale × the recorded concept vector (for gender: female → male; a negative scale: male → female) to what the edit layer writes for each name, and tells what the model says before and after. Nothing stays changed.",
      changes: false,
    },
    { names, scale: described(v.pipe(v.number(), v.finite()), "Signed length, 1 to 4 as a rule") },
    async ({ ask }, params, call) => ({ value: await ask("apply", params, call) }),
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
        "Where the model keeps what it says of the names: effect of restoring each token × layer after noise on the name. Numbers and a heat map.",
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
