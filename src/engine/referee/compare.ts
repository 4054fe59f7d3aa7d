import type { ComparedVector, ConstructionName } from "../../protocol/referee.ts";
import type { Run } from "../../protocol/run.ts";
import { mcNemar } from "../numerics/classification.ts";
import { dot } from "../numerics/vectors.ts";
import type { Besides } from "./collateral.ts";
import { randomSigns, shuffledVectors } from "./controls.ts";
import type { Evidence } from "./evidence.ts";
import { changed, type Hits, hitsOf, ratesOf, shareOf, worstRate } from "./rates.ts";
import type { Push } from "./scene.ts";

/** Lengths at which every vector is tried, in mean ‖Δv‖ of the recorded edits. */
const shares = [1 / 8, 1 / 4, 3 / 8, 1 / 2, 3 / 4, 1, 3 / 2];
type Curve = ComparedVector["curve"];

/** How many lengths those are. */
export const lengthsTried = shares.length;

export type Pushes = ReadonlyMap<ConstructionName, Push>;

/**
 * Every vector at the same lengths on the validation half; then at the length that was best for it on the other half,
 * with what it does besides, and against the controls.
 *
 * @param onTrial the vector that the others are compared with
 */
export async function compareVectors(
  evidence: Evidence,
  besides: Besides,
  pushes: Pushes,
  onTrial: ConstructionName,
  run: Run,
): Promise<ComparedVector[]> {
  const reference = pushes.get(onTrial) as Push;
  const found: ComparedVector[] = [];
  const hits = new Map<ConstructionName, Hits>();
  const control = controlHits(evidence, run);
  let done = 0;
  for (const [name, push] of pushes) {
    const curve = await curveOf(evidence, besides, push, run);
    const length = bestLength(curve);
    const own = await hitsOf(evidence.judged, push, length, run);
    hits.set(name, own);
    const against = (await control(length)).map((one) => mcNemarOf(own, one));
    found.push({
      name,
      length,
      rates: ratesOf(own, evidence.random(`rates ${name}`)),
      collateral: await besides.measure(push, length, run),
      curve,
      against,
      cosine: Number(dot(push.plus, reference.plus).toPrecision(6)),
    });
    run.progress({ phase: "compare", done: ++done, total: pushes.size });
  }
  // The vector on trial is a control, too, each at its own length.
  const trialHits = hits.get(onTrial) as Hits;
  return found.map((vector) =>
    vector.name === onTrial
      ? vector
      : {
          ...vector,
          against: [
            ...vector.against,
            mcNemarOf(hits.get(vector.name) as Hits, { control: "the vector on trial", hits: trialHits }),
          ],
        },
  );
}

/** The shortest length at which the worst of the four rates is the best. */
function bestLength(curve: Curve): number {
  return curve.reduce((best, point) => (point.worst > best.worst ? point : best)).length;
}

async function curveOf({ validation, report }: Evidence, besides: Besides, push: Push, run: Run): Promise<Curve> {
  const curve: Curve = [];
  for (const part of shares) {
    const length = Number((part * report.vector.meanDeltaNorm).toPrecision(4));
    const hits = await hitsOf(validation, push, length, run);
    curve.push({
      length,
      worst: worstRate(hits),
      changed: shareOf(changed(hits)),
      facts: await besides.factsShare(push, length, run),
      divergence: Number((await besides.divergence(push, length, run)).toPrecision(6)),
    });
  }
  return curve;
}

interface Control {
  readonly control: string;
  readonly hits: Hits;
}

/** What one vector of random signs and one of shuffled labels do at a length; each length once. */
function controlHits(evidence: Evidence, run: Run): (length: number) => Promise<Control[]> {
  const controls = [
    ["random signs", randomSigns(evidence)[0]],
    ["shuffled labels", shuffledVectors(evidence)[0]],
  ] as const;
  const known = new Map<number, Promise<Control[]>>();
  const at = async (length: number) => {
    const all: Control[] = [];
    for (const [control, push] of controls)
      all.push({ control, hits: await hitsOf(evidence.judged, push as Push, length, run) });
    return all;
  };
  return (length) => {
    const asked = known.get(length) ?? at(length);
    known.set(length, asked);
    return asked;
  };
}

/** McNemar over names: a name is right where it did as it should under both signs. */
function mcNemarOf(own: Hits, { control, hits }: Control): ComparedVector["against"][number] {
  const right = ({ plusChanged, plusStayed, minusChanged, minusStayed }: Hits) => [
    ...plusChanged.map((hit, i) => hit && minusStayed[i] === true),
    ...minusChanged.map((hit, i) => hit && plusStayed[i] === true),
  ];
  const [a, b] = [right(own), right(hits)];
  const only = a.filter((hit, i) => hit && !b[i]).length;
  const onlyControl = b.filter((hit, i) => hit && !a[i]).length;
  return { control, only, onlyControl, p: Number(mcNemar(only, onlyControl).toPrecision(4)) };
}
