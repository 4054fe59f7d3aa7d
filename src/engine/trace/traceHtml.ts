import { type Trace, type TraceKind, traceKinds } from "../../protocol/measurements.ts";
import { fixed, percent } from "../../text/numbers.ts";
import { plural, visibleToken } from "../../text/words.ts";
import { type Html, html, trusted } from "../report/html.ts";
import { figure, modelNote, page } from "../report/page.ts";
import { heatStyle, lightAndDark } from "../report/style.ts";
import { table } from "../report/table.ts";
import { heatMap, heatMapFrame, kindTitles, strongest } from "./heatMap.ts";

const kindNotes: Record<TraceKind, string> = {
  hidden: "One token's residual stream after one block, as in the clean run.",
  mlp: "What the MLPs of a window of layers write at one token.",
  attention: "What attention of a window of layers writes at one token.",
};

/** A causal trace as one web page that needs nothing else. */
export function traceHtml(trace: Trace): string {
  const { model, template, subjects, samples, window, seed, noise, clean, corrupted, editLayer } = trace;
  return page({
    title: `Causal trace: ${template}`,
    header: html`<h1>Causal trace</h1>
<p class="soft"><code>${template}</code> · ${model.name} · ${plural(subjects.length, "subject")} · window ${window} · ${plural(samples, "sample")} · seed ${seed}</p>
<p>Noise (standard deviation ${fixed(noise, 4)}, three times that of the embeddings) on the subject's tokens lowers the probability of what the model says from ${percent(clean)} to ${percent(corrupted)}. Each cell: how much of it comes back when that one place is restored from the clean run (the average indirect effect). Layer ${editLayer}, which edits use, is outlined; the subject's tokens are marked *.</p>
${trace.warnings.map((warning) => html`<p><b>Note.</b> ${warning}</p>`)}`,
    main: html`${legend(strongest(trace))}
<div class="maps">${traceKinds.map((kind) => figure(kindTitles[kind], kindNotes[kind], html`${heatMap(trace, kind)}${values(trace, kind)}`))}</div>
<h2>Subjects</h2>
${table(
  "Subjects",
  ["Subject", "Target", "P(target) clean", "P(target) corrupted"],
  subjects.map(({ subject, token, clean: own, corrupted: noised }) => [
    subject,
    token,
    { value: own, text: percent(own) },
    { value: noised, text: percent(noised) },
  ]),
  { open: true },
)}`,
    footer: html`${modelNote(model)} Meng et al. 2022, section 2.`,
  });
}

function legend(top: number): Html {
  const swatch = (kind: string) =>
    html`<svg viewBox="0 0 14 10" aria-hidden="true"><rect class="cell ${kind}" width="14" height="10"/></svg>`;
  return html`<p class="legend"><span>${swatch("gain")}+${fixed(top, 3)}: restores the target</span><span>${swatch("loss")}−${fixed(top, 3)}: takes from it</span></p>`;
}

function values(trace: Trace, kind: TraceKind): Html {
  return table(
    `${kindTitles[kind]}: values`,
    ["Token", ...Array.from({ length: trace.layers }, (_, layer) => `Layer ${layer}`)],
    trace.places.map(({ text }, place) => [
      visibleToken(text),
      ...(trace[kind].effect[place] ?? []).map((value) => ({ value, text: fixed(value, 3) })),
    ]),
  );
}

/** The three heat maps side by side as one picture of its own, for light and dark pages. */
export function traceSvg(trace: Trace): string {
  const { width, height } = heatMapFrame(trace);
  const [gap, top] = [16, 26];
  const total = traceKinds.length * width + (traceKinds.length - 1) * gap;
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${total} ${height + top}" width="${total}" height="${height + top}" font-family="system-ui, sans-serif">
<style>${trusted(`${lightAndDark}\n${heatStyle}`)}</style>
<rect class="page" width="${total}" height="${height + top}"/>
${traceKinds.map(
  (kind, i) => html`<svg x="${i * (width + gap)}" y="0" width="${width}" height="${height + top}" overflow="visible">
<text class="title" x="6" y="17">${kindTitles[kind]}</text>
<svg y="${top}" width="${width}" height="${height}" overflow="visible">${heatMap(trace, kind)}</svg></svg>`,
)}
</svg>
`.text;
}
