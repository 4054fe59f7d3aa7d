import { type Phrase, say } from "../../../protocol/phrase.ts";
import type { PhrasedFigure } from "../../../protocol/phrasedCard.ts";
import type { Run } from "../../../protocol/run.ts";
import { balancedEstimate, clusteredEstimate, type Estimate } from "../../numerics/intervals.ts";
import { erase, leace, orthogonal, type Projection } from "../../numerics/leace.ts";
import { meanRow, rowsOf } from "../../numerics/rows.ts";
import { stratifiedOrder } from "../../numerics/split.ts";
import type { LiveEdit } from "../../rome/edit.ts";
import { streamsAt } from "../../rome/streams.ts";
import { randomSigns } from "../controls.ts";
import type { Evidence } from "../evidence.ts";
import { limits, withoutTheVector } from "../limits.ts";
import type { Push, Scene } from "../scene.ts";
import type { RefereeCheck } from "../trial.ts";
import { atLeast, atMost, beside, checked, figure } from "../verdict.ts";

const { saysStill, facts: leastFacts } = limits.necessary;
/** Training names that the erasure is fitted on. */
const fittedOn = 400;

/** 7. Does the model go by this direction? Taken out at that place, does it still know? */
export const necessary: RefereeCheck = {
  id: "necessary",
  procedure: 4,
  work: ({ judged, train }) => ({ asked: Math.min(fittedOn, train.length) + 12 * judged.taking.length }),
  run: async (evidence, { push, besides }, run) => {
    const known = await fitted(evidence, run);
    const direction = push.plus;
    const { width } = evidence.deltas;
    // About the names' own mean: nothing but what differs between them is taken out.
    const out = (...directions: ArrayLike<number>[]) => orthogonal(directions, width, meanRow(known.rows));
    const [random] = randomSigns(evidence);
    const ways: Way[] = [
      {
        told: withoutTheVector,
        facts: say`other facts stay, projected out: the vector, rank one`,
        projection: out(direction),
        decides: true,
      },
      {
        told: say`still told apart, erased by LEACE, rank one`,
        facts: say`other facts stay, erased by LEACE, rank one`,
        projection: leace(known.rows, known.labels),
        decides: true,
      },
      {
        told: say`still told apart, projected out: the vector and the names' own difference, rank two`,
        facts: say`other facts stay, projected out: the vector and the names' own difference, rank two`,
        projection: out(direction, known.difference),
        decides: false,
      },
      {
        told: say`still told apart, projected out: random signs`,
        facts: say`other facts stay, projected out: random signs`,
        projection: out((random as Push).plus),
        decides: false,
      },
    ];
    const figures: PhrasedFigure[] = [];
    const asked = await erasable(evidence, evidence.judged, run);
    const edited = await erasable(evidence, besides.scene, run);
    for (const { told, facts, projection, decides } of ways) {
      const { judged } = evidence;
      const after = await judged.withEdits(asked(projection), run);
      const said = judged.taking.map((i) => after[i] as number);
      const truth = judged.taking.map((i) => judged.groups[i] as number);
      const accuracy = eitherWay(balancedEstimate(said, truth));
      figures.push(decides ? figure(told, accuracy, atMost(saysStill)) : beside(figure(told, accuracy)));
      const kept = await besides.factsKept(edited(projection), run);
      if (kept.length > 0) figures.push(figure(facts, clusteredEstimate(kept), decides ? atLeast(leastFacts) : null));
    }
    return checked({
      id: "necessary",
      claim: say`What the model says rests on it: taken out at the name's last token, the model no longer knows.`,
      threshold: say`with the vector projected out, and after LEACE, balanced accuracy of what is said at most ${saysStill}, other facts stay in at least ${leastFacts}`,
      figures,
      notes: [
        say`Erased from the stream after the edit layer, at the name's last token; what later tokens have read in earlier layers stays.`,
        say`LEACE erases what tells the names' own streams apart, whatever the vector is: it says whether anything linear at that place would do. Of two labels it has rank one.`,
        ...(evidence.rome.model.architecture.mlpToStream
          ? [say`This model's MLP output passes a norm before it joins the stream, so the erasure is not exact.`]
          : []),
      ],
    });
  },
};

/** Where the two are told apart the wrong way round they are told apart. */
function eitherWay({ value, interval: [low, high] }: Estimate): Estimate {
  const [one, other] = [Math.abs(low - 0.5), Math.abs(high - 0.5)];
  const nearest = low <= 0.5 && high >= 0.5 ? 0 : Math.min(one, other);
  return { value: 0.5 + Math.abs(value - 0.5), interval: [0.5 + nearest, 0.5 + Math.max(one, other)] };
}

/** A way of erasing, and how its two figures are called. */
interface Way {
  readonly told: Phrase;
  readonly facts: Phrase;
  readonly projection: Projection;
  readonly decides: boolean;
}

/** The streams of training names, their labels, and the difference of the groups' means. */
async function fitted(evidence: Evidence, run: Run) {
  const { rome, train, labels, names, writing, concept, place, deltas } = evidence;
  const order = stratifiedOrder(
    train.map((row) => labels[row] as number),
    evidence.random("erasure"),
  ).slice(0, fittedOn);
  const chosen = order.map((position) => train[position] as number);
  const requests = chosen.map((row) => place(names[row] as string, concept.prompt));
  const rows = rowsOf(await streamsAt(rome, requests, writing, run), deltas.width);
  const own = chosen.map((row) => labels[row] as number);
  const [ones, zeros] = [1, 0].map((label) => own.filter((other) => other === label).length) as [number, number];
  const difference = new Float64Array(deltas.width);
  own.forEach((label, row) => {
    const weight = label === 1 ? 1 / ones : -1 / zeros;
    for (let i = 0; i < deltas.width; i++) difference[i]! += weight * rows.data[row * deltas.width + i]!;
  });
  return { rows, labels: own, difference };
}

/** For each name of a scene the edit that takes a projection's directions out of its stream. */
async function erasable(
  { rome, writing, place, deltas: { width } }: Evidence,
  scene: Scene,
  run: Run,
): Promise<(projection: Projection) => (i: number) => LiveEdit> {
  const { names, concept } = scene.subjects;
  const requests = names.map((name) => place(name, concept.prompt));
  const streams = rowsOf(await streamsAt(rome, requests, writing, run), width);
  return (projection) => {
    const erased = erase(streams, projection);
    return (i) => {
      const change = Float32Array.from({ length: width }, (_, j) => {
        return (erased.data[i * width + j] as number) - (streams.data[i * width + j] as number);
      });
      return scene.subjects.editOf(i, change, 1);
    };
  };
}
