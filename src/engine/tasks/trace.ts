import type { Concept } from "../../protocol/concept.ts";
import { trace as schema, type Trace, traceKinds } from "../../protocol/measurements.ts";
import type { Run } from "../../protocol/run.ts";
import { traceColumns, traceCsv } from "../../text/traceCsv.ts";
import { type TraceRequest, traceSubjects } from "../trace/trace.ts";
import { traceHtml, traceSvg } from "../trace/traceHtml.ts";
import type { Engine } from "./engine.ts";
import { checkOutputs, json, type Outputs, type Writers } from "./outputs.ts";
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
export async function trace(
  engine: Engine,
  { names, sample, out, concept = engine.concept, ...request }: TraceParams,
  run: Run,
): Promise<Trace> {
  await checkOutputs(out, traceWriters);
  const subjects = await chooseNames(engine, concept, { names, sample });
  const { rome, name } = await engine.open();
  return traceSubjects(rome, name, { ...request, template: concept.prompt, labels: concept.targets, subjects }, run);
}
