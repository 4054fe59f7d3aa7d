import { t } from "@vscode/l10n";
import type { Result } from "../../protocol/engine.ts";
import { byteCount } from "../../text/amounts.ts";
import { significant } from "../../text/numbers.ts";
import { flipSeconds } from "./flipTime.ts";

/** A model of the Hub that is known to work, from small to large. */
export interface CatalogueEntry {
  repository: string;
  revision?: string;
  /** Weights, and the bytes that each takes in its files. */
  parameters: number;
  bytesPerWeight: number;
  about: string;
}

/** What is proposed for download. */
export function catalogue(): CatalogueEntry[] {
  return [
    { repository: "openai-community/gpt2", parameters: 124e6, bytesPerWeight: 4, about: t("GPT-2, the smallest") },
    { repository: "HuggingFaceTB/SmolLM2-135M", parameters: 135e6, bytesPerWeight: 2, about: t("a small Llama") },
    { repository: "Qwen/Qwen2.5-0.5B", parameters: 494e6, bytesPerWeight: 2, about: t("knows most names") },
    { repository: "Qwen/Qwen2.5-1.5B", parameters: 1.54e9, bytesPerWeight: 2, about: t("slower, and surer of names") },
    {
      repository: "EleutherAI/gpt-j-6b",
      revision: "float16",
      parameters: 6.05e9,
      bytesPerWeight: 2,
      about: t("the essay's model"),
    },
  ];
}

/** Bytes that a model takes on disk, about. */
export function sizeOf({ parameters, bytesPerWeight }: CatalogueEntry): number {
  return parameters * bytesPerWeight;
}

/** A download above this is asked about once more. */
export const largeDownload = 2e9;

/**
 * Size, memory and time, in a line so short that a list of the editor shows it whole.
 *
 * @param free memory of this machine that nobody uses, in bytes
 * @param speed what this machine computes; undefined where it could not be measured
 */
export function costOf(entry: CatalogueEntry, free: number, speed: Result<"speed"> | undefined): string {
  const size = sizeOf(entry);
  // The weights are mapped from their files; solving holds the upper layers as float32 once.
  const memory = 1.5 * size + 4e8;
  return [
    t("{0} on disk", byteCount(size)),
    memory <= free
      ? t("{0} of memory", byteCount(memory))
      : t("{0} of memory, {1} free: slow", byteCount(memory), byteCount(free)),
    ...(speed === undefined ? [] : [t("a flip: {0}", about(flipSeconds(entry.parameters, speed)))]),
  ].join(" · ");
}

/** Rounded as befits an estimate. */
function about(seconds: number): string {
  if (seconds < 90) return t("about {0} s", significant(Math.max(1, seconds), 1));
  return t("about {0} min", significant(seconds / 60, seconds < 600 ? 1 : 2));
}
