import type { PhrasedCheck } from "../../protocol/phrasedCard.ts";
import type { CheckId } from "../../protocol/referee.ts";
import type { Run } from "../../protocol/run.ts";
import type { Besides } from "./collateral.ts";
import type { Evidence } from "./evidence.ts";
import type { Push } from "./scene.ts";

/** What the checks try: a vector at the length that it is used at. */
export interface Trial {
  readonly push: Push;
  readonly length: number;
  readonly besides: Besides;
}

/** How much a check is going to ask, so that its time can be told before it begins. */
export interface Work {
  /** Prompts read, each with or without an edit. */
  readonly asked: number;
  /** Edits solved. */
  readonly solved?: number;
}

/** One of the eight checks. */
export interface RefereeCheck {
  readonly id: CheckId;
  /** Another number, another way of measuring: what was kept of it before is made again. */
  readonly procedure: number;
  readonly work: (evidence: Evidence) => Work;
  readonly run: (evidence: Evidence, trial: Trial, run: Run) => Promise<PhrasedCheck>;
}
