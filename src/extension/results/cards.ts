import * as v from "valibot";
import { edit } from "../../protocol/edit.ts";
import { flipOptions } from "../../protocol/editOptions.ts";
import { application, type Neighbour, type Progress } from "../../protocol/engine.ts";
import { completion, type FlipView } from "../../protocol/results.ts";
import type { Card } from "../../protocol/resultsView.ts";
import type { ShownFlip, Standing } from "../../protocol/shownFlip.ts";
import { storedFlip } from "./storedFlip.ts";

/** The model that a card was made with. Its edit means nothing to another one. */
const modelReference = v.object({ name: v.string(), fingerprint: v.string() });

/** Where in the user's files a name stood when something was asked about it. */
export const origin = v.object({ uri: v.string(), line: v.number(), character: v.number() });
export type Origin = v.InferOutput<typeof origin>;

const common = { id: v.string(), created: v.number(), model: modelReference };

/** A finished card as it is kept on disk. */
export const finishedCard = v.variant("kind", [
  v.object({
    ...common,
    kind: v.literal("flip"),
    name: v.string(),
    options: v.object(flipOptions.entries),
    origin: v.optional(origin),
    result: storedFlip,
  }),
  v.object({
    ...common,
    kind: v.literal("completion"),
    prompt: v.string(),
    edits: v.array(v.string()),
    result: completion,
  }),
  v.object({
    ...common,
    kind: v.literal("application"),
    name: v.string(),
    /** Signed once it is known; before, how much of the vector was asked for. */
    scale: v.number(),
    /** What was asked for, to run it again: with this sign, or with the one that changes the name. */
    sign: v.optional(v.picklist([1, -1])),
    /** Cards of earlier versions have none. */
    edit: v.optional(edit),
    origin: v.optional(origin),
    result: application,
  }),
]);
export type FinishedCard = v.InferOutput<typeof finishedCard>;
type FinishedOf<K extends FinishedCard["kind"]> = Extract<FinishedCard, { kind: K }>;

/** What a card says: how far it is, why it failed, or its result. */
export type Body<T> =
  | { state: "running"; progress: Progress | null }
  | { state: "failed"; failure: { message: string } }
  | { state: "done"; result: T };

/** A card in memory: a finished one's fields, with the result inside its body. The model is known once it runs. */
type Live<F extends FinishedCard> = Omit<F, "result" | "model"> & {
  model: F["model"] | null;
  body: Body<F["result"]>;
};
export type FlipCard = Live<FinishedOf<"flip">> & { nearest: Neighbour[] | null };
export type CompletionCard = Live<FinishedOf<"completion">>;
export type ApplicationCard = Live<FinishedOf<"application">>;
export type ResultCard = FlipCard | CompletionCard | ApplicationCard;

/** The stored form of a card that is done; undefined for any other. */
export function toFinished(card: ResultCard): FinishedCard | undefined {
  if (card.body.state !== "done" || !card.model) return undefined;
  const { body, ...rest } = card;
  return v.parse(finishedCard, { ...rest, result: body.result });
}

/** The card of a stored form. */
export function fromFinished({ result, ...rest }: FinishedCard): ResultCard {
  const card = { ...rest, body: { state: "done", result } };
  return (rest.kind === "flip" ? { ...card, nearest: null } : card) as ResultCard;
}

/** The card as a webview gets it: without the edit's vectors and without the request. */
export function toView(card: ResultCard, standingOf: (card: { id: string; name: string }) => Standing): Card {
  if (card.kind === "flip") {
    const { id, created, kind, name, nearest, body } = card;
    const shown = body.state === "done" ? { state: body.state, result: shownFlip(body.result.view) } : body;
    return { id, created, kind, name, nearest, ...standingOf(card), body: shown, ...placeOf(card) };
  }
  if (card.kind === "completion") {
    const { id, created, kind, prompt, edits, body } = card;
    return { id, created, kind, prompt, edits, body };
  }
  const { id, created, kind, name, scale, body } = card;
  return { id, created, kind, name, scale, on: standingOf(card).on, body, ...placeOf(card) };
}

/** Where its name stood, as "file:line". */
function placeOf({ origin: from }: FlipCard | ApplicationCard): { place?: string } {
  return from ? { place: `${decodeURIComponent(from.uri.split("/").at(-1) ?? "")}:${from.line + 1}` } : {};
}

/** A flip as the cards and the lab show it: of each step its loss, of the proof what it proved. */
export function shownFlip({ losses, proof, ...view }: FlipView): ShownFlip {
  return { ...view, losses: losses.map(({ total }) => Number(total.toPrecision(4))), untouched: proof.untouched };
}

/** What a card is about: a name, or a prompt. */
export function subjectOf(card: ResultCard): string {
  return card.kind === "completion" ? card.prompt : card.name;
}
