/**
 * How often the 8-bit copy of a model drafts the token that the exact weights take, over the first lines of the
 * corpus.txt in the model's folder, and over the exact weights' greedy completions of these lines' beginnings:
 *
 *     node bench/eightBit.mjs [--lines 200] FOLDER…      # by default the embedded model
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle } from "./harness/bundle.mjs";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { lines: { type: "string", default: "200" } },
});
const { agreement } = await import(await bundle("eightBitAgreement"));
const percent = (part, total) => (total > 0 ? `${((100 * part) / total).toFixed(2)} %` : "–");
const folders = positionals.length > 0 ? positionals : [join(import.meta.dirname, "../models/embedded")];
for (const folder of folders) {
  const lines = readFileSync(join(folder, "corpus.txt"), "utf8").split("\n").slice(0, Number(flags.lines));
  console.log(folder);
  for (const [text, { same, total, kl }] of Object.entries(await agreement(folder, lines)))
    console.log(
      `  ${text}: likeliest next token the same at ${same} of ${total} (${percent(same, total)}); KL ${kl.toExponential(1)} nats a token`,
    );
}
