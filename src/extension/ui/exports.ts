import type { ExportIntent } from "../../protocol/exports.ts";
import { saveDialog, write } from "./files.ts";

/** Asks where to save what a view exports, and writes it. */
export async function saveExport(intent: ExportIntent): Promise<void> {
  const [kind, content] = contentOf(intent);
  const file = await saveDialog(intent.suggestedName, { [kind.toUpperCase()]: [kind] });
  if (file) await write(file, content);
}

function contentOf(intent: ExportIntent): [suffix: string, content: string | Uint8Array] {
  switch (intent.type) {
    case "exportCsv":
      return ["csv", intent.csv];
    case "exportSvg":
      return ["svg", intent.svg];
    case "exportPng":
      return ["png", Buffer.from(intent.png, "base64")];
    default:
      return intent satisfies never;
  }
}
