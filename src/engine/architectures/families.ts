import { RomeError } from "../errors.ts";
import type { Architecture } from "./architecture.ts";
import { gptj } from "./gptj.ts";

const families: Record<string, (config: Record<string, unknown>) => Architecture> = { gptj };

/** The architecture that a config.json names. */
export function architectureOf(config: Record<string, unknown>): Architecture {
  const family = String(config.model_type);
  const make = Object.hasOwn(families, family) ? families[family] : undefined;
  if (make) return make(config);
  throw new RomeError(
    "architecture",
    `config.json says model_type ${JSON.stringify(config.model_type)}. This program runs: ${Object.keys(families).join(", ")}.`,
  );
}
