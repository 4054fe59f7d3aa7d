/**
 * Messages between the extension host and the Results view, one union a direction. The host owns results, edits and runs
 * and sends complete snapshots; the view sends intents and keeps nothing but selection and layout. Both sides validate
 * what comes in: `v.safeParse(resultsMessage, event.data)`.
 *
 * The page that the host serves, of this view as of the others: `<main id="app">` in the body, dist/results.js, the .css
 * beside it, and `<meta name="l10n" content="…">` with the translations as JSON (English text → translation; {} in
 * English), which `config({ contents })` of @vscode/l10n takes.
 */
import * as v from "valibot";
import { application, neighbour, progress } from "./engine.ts";
import { completion } from "./results.ts";
import { shownFlip, standing } from "./shownFlip.ts";
import { failure, status } from "./viewStatus.ts";

const id = v.string();

/** What a card says while it runs, when it failed, and when it is done. */
const cardState = <T extends v.GenericSchema>(result: T) =>
  v.variant("state", [
    v.object({
      state: v.literal("running"),
      progress: v.nullable(progress),
    }),
    v.object({ state: v.literal("failed"), failure }),
    v.object({ state: v.literal("done"), result }),
  ]);

const common = {
  id,
  /** Milliseconds since 1970. */
  created: v.number(),
};

/** Where its name stood, as "file:line"; absent where it was typed. */
const place = v.optional(v.string());

/** A name that was (or is being) flipped. */
export const flipCard = v.object({
  ...common,
  kind: v.literal("flip"),
  name: v.string(),
  body: cardState(shownFlip),
  place,
  ...standing.entries,
  /** Recorded names with the nearest Δv, once asked for. */
  nearest: v.nullable(v.array(neighbour)),
});

/** A prompt that was completed. */
export const completionCard = v.object({
  ...common,
  kind: v.literal("completion"),
  prompt: v.string(),
  /** Names whose edits were on. */
  edits: v.array(v.string()),
  body: cardState(completion),
});

/** A name to which ±scale·g was applied. */
export const applicationCard = v.object({
  ...common,
  kind: v.literal("application"),
  name: v.string(),
  /** Signed. */
  scale: v.number(),
  /** Its edit is live; null where there is none (yet). */
  on: v.nullable(v.boolean()),
  body: cardState(application),
  place,
});

export const card = v.variant("kind", [flipCard, completionCard, applicationCard]);

/** Host → results view. */
export const resultsMessage = v.variant("type", [
  /** Everything the view shows, newest card first. */
  v.object({ type: v.literal("state"), status, cards: v.array(card) }),
  /** Unfold this card and bring it into sight; focus it if the view has the focus. */
  v.object({ type: v.literal("reveal"), id }),
]);

/** Results view → host. */
export const resultsIntent = v.variant("type", [
  /** The script runs; send the state. */
  v.object({ type: v.literal("ready") }),
  /** The empty state's first step: ask for a name. */
  v.object({ type: v.literal("flip") }),
  /** The same request again, as a new card. */
  v.object({ type: v.literal("again"), id }),
  v.object({ type: v.literal("cancel"), id }),
  v.object({ type: v.literal("toggle"), id, on: v.boolean() }),
  v.object({ type: v.literal("undoAll") }),
  v.object({ type: v.literal("openLab"), id }),
  v.object({ type: v.literal("nearest"), id }),
  v.object({ type: v.literal("copy"), id, format: v.picklist(["json", "markdown"]) }),
  v.object({ type: v.literal("remove"), id }),
  /** Open the place that the card's name came from. */
  v.object({ type: v.literal("revealPlace"), id }),
  /** Open the names file at this name. */
  v.object({ type: v.literal("revealName"), name: v.string() }),
  v.object({ type: v.literal("showLog") }),
]);

export type FlipCard = v.InferOutput<typeof flipCard>;
export type CompletionCard = v.InferOutput<typeof completionCard>;
export type ApplicationCard = v.InferOutput<typeof applicationCard>;
export type Card = v.InferOutput<typeof card>;
export type ResultsMessage = v.InferOutput<typeof resultsMessage>;
export type ResultsIntent = v.InferOutput<typeof resultsIntent>;
