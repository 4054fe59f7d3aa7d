import { RomeError } from "../../protocol/errors.ts";
import type { Architecture } from "./architecture.ts";
import { codegen } from "./codegen.ts";
import { withDefaults } from "./defaults.ts";
import { gemma } from "./gemma.ts";
import { gpt2 } from "./gpt2.ts";
import { gptj } from "./gptj.ts";
import { gptNeo } from "./gptNeo.ts";
import { gptNeox } from "./gptNeox.ts";
import { llama } from "./llama.ts";
import { olmo2 } from "./olmo2.ts";
import { phi3 } from "./phi3.ts";

const families: Record<string, (config: Record<string, unknown>) => Architecture> = {
  codegen,
  gemma2: gemma,
  gemma3_text: gemma,
  gpt2,
  gptj,
  gpt_neo: gptNeo,
  gpt_neox: gptNeox,
  llama,
  mistral: llama,
  olmo2,
  phi3,
  qwen2: llama,
  qwen3: llama,
};

/** The architecture that a config.json names. */
export function architectureOf(config: Record<string, unknown>): Architecture {
  const family = String(config.model_type);
  const make = Object.hasOwn(families, family) ? families[family] : undefined;
  if (make) return make(withDefaults(config));
  throw new RomeError(
    "architecture",
    `config.json says model_type ${JSON.stringify(config.model_type)}. This program runs: ${Object.keys(families).join(", ")}.`,
  );
}
