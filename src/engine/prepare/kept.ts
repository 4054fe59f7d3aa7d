import { createHash } from "node:crypto";
import { join } from "node:path";
import * as v from "valibot";
import type { Concept } from "../../protocol/concept.ts";
import { type Findings, type Step, findings as schema } from "../../protocol/preparation.ts";
import { unwritable, writeAtomically } from "../files/atomicWrite.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { readText } from "../files/readText.ts";

const nothing: Findings = { trials: [], ended: [], seconds: {} };

/**
 * Steps that need not be taken again. A covariance that no text could be had for is tried again, and with it the search
 * for numbers that rest on it.
 */
export function doneSteps({ ended, covariance }: Findings): readonly Step[] {
  return covariance?.tokens === 0 ? ended.filter((step) => step !== "covariance" && step !== "tune") : ended;
}

/** What preparing one model for one concept has found so far, on disk after every part of it. */
export class Kept {
  private constructor(
    readonly path: string,
    public findings: Findings,
  ) {}

  /**
   * What is there of an earlier call with the same concept and seed; a file that cannot be read counts as none.
   *
   * @param cache the model's folder in the program's storage
   * @param fresh begin with nothing; what is there is replaced by the first finding
   */
  static async open(
    cache: string,
    concept: Concept,
    { seed, fresh = false }: { seed: number; fresh?: boolean },
  ): Promise<Kept> {
    const path = join(cache, `prepare-${keyOf(concept, seed)}.json`);
    const text = fresh ? "" : await readText(path).catch(() => "");
    const read = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
    return new Kept(path, read.success ? read.output : nothing);
  }

  /** @throws RomeError "disk" */
  async keep(found: Partial<Findings>): Promise<void> {
    this.findings = { ...this.findings, ...found };
    await makeFolder(join(this.path, "..")).catch((cause) => {
      throw unwritable(this.path, cause);
    });
    await writeAtomically(this.path, [Buffer.from(`${JSON.stringify(this.findings)}\n`)]);
  }

  /** Adds to the time that a step has taken. */
  async spend(step: string, seconds: number): Promise<void> {
    const { seconds: before } = this.findings;
    await this.keep({ seconds: { ...before, [step]: (before[step] ?? 0) + seconds } });
  }
}

/** Another prompt, other targets or another sample make other findings; where the names file lies does not. */
function keyOf({ names: _, ...concept }: Concept, seed: number): string {
  return createHash("sha256")
    .update(JSON.stringify([concept, seed]))
    .digest("hex")
    .slice(0, 12);
}
