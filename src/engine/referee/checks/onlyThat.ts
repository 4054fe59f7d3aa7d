import { say } from "../../../protocol/phrase.ts";
import type { PhrasedFigure } from "../../../protocol/phrasedCard.ts";
import type { Run } from "../../../protocol/run.ts";
import { Subjects } from "../../experiment/apply.ts";
import { clusteredEstimate, type Estimate, shareEstimate } from "../../numerics/intervals.ts";
import { bootstrapInterval } from "../../numerics/resampling.ts";
import { mean } from "../../numerics/statistics.ts";
import { beginsWith } from "../../rome/outcomes.ts";
import type { Evidence } from "../evidence.ts";
import { limits } from "../limits.ts";
import type { RefereeCheck, Trial } from "../trial.ts";
import { atLeast, atMost, checked, figure } from "../verdict.ts";

const { neighbours, facts, thirdLabels, perplexity } = limits.onlyThat;
/** Long enough for the first word. */
const wordTokens = 4;

/** 8. Does it change nothing else? */
export const onlyThat: RefereeCheck = {
  id: "onlyThat",
  procedure: 3,
  work: ({ others, settings, concept }) => ({
    asked: 2 * wordTokens * others.length + settings.collateral * (concept.neighbours + 3 * 3 + 16),
  }),
  run: async (evidence, trial, run) => {
    const { push, length, besides } = trial;
    const kept = await besides.kept(push, length, run);
    const ratios = await besides.perplexities(push, length, run);
    const drift = await besides.divergence(push, length, run);
    return checked({
      id: "onlyThat",
      claim: say`At the length that is used, it changes this and nothing else.`,
      threshold: say`neighbours stay in at least ${neighbours}, other facts in at least ${facts}; at most ${thirdLabels} of names of third labels are dragged along; perplexity at most ${perplexity} times`,
      figures: [
        figure(say`other names stay while one is edited`, clusteredEstimate(kept.neighbours), atLeast(neighbours)),
        ...(kept.facts.length > 0
          ? [figure(say`other facts of the edited name stay`, clusteredEstimate(kept.facts), atLeast(facts))]
          : []),
        ...(await dragged(evidence, trial, run)),
        figure(
          say`perplexity of unrelated text, times`,
          { ...spread(ratios, evidence), unit: "ratio" },
          atMost(perplexity),
        ),
        figure(say`drift on unrelated prompts, nats`, { value: drift, unit: "number" }),
      ],
      notes: [
        ...(kept.facts.length > 0 ? [] : [say`The concept names no facts that are not its own.`]),
        ...(evidence.others.length > 0 ? [] : [say`There are no names of third labels.`]),
      ],
    });
  },
};

/** Mean over the edits, with its interval by bootstrap over them. */
function spread(values: readonly number[], { random }: Evidence): Estimate {
  const meanOf = (positions: readonly number[]) => mean(positions.map((i) => values[i] as number));
  return { value: mean(values), interval: bootstrapInterval(values.length, meanOf, random("only that")) };
}

/** Names of third labels whose first word becomes the vector's target, by sign. */
async function dragged(evidence: Evidence, { push, length }: Trial, run: Run): Promise<PhrasedFigure[]> {
  const { others, rome, concept, writing, place } = evidence;
  if (others.length === 0) return [];
  const subjects = await Subjects.of(rome, others, concept, writing, run, place);
  const asked = { maxTokens: wordTokens };
  const before = await subjects.ask(undefined, 0, asked, run);
  const [first, second] = concept.targets;
  const figures: PhrasedFigure[] = [];
  for (const [vector, target] of [
    [push.plus, second],
    [push.minus, first],
  ] as const) {
    const after = await subjects.ask(vector, length, asked, run);
    const hits = after.flatMap(({ completion }, i) =>
      beginsWith(before[i]?.completion ?? "", target) ? [] : [beginsWith(completion, target)],
    );
    if (hits.length > 0)
      figures.push(
        figure(say`names of third labels dragged to ${target.label}`, shareEstimate(hits), atMost(thirdLabels)),
      );
  }
  return figures;
}
