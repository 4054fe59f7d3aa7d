/** Writes the tools of src/mcp/tools.ts into package.json, for the editor's chat: `node scripts/describeTools.mjs`. */
import { readFileSync, writeFileSync } from "node:fs";
import { bundled } from "./bundled.mjs";

const { described } = await bundled(`
  import { parameterSchema } from "./src/mcp/parameterSchema.ts";
  import { tools } from "./src/mcp/tools.ts";
  export const described = Object.entries(tools).map(([name, { title, description, params }]) => ({
    name, title, description, inputSchema: parameterSchema(params),
  }));`);
const read = (file) => JSON.parse(readFileSync(file, "utf8"));
const write = (file, value) => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
const manifest = read("package.json");
const texts = Object.entries(read("package.nls.json")).filter(([key]) => !key.startsWith("tool."));
manifest.contributes.languageModelTools = described.map(({ name, description, inputSchema }) => ({
  name: `rome_${name}`,
  toolReferenceName: `rome_${name}`,
  canBeReferencedInPrompt: true,
  displayName: `%tool.${name}%`,
  modelDescription: description,
  inputSchema,
}));
write("package.json", manifest);
write(
  "package.nls.json",
  Object.fromEntries([...texts, ...described.map(({ name, title }) => [`tool.${name}`, title])]),
);
