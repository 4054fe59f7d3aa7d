/** What the tabs of the lab are given and give. */
import type { LabIntent, LabMessage } from "../../protocol/lab.ts";
import { type Child, el } from "../dom.ts";
import type { Host } from "../host.ts";
import type { FoldedFields, Layout } from "./layout.ts";
import type { Selection } from "./selection.ts";

export type LabState = Extract<LabMessage, { type: "state" }>;
/** A measurement while it runs, when it failed, and when it is done. */
export type TraceMessage = Extract<LabMessage, { type: "trace" }>;
export type LensMessage = Extract<LabMessage, { type: "lens" }>;
export type AttributionMessage = Extract<LabMessage, { type: "attribution" }>;
export type RefereeMessage = Extract<LabMessage, { type: "referee" }>;
export type SpecificityMessage = Extract<LabMessage, { type: "evaluation" | "layers" }>;
export type ReportMessage = Extract<LabMessage, { type: "report" }>;

export type PromptMessage = Extract<LabMessage, { type: "prompt" }>;

export interface Lab {
  readonly host: Host<LabIntent, Layout>;
  readonly selection: Selection;
}

/** Calls `act` once things have been quiet for a while. */
export function debounced<A extends unknown[]>(
  milliseconds: number,
  act: (...values: A) => void,
): (...values: A) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...values), milliseconds);
  };
}

/** Fields of a form that are folded away until they are wanted; that they are open outlives a reload. */
export function folded(
  { host }: Lab,
  form: FoldedFields,
  summary: HTMLElement,
  ...fields: Child[]
): HTMLDetailsElement {
  const element = el("details", { class: "advanced", open: host.state.unfolded.includes(form) }, summary, ...fields);
  element.addEventListener("toggle", () => {
    const others = host.state.unfolded.filter((other) => other !== form);
    host.save({ unfolded: element.open ? [...others, form] : others });
  });
  return element;
}
