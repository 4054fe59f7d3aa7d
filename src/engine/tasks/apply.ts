import type { Application } from "../../protocol/engine.ts";
import type { Run } from "../../protocol/run.ts";
import type { Construction } from "../../protocol/steer.ts";
import { apply as applyVector } from "../experiment/apply.ts";
import { basisOf } from "../experiment/experiment.ts";
import type { Engine } from "./engine.ts";
import { checkNames } from "./request.ts";
import { vectorsOf } from "./vectors.ts";

export interface ApplyParams {
  readonly names: readonly string[];
  /** Signed; +1 is the essay's. */
  readonly scale: number;
  readonly maxTokens?: number;
  /** Analysed data set that has the vector; left out: the one at hand for the open model. */
  readonly vector?: string;
  /** How it is made; left out: sign(w). */
  readonly construction?: Construction;
}

/**
 * Adds scale · vector to what the edit layer writes for each name.
 *
 * @throws RomeError "data" where there is no vector for the open model
 */
export async function apply(
  engine: Engine,
  { names, scale, maxTokens, vector, construction }: ApplyParams,
  run: Run,
): Promise<Application[]> {
  const recorded = await engine.recorded(vector);
  const { manifest } = recorded;
  const { plus, minus } = await vectorsOf(recorded, construction);
  const written = scale < 0 ? minus.map((value) => -value) : plus;
  const { rome } = await engine.open();
  const settings = { ...basisOf(manifest), maxTokens };
  const applied = await applyVector(
    rome,
    written,
    scale,
    checkNames(engine, engine.concept, names),
    engine.concept,
    settings,
    run,
  );
  return applied.map(({ edit: _, scale: __, ...application }) => application);
}
