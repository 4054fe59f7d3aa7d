import type { Concept } from "../../protocol/concept.ts";
import { trace as schema, type Trace, traceKinds } from "../../protocol/measurements.ts";
import type { Run } from "../../protocol/run.ts";
import { traceColumns, traceCsv } from "../../text/traceCsv.ts";
import { type Shard, stepsOf } from "../files/shard.ts";
import { checkTrace as checkRequest, planTrace, type TraceRequest, traceEach, traceSubjects } from "../trace/trace.ts";
import { traceHtml, traceSvg } from "../trace/traceHtml.ts";
import type { Engine } from "./engine.ts";
import { checkOutputs, json, type Outputs, type Part, type Writers } from "./outputs.ts";
import { chooseNames, type NameChoice } from "./request.ts";

export interface TraceParams extends NameChoice, Outputs, Omit<TraceRequest, "subjects" | "template"> {
  /** Whose prompt is traced; left out: the engine's. */
  readonly concept?: Concept;
}

/** Of the files that the command line writes once it has printed the result. */
export const traceWriters: Writers<Trace> = {
  name: "a trace",
  schema,
  formats: { ".json": json, ".csv": (trace) => traceCsv(traceKinds, trace), ".html": traceHtml, ".svg": traceSvg },
  header: traceColumns.join(","),
};

/** Causal tracing of names in a prompt, each by itself, averaged. */
export async function trace(engine: Engine, params: TraceParams, run: Run): Promise<Trace> {
  await checkOutputs(params.out, traceWriters);
  const { rome, name } = await engine.open();
  return traceSubjects(rome, name, await requestOf(engine, params), run);
}

/** The same of a shard's names alone (of none: only the place for them), kept for whoever puts all together. */
export async function traceShard(
  engine: Engine,
  params: TraceParams & { readonly keep: string },
  shard: Shard | undefined,
  run: Run,
): Promise<Part> {
  const { rome } = await engine.open();
  const plan = await planTrace(rome, await requestOf(engine, params), run);
  const mine = shard ? stepsOf(shard, plan.prepared.length) : [];
  await traceEach(rome, plan, mine, run);
  return { done: mine.length, total: plan.prepared.length };
}

/**
 * Makes sure, before others are to do it, that a trace can be made with these parameters; nothing is run on the model.
 *
 * @throws RomeError as `trace` itself
 */
export async function checkTrace(engine: Engine, params: TraceParams): Promise<void> {
  const { rome } = await engine.open();
  await checkRequest(rome, await requestOf(engine, params));
}

async function requestOf(engine: Engine, params: TraceParams): Promise<TraceRequest> {
  const { names, sample, out, concept = engine.concept, ...request } = params;
  const subjects = await chooseNames(engine, concept, { names, sample });
  return { ...request, template: concept.prompt, labels: concept.targets, subjects };
}
