/** docs/referee.md as text: what holds of the essay's claims on which model, and how that was tried. */
import * as v from "valibot";
import { cardMarkdown } from "../src/engine/referee/cardTables.ts";
import { comparedNames } from "../src/engine/referee/compare.ts";
import { leadsOf, reachesGoal } from "../src/engine/referee/lead.ts";
import { goal, limits, tellsApart } from "../src/engine/referee/limits.ts";
import { usualSettings } from "../src/engine/referee/settings.ts";
import { type CheckId, type Figure, type RefereeCard, refereeCard } from "../src/protocol/referee.ts";
import { fixed, percent, significant } from "../src/text/numbers.ts";
import { checkWords, figureText, intervalText, vectorWords } from "../src/text/referee.ts";
import { worstOf } from "../src/text/refereeTables.ts";

export function parseCard(text: string): RefereeCard {
  return v.parse(refereeCard, JSON.parse(text));
}

/** Names the file of a card: one for each concept, model and vector. */
export function cardId({ concept, model, vector }: RefereeCard): string {
  const of = vector === "sign" ? "" : `-${vector}`;
  return `${concept.name}-${model.name}-${model.fingerprint.slice(0, 8)}${of}`
    .replaceAll(/[^\w.-]+/g, "-")
    .toLowerCase();
}

const claims: readonly (readonly [claim: string, check: CheckId])[] = [
  ["Δv alone tells from which label to which an edit goes", "readable"],
  ["the classifier's vector turns names that were never edited", "newNames"],
  ["it takes this vector: other pushes as strong turn far fewer names", "notAnyPush"],
  ["it is not the one word's alone", "notTheWord"],
  ["it holds beyond the prompt it was found with", "notThePrompt"],
  ["it is a property of the model, not of one draw of data or contexts", "stable"],
  ["the model goes by this direction", "necessary"],
  ["nothing else changes", "onlyThat"],
];

const title = ({ concept, model }: RefereeCard) => `${concept.name}, ${model.name}`;
const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
const table = (header: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(header), row(header.map(() => "---")), ...rows.map(row)].join("\n");

/** The verdict, and the figure that it turns on: of those that say so the first, or, where it is no good, the worst. */
function cell({ checks, skipped }: RefereeCard, id: CheckId): string {
  const check = checks.find((one) => one.id === id);
  if (!check) return skipped.includes(id) ? "not tried" : "–";
  const kept = ({ value, bound }: Figure) => {
    if (!bound) return Number.POSITIVE_INFINITY;
    return bound.side === "atLeast" ? value - bound.value : bound.value - value;
  };
  const those = check.figures.filter((figure) => figure.verdict === check.verdict);
  const [bound] = check.verdict === "holds" ? those : those.sort((a, b) => kept(a) - kept(b));
  if (!bound) return `**${check.verdict}**`;
  const range = bound.interval ? ` (${intervalText(bound.interval, bound.unit)})` : "";
  return `**${check.verdict}**: ${bound.name} ${figureText(bound)}${range}`;
}

function bestCell({ vectors, best, vector }: RefereeCard): string {
  const of = (name: string) => vectors.find((one) => one.name === name);
  const [own, top] = [of(vector), of(best)];
  if (!own || !top) return "–";
  const leads = leadsOf(vectors, own);
  const { points = 0, p = 1, shown = false } = leads.get(best) ?? {};
  const ahead = `${vectorWords[best]}, the best on the other half, is ahead by ${fixed(points, 1)} points of the worst rate, p = ${significant(p, 3)}`;
  if (points > 0 && shown) return `**no**: ${ahead}`;
  const other = points > 0 ? `${ahead}; ` : `${vectorWords[best]} was ahead on the other half alone; `;
  const worse = [...leads].filter(([, lead]) => lead.points < 0 && lead.shown);
  const named = worse.map(([name]) => vectorWords[name]).join("; ") || "none";
  return `**none is shown to be better**; ${best === vector ? "" : other}shown to be worse: ${named}`;
}

/** Which vectors reach the goal, at a length at which random ones stay under it; and what the universal ones do. */
function goalCell({ vectors, settings }: RefereeCard): string {
  const reached = vectors.filter(reachesGoal);
  if (reached.length > 0) return `reached by ${reached.map(({ name }) => vectorWords[name]).join("; ")}`;
  const did = (wanted: string) => {
    const one = vectors.find(({ name }) => name === wanted);
    if (!one) return [];
    const quiet = one.quiet
      ? `${percent(worstOf(one.quiet.rates))} where random ones turn ${percent(one.quiet.random)}, `
      : "";
    return [`${vectorWords[wanted]}: ${quiet}${percent(worstOf(one.rates))} where they turn ${percent(one.random)}`];
  };
  const could = [...did("universal"), ...did("universalBox")].join("; ");
  return `reached by none (${could}; solved over ${settings.universal} names)`;
}

function verdicts(cards: readonly RefereeCard[]): string {
  return table(
    ["What is claimed", ...cards.map(title)],
    [
      ...claims.map(([claim, id]) => [`${claim} (*${checkWords[id]}*)`, ...cards.map((card) => cell(card, id))]),
      ["sign(w) is the vector to take", ...cards.map(bestCell)],
      [
        `a vector reaches ${percent(goal.rate)} in all four rates where random ones turn under ${percent(goal.random)}`,
        ...cards.map(goalCell),
      ],
    ],
  );
}

const thresholds = () =>
  table(
    ["Check", "What is asked", "Bound"],
    [
      [
        checkWords.readable ?? "",
        "L2-regularised logistic regression on Δv, the experiment's split; labels shuffled; groups of equal size; learning curve; area under the curve",
        `balanced accuracy at least ${percent(limits.readable.balancedAccuracy)}; permutation p at most ${limits.readable.permutationP}`,
      ],
      [
        checkWords.newNames ?? "",
        "new names of the half that chose nothing, by strata of token count, place in the file and script; names of other languages; names that neither group owns",
        `worst of the four rates at least ${percent(limits.newNames.worstRate)}; of names of other languages ${percent(limits.newNames.otherLanguages)} turned`,
      ],
      [
        checkWords.notAnyPush ?? "",
        "random signs, Gaussians with the covariance of Δv within each direction, sign(w) of shuffled labels: at the same length, and at the length that moves the logits as far; each control in the better of its two senses",
        `random signs turn at most ${percent(limits.notAnyPush.randomSigns)}; the vector is ahead of every other by at least ${percent(limits.notAnyPush.ahead)}`,
      ],
      [
        checkWords.notTheWord ?? "",
        "the same names recorded towards two words without meaning here; other words of the concept; the two output rows pulled back to this place, their cosine to the vector, and the rates without that part",
        `the vector of the meaningless words turns at most ${percent(limits.notTheWord.placebo)} (undecided where random signs of that length turn more); other words of the concept are turned in at least ${percent(limits.notTheWord.otherWords)}`,
      ],
      [
        checkWords.notThePrompt ?? "",
        `texts with pronouns, coreference and negation; a text counts where the model itself tells the groups (balanced accuracy from ${percent(tellsApart)})`,
        `over all such texts at least ${percent(limits.notThePrompt.changed)} turned and ${percent(limits.notThePrompt.stayed)} stay`,
      ],
      [
        checkWords.stable ?? "",
        "halves of the data; contexts of another seed; beside these, without a bound: the neighbouring layers, other keys, the part orthogonal to the difference of the means",
        `by either half's vector at least ${percent(limits.stable.halves)} turned and stay; by that of other contexts at least ${percent(limits.stable.otherContexts)}`,
      ],
      [
        checkWords.necessary ?? "",
        "erased from the stream after the edit layer at the name's last token: projection of the vector (rank one); LEACE (which has rank one for two labels); beside these, the vector and the names' own difference (rank two)",
        `both: balanced accuracy of what is then said at most ${percent(limits.necessary.saysStill)}; other facts stay in at least ${percent(limits.necessary.facts)}`,
      ],
      [
        checkWords.onlyThat ?? "",
        "other names and other facts while one name is edited; third labels; perplexity of unrelated text",
        `other names stay in at least ${percent(limits.onlyThat.neighbours)}, other facts in ${percent(limits.onlyThat.facts)}; at most ${percent(limits.onlyThat.thirdLabels)} of third labels are dragged; perplexity at most ${limits.onlyThat.perplexity} times`,
      ],
    ],
  );

export function page(cards: readonly RefereeCard[]): string {
  return `# The referee

<!-- Made by node scripts/refereePage.mjs. -->

Does a direction mean what it is said to mean? A perfect classifier and a handful of turned names come cheap: Δv is solved *towards* a word, so any classifier can read the word; where a model calls most names male, always saying so is right most of the time. The referee tries a recorded direction on what the claim needs and the essay did not measure:

    npx rome referee results --plan        # what is going to be done, and how long it may take here
    npx rome referee results               # the card: results/referee/card.json, and on top of results/report.html
    npx rome referee results --out card.md --out card.tex --out card.csv

It goes on where it was stopped. \`--skip\` and \`--only\` choose among the checks, \`--each\`, \`--records\`, \`--controls\`, \`--permutations\` and \`--collateral\` make it smaller, \`--universal\` solves the universal vectors over fewer names; what was made smaller stands under each card. The same data and seed give the same card.

## What holds on which model

${verdicts(cards)}

*holds*: the whole 95 % interval of every figure keeps its bound. *fails*: that of one misses it. *undecided*: neither, with as many names, controls and shuffles as were tried. A difference of shares is given in points of a hundred. In the row before the last a vector is better or worse than sign(w) where its worst rate is, and McNemar's exact test over names (right under both signs) gives p < 0.05 against it, adjusted for their number; the last row goes by the rates themselves, not by their intervals, at the length that is best on the validation half, or at the best of those at which random signs stay under the bound there. The pretrained models are the GGUF files that [their page](real-models.md) names, unpacked; Qwen2.5-Coder-1.5B was not tried, for time.

${cards.map((card) => `## ${title(card)}\n\n${cardMarkdown(card).split("\n\n").slice(1).join("\n\n").trim()}\n\nAll figures: [referee/${cardId(card)}.json](referee/${cardId(card)}.json).`).join("\n\n")}

## What is tried, and the bounds

${thresholds()}

The bounds were stated before any model was tried, but for these, which came when the first cards were there. Each makes *holds* harder to get: the vector itself is projected out in *${checkWords.necessary}* (LEACE alone decided before), and what is told apart the wrong way round counts; names have to stay, too, in *${checkWords.stable}*; a p of few shuffles has an interval; the same prompt after other sentences decides nothing in *${checkWords.notThePrompt}*, which needs ${limits.notThePrompt.texts} texts; *${checkWords.notTheWord}* needs other words. These make *fails* harder, or the goal easier: the meaningless words are undecided where any push turns as many names; the upper end of the worst of four rates allows for there being four; the goal is judged at a second length, too, at which random signs are quiet, not only at the best one. Gaussians with the whole covariance of Δv, which the plan had named as a control, contain the direction itself: they stand beside and decide nothing.

More new names (\`--each\`), controls (\`--controls\`), edits (\`--records\`, \`--collateral\`) and shuffles (\`--permutations\`) make the intervals narrower, and *undecided* rarer.

**The vectors.** ${Object.values(vectorWords).join("; ")}. Each is tried at the same seven lengths, from an eighth to one and a half times the mean ‖Δv‖, on one half of the new names; the shortest length at which the worst of its four rates is best is then used on the other half. Which vector is the best is said by the first half, too, so that the second judges it unseen. The universal ones minimise ROME's own objective for one δ over ${usualSettings.universal} training names under both signs, with every component within [−1, 1] and without, from the best of the other vectors at four lengths, so that none of these has a smaller loss: what any vector at this place could do, as far as that descent finds it: over few names it is no upper bound, and its number of names stands under each card.

**Four rates.** + is to turn names of the first label and leave those of the second, − the mirror image. What a name is said to be is the likelier of the two labels, each summed over its written forms. Groups go by what the model says before, not by what a file says.

**Intervals.** Of a share of names: Wilson's score interval, which is no point where all agree. Of a share over things that come in clusters (many texts about one name, many names under one control): Wilson's for as many independent things as have that variance between clusters, at least as many as there are clusters. Of differences and balanced accuracies: squared and added (Newcombe). Of means: bootstrap over the items. The worst of four rates has the lowest of their lower ends, and the lowest of their upper ends at a level of 98.75 % (Bonferroni). Checked against scikit-learn, scipy, statsmodels and concept-erasure in \`test/reference-analysis\`.

**Paired comparisons.** McNemar's exact test over names; against the vector on trial over all of them, the p's adjusted for the number of vectors (Holm), against controls over ${comparedNames}. A control is drawn twenty times; the draw in the middle counts, its p doubled, which is a p again however the draws hang together.

**That it can say no.** A vector that raises one word's row of the head, and leaves the rows of the concept's other words as they are, turns every name after the prompt and passes *${checkWords.newNames}*; the referee says that it fails *${checkWords.notTheWord}* and *${checkWords.notThePrompt}*, where the embedded model's own passes (\`test/engine/referee/planted.test.ts\`).

## What it does not show

- What a model writes of a name is no truth about a person, and a direction in a model is none about gender.
- *Not the word* and *Not the prompt* ask other words and other texts. That these turn, too, says that the direction is not only that word's; it does not say what else it is, nor that the model has one such direction. The direction that raises the words themselves, pulled back to this place, is a large part of it where a model has one path for all of them; the card says what is left without it.
- The universal vector is where a descent ended. A better one may exist.
- The embedded model was trained so that one layer holds what it knows of a name. What holds there is partly so by construction.
- The bounds are conventions. Every figure stands beside its bound, so that others can be applied.

## Lists of names

\`data/names-languages.csv\` (names of other languages, each with its usual gender and its language) and \`data/names-shared.csv\` (English names that both women and men have) were written for this project from common knowledge of given names; no list was copied. They are under the project's licence (MIT). The column gender of the first is not used: names count by what the model says of them. Where the lists of recorded and new names come from stands in the [model card](../models/embedded/README.md).
`;
}
