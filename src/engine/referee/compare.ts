import * as v from "valibot";
import { throwIfCancelled } from "../../protocol/errors.ts";
import { type ComparedVector, type ConstructionName, comparedVector } from "../../protocol/referee.ts";
import type { Run } from "../../protocol/run.ts";
import { mcNemar } from "../numerics/classification.ts";
import { dot } from "../numerics/vectors.ts";
import type { Besides } from "./collateral.ts";
import {
  gaussians,
  namesAControl,
  randomSigns,
  right,
  shuffledVectors,
  tryControls,
  turned,
  turnedBy,
} from "./controls.ts";
import type { Evidence } from "./evidence.ts";
import { theOneOnTrial } from "./lead.ts";
import { goal } from "./limits.ts";
import { changed, hitsOf, ratesOf, shareOf, worstRate } from "./rates.ts";
import type { Push, Scene } from "./scene.ts";
import type { Store } from "./store.ts";

/** Lengths at which every vector is tried, in mean ‖Δv‖ of the recorded edits. */
const shares = [1 / 8, 1 / 4, 3 / 8, 1 / 2, 3 / 4, 1, 3 / 2];
type Curve = ComparedVector["curve"];

/** Draws of each control, and names, in the paired comparisons. */
const controlDraws = 20;
export const comparedNames = 40;

/** What those ask for one vector at most, with a length of its own, and another one where random signs are quiet. */
export const askedInPairs = 2 * comparedNames * 4 * controlDraws;
/** What random signs ask at every length, once for all vectors. */
export const askedOfRandom = 2 * namesAControl * controlDraws;
/** How many lengths those are. */
export const lengthsTried = shares.length;

export type Pushes = ReadonlyMap<ConstructionName, Push>;

/** A compared vector as it is kept: not yet compared with the one on trial. */
const compared = v.object({
  vector: v.omit(comparedVector, ["cosine"]),
  /** Of each name of the judged half whether it did as it should under both signs. */
  right: v.array(v.boolean()),
});

/** Under which name a compared vector is kept. */
const comparedAs = (name: ConstructionName) => `compared-${name}`;

/** Whether a compared vector is kept already. */
export async function isCompared(store: Store, name: ConstructionName): Promise<boolean> {
  return (await store.known(comparedAs(name), (kept) => v.parse(compared, kept))) !== undefined;
}

/**
 * Every vector at the same lengths on the validation half; then at the length that was best for it on the other half,
 * with what it does besides, and against the controls. Each is kept as it is done.
 *
 * @param onTrial the vector that the others are compared with
 */
export async function compareVectors(
  evidence: Evidence,
  besides: Besides,
  pushes: Pushes,
  onTrial: ConstructionName,
  store: Store,
  run: Run,
): Promise<ComparedVector[]> {
  const { judged } = evidence;
  const controls = controlsAt(evidence, judged.fewer(comparedNames), run);
  const random = await store.get(
    "random",
    (kept) => v.parse(v.array(v.number()), kept),
    () => randomByLength(evidence, run),
  );
  const found: v.InferOutput<typeof compared>[] = [];
  for (const [name, push] of pushes) {
    throwIfCancelled(run.signal);
    const parse = (kept: unknown) => v.parse(compared, kept);
    found.push(
      await store.get(comparedAs(name), parse, () => compare(evidence, besides, { name, push, random, controls }, run)),
    );
    run.progress({ phase: "compare", done: found.length, total: pushes.size, detail: { step: found.length } });
  }
  const reference = pushes.get(onTrial) as Push;
  // The vector on trial is a control, too, each at its own length, over all names.
  const trial = { control: theOneOnTrial, draws: [found.find(({ vector }) => vector.name === onTrial)?.right ?? []] };
  return found.map(({ vector, right }) => ({
    ...vector,
    against: vector.name === onTrial ? vector.against : [...vector.against, mcNemarOf(right, trial)],
    cosine: Number(dot((pushes.get(vector.name) as Push).plus, reference.plus).toPrecision(6)),
  }));
}

interface Compared {
  readonly name: ConstructionName;
  readonly push: Push;
  /** Share that random signs turn, by length. */
  readonly random: readonly number[];
  readonly controls: ReturnType<typeof controlsAt>;
}

async function compare(
  evidence: Evidence,
  besides: Besides,
  { name, push, random, controls }: Compared,
  run: Run,
): Promise<v.InferOutput<typeof compared>> {
  const { judged } = evidence;
  const curve = await curveOf(evidence, besides, push, random, run);
  const length = bestLength(curve) as number;
  const rates = ratesOf(await hitsOf(judged, push, length, run));
  const { plus, minus } = await judged.pushed(push, length, run);
  const did = (i: number) => plus[i] === 1 && minus[i] === 0;
  const own = judged.fewer(comparedNames).taking.map(did);
  const drawn: Control[] = [];
  for (const control of controls) drawn.push(await control(length));
  const [signs] = controls;
  const quietLength = bestLength(curve.filter((point) => point.random < goal.random));
  const quiet =
    quietLength === undefined
      ? null
      : {
          length: quietLength,
          rates: ratesOf(await hitsOf(judged, push, quietLength, run)),
          random: (await signs(quietLength)).turned,
        };
  return {
    vector: {
      name,
      length,
      rates,
      collateral: await besides.measure(push, length, run),
      curve,
      quiet,
      against: drawn.map((control) => mcNemarOf(own, control)),
      random: (await signs(length)).turned,
    },
    right: judged.taking.map(did),
  };
}

/** The shortest length at which the worst of the four rates is the best; of no point: undefined. */
function bestLength([first, ...points]: Curve): number | undefined {
  return first && points.reduce((best, point) => (point.worst > best.worst ? point : best), first).length;
}

const lengthsOf = ({ report }: Evidence) =>
  shares.map((part) => Number((part * report.vector.meanDeltaNorm).toPrecision(4)));

/** Share of names of the validation half that random signs turn, at each of the lengths. */
async function randomByLength(evidence: Evidence, run: Run): Promise<number[]> {
  const pushes = randomSigns(evidence).slice(0, controlDraws);
  const found: number[] = [];
  for (const length of lengthsOf(evidence))
    found.push((await turnedBy(evidence.validation, pushes, () => length, run)).value);
  return found;
}

async function curveOf(
  evidence: Evidence,
  besides: Besides,
  push: Push,
  random: readonly number[],
  run: Run,
): Promise<Curve> {
  const curve: Curve = [];
  for (const [at, length] of lengthsOf(evidence).entries()) {
    const hits = await hitsOf(evidence.validation, push, length, run);
    curve.push({
      length,
      worst: worstRate(hits),
      changed: shareOf(changed(hits)),
      random: random[at] as number,
      facts: await besides.factsShare(push, length, run),
      divergence: Number((await besides.divergence(push, length, run)).toPrecision(6)),
    });
  }
  return curve;
}

interface Control {
  readonly control: string;
  /** Of each draw, of which names it did all that it should. */
  readonly draws: readonly (readonly boolean[])[];
  /** Share of names that they turn. */
  readonly turned: number;
}

type ControlAt = (length: number) => Promise<Control>;

/** What vectors of random signs, of shuffled labels, and Gaussians do to the names at a length; each length once. */
function controlsAt(evidence: Evidence, scene: Scene, run: Run): readonly [ControlAt, ...ControlAt[]] {
  // Made when first asked for: vectors of shuffled labels take a training each, and a comparison that is kept asks for none.
  const of = (control: string, make: (evidence: Evidence) => Push[]): ControlAt => {
    let pushes: Push[] | undefined;
    const known = new Map<number, Promise<Control>>();
    const at = async (length: number) => {
      pushes ??= make(evidence).slice(0, controlDraws);
      const tried = pushes.map((push) => ({ push, length, names: scene.taking }));
      const said = await tryControls(scene, tried, run);
      return { control, draws: said.map(right), turned: shareOf(said.flatMap(turned)) };
    };
    return (length) => {
      const asked = known.get(length) ?? at(length);
      known.set(length, asked);
      return asked;
    };
  };
  return [
    of("random signs", randomSigns),
    of("shuffled labels", shuffledVectors),
    of("Gaussians", (all) => gaussians(all, { within: true })),
  ];
}

/**
 * McNemar over names: a name is right where it did as it should under both signs. With many draws of a control: the
 * draw in the middle of their p's, its p doubled, which is a p again, however the draws depend on each other (Rüger 1978).
 */
function mcNemarOf(
  own: readonly boolean[],
  { control, draws }: Pick<Control, "control" | "draws">,
): ComparedVector["against"][number] {
  const all = draws.map((drawn) => {
    const only = own.filter((hit, i) => hit && !drawn[i]).length;
    const onlyControl = drawn.filter((hit, i) => hit && !own[i]).length;
    return { only, onlyControl, p: mcNemar(only, onlyControl) };
  });
  const ordered = all.sort((a, b) => a.p - b.p);
  const middle = ordered[Math.floor(ordered.length / 2)] as (typeof ordered)[number];
  const p = draws.length > 1 ? Math.min(1, 2 * middle.p) : middle.p;
  return { ...middle, control, draws: draws.length, names: own.length, p: Number(p.toPrecision(4)) };
}
