/** What a view asks the host to save by dialog: its data as CSV, its picture as SVG or PNG. */
import * as v from "valibot";

/** A PNG file in base64, known by the eight bytes it begins with; 20 MB at most. */
const pngBase64 = v.pipe(v.string(), v.maxLength(28_000_000), v.regex(/^iVBORw0KGgo[A-Za-z0-9+/]*={0,2}$/));

const svgText = v.pipe(v.string(), v.maxLength(5_000_000), v.startsWith("<svg "));

export const exportIntent = v.variant("type", [
  v.object({ type: v.literal("exportCsv"), csv: v.string(), suggestedName: v.string() }),
  v.object({ type: v.literal("exportPng"), png: pngBase64, suggestedName: v.string() }),
  v.object({ type: v.literal("exportSvg"), svg: svgText, suggestedName: v.string() }),
]);

export type ExportIntent = v.InferOutput<typeof exportIntent>;
