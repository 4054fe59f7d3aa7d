import { type Amount, type Phrase, say } from "../../protocol/phrase.ts";
import type { Check, CheckId, FourRates, RefereeCard, Verdict } from "../../protocol/referee.ts";
import { checkWords, vectorWords } from "../../text/referee.ts";
import { english } from "./english.ts";
import { leadsOf, reachesGoal } from "./lead.ts";
import { goal, limits, turnedByRandom, turnedByShuffled, withoutTheVector, withoutTheWord } from "./limits.ts";
import { worstEstimate } from "./rates.ts";
import { atLeast, verdictOf } from "./verdict.ts";

/** The card in plain words: what the direction does, what it is, what it does not do, and what is not known. */
export function sentencesOf(card: RefereeCard): Phrase[] {
  const of = (id: CheckId) => card.checks.find((check) => check.id === id)?.verdict;
  return [
    works(card),
    ...what(of),
    ...itsOwnWord(card.checks),
    ...sameLength(card.checks),
    ...rest(of),
    ...goesBy(card.checks),
    ...besides(of),
    ...bestOf(card),
    ...openOf(card),
  ];
}

type VerdictOf = (id: CheckId) => Verdict | undefined;

const share = (amount: number): Amount => ({ amount, as: "percent" });
/** Words that the lab translates elsewhere. */
const known = (text: string): Phrase => ({ text, values: [] });

/** By the rates of the vectors' table, which is there whatever was left out. */
function works({ concept: { prompt }, vectors, vector }: RefereeCard): Phrase {
  const { rates } = vectors.find(({ name }) => name === vector) as { rates: FourRates };
  const worst = worstEstimate(rates);
  const rate = share(worst.value);
  return {
    holds: say`On this model the direction moves what the model says after “${prompt}” of names that were never recorded (worst of the four rates ${rate}).`,
    fails: say`On this model the direction does not reliably move what the model says after “${prompt}” of names that were never recorded (worst of the four rates ${rate}).`,
    undecided: say`On this model the direction seems to move what the model says after “${prompt}” of names that were never recorded (worst of the four rates ${rate}).`,
  }[verdictOf(worst.value, worst.interval, atLeast(limits.newNames.worstRate))];
}

function what(of: VerdictOf): Phrase[] {
  const [word, prompt] = [of("notTheWord"), of("notThePrompt")];
  if (word === undefined || prompt === undefined) return [];
  if (word === "holds" && prompt === "holds")
    return [
      say`It also moves other words of the concept, and what is said in other texts in which the model tells the two: it is not that one word's alone.`,
    ];
  if (word === "fails" && prompt === "fails")
    return [
      say`Not all tests of the word are passed, and what is said in other texts does not move as it should: what was found is nearer to the word than to the concept.`,
    ];
  const words = {
    holds: say`it moves other words`,
    fails: say`not all are passed`,
    undecided: say`not all are decided`,
  };
  const texts = {
    holds: say`it moves what is said`,
    fails: say`it does not move what is said as it should`,
    undecided: say`whether it moves what is said is undecided`,
  };
  return [say`Concept or word? Of the tests of the word, ${words[word]}; in other texts, ${texts[prompt]}.`];
}

function rest(of: VerdictOf): Phrase[] {
  const told = (id: CheckId, holds: Phrase, fails: Phrase) => {
    const verdict = of(id);
    return verdict === "holds" ? [holds] : verdict === "fails" ? [fails] : [];
  };
  return [
    ...told(
      "notAnyPush",
      say`Other pushes as strong turn far fewer names.`,
      say`Other pushes as strong turn many names, too.`,
    ),
    ...told(
      "stable",
      say`Other halves of the data and other contexts give the same.`,
      say`Other halves of the data or other contexts give something else.`,
    ),
  ];
}

/** What other pushes of its length do. */
function sameLength(checks: readonly Check[]): Phrase[] {
  const check = checks.find(({ id }) => id === "notAnyPush");
  const of = (figure: string) => check?.figures.find(({ name }) => name === figure);
  const [random, shuffled] = [of(turnedByRandom), of(turnedByShuffled)];
  if (!random || !shuffled) return [];
  return [
    say`At its length random signs turn ${share(random.value)} of names, vectors learned from shuffled labels ${share(shuffled.value)}.`,
  ];
}

/** Whether the model needs the direction for what it says. */
function goesBy(checks: readonly Check[]): Phrase[] {
  const necessary = checks.find(({ id }) => id === "necessary");
  const without = necessary?.figures.find(({ name }) => name === english(withoutTheVector));
  if (!necessary || !without || necessary.verdict === "undecided") return [];
  if (necessary.verdict === "holds") return [say`Taken out of what stands there, the model no longer tells the two.`];
  return [
    without.verdict === "fails"
      ? say`It moves the answer, but the model does not go by it: taken out of what stands there, the two are still told apart (balanced accuracy ${share(without.value)}).`
      : say`The model does not go by that place alone: erased there, it still knows from elsewhere, or loses other facts.`,
  ];
}

function besides(of: VerdictOf): Phrase[] {
  const verdict = of("onlyThat");
  if (verdict === undefined) return [];
  return [
    {
      holds: say`It changes nothing else that was asked.`,
      fails: say`It changes other things besides.`,
      undecided: say`Whether it changes other things besides is undecided.`,
    }[verdict],
  ];
}

function bestOf({ vectors, best: name, vector }: RefereeCard): Phrase[] {
  const of = (wanted: string) => vectors.find(({ name }) => name === wanted);
  const [own, top] = [of(vector), of(name)];
  if (!own || !top) return [];
  const { points, p, shown } = leadsOf(vectors, own).get(top.name) ?? { points: 0, p: 1, shown: false };
  const title = (name: string) => known(vectorWords[name] ?? name);
  const ahead: Amount = { amount: points, as: "fixed" };
  const best = title(top.name);
  return [
    top.name === vector
      ? say`On the half of the names that chose the lengths, none of ${vectors.length} vectors is ahead of ${title(vector)}.`
      : points <= 0
        ? say`Of ${vectors.length} vectors ${best} did best on the half of the names that chose the lengths; on the other half it is not ahead of ${title(vector)}.`
        : shown
          ? say`The best of ${vectors.length} vectors is ${best}, by ${ahead} points of its worst rate (McNemar's p ${p}).`
          : say`Of ${vectors.length} vectors ${best} did best on the half of the names that chose the lengths; on the other half it is ${ahead} points ahead, which may be chance (McNemar's p ${p}).`,
    ...(vectors.some(reachesGoal)
      ? []
      : [
          say`No vector here reaches ${share(goal.rate)} in all four rates at a length at which random signs turn fewer than ${share(goal.random)}.`,
        ]),
  ];
}

/** What of it lies in the direction that raises the two words themselves. */
function itsOwnWord(checks: readonly Check[]): Phrase[] {
  const word = checks.find(({ id }) => id === "notTheWord");
  const without = word?.figures.find(({ name }) => name === english(withoutTheWord));
  if (!without) return [];
  const turned = share(without.value);
  return [
    without.value < limits.notTheWord.otherWords
      ? say`Without the part that raises the two words themselves it turns ${turned}: the word's own direction is most of it, and if it is the concept's too, the two cannot be told apart here.`
      : say`Without the part that raises the two words themselves it still turns ${turned}.`,
  ];
}

/** What is refuted, and what is not shown either way. */
function openOf({ checks, skipped }: RefereeCard): Phrase[] {
  const named = (ids: readonly CheckId[]) => ids.map((id) => say`“${known(checkWords[id] ?? id)}”`);
  const those = (wanted: Verdict) => checks.filter(({ verdict }) => verdict === wanted).map(({ id }) => id);
  const [open, refuted] = [those("undecided"), those("fails")];
  return [
    ...(refuted.length === 0 ? [] : [say`Refuted: ${named(refuted)}.`]),
    ...(open.length === 0
      ? []
      : [say`Neither shown nor refuted with as many names, controls and shuffles as were tried: ${named(open)}.`]),
    ...(skipped.length === 0 ? [] : [say`Not tried: ${named(skipped)}.`]),
  ];
}
