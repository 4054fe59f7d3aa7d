import type { Check, CheckId, RefereeCard } from "../../protocol/referee.ts";
import { percent } from "../../text/numbers.ts";
import { checkWords, vectorWords } from "../../text/referee.ts";
import { goal, limits, withoutTheWord } from "./limits.ts";
import { worstOf } from "./rates.ts";

/** The card in plain words: what the direction does, what it is, what it does not do, and what is not known. */
export function summaryOf(card: RefereeCard): string {
  const of = (id: CheckId) => card.checks.find((check) => check.id === id)?.verdict;
  return [works(card, of), what(of), itsOwnWord(card.checks), ...rest(of), besides(of), bestOf(card), ...openOf(card)]
    .filter((sentence) => sentence !== "")
    .join(" ");
}

type VerdictOf = (id: CheckId) => Check["verdict"] | undefined;

function works({ concept, vectors, vector }: RefereeCard, of: VerdictOf): string {
  const own = vectors.find(({ name }) => name === vector);
  const worst = own ? worstOf(own.rates) : 0;
  const rate = ` of names that were never recorded (worst of the four rates ${percent(worst)})`;
  const judged = of("newNames") ?? (worst >= limits.newNames.worstRate ? "holds" : "fails");
  const verb = { holds: "moves", fails: "does not reliably move", undecided: "seems to move" }[judged];
  return `On this model the direction ${verb} what the model writes after “${concept.prompt}”${rate}.`;
}

function what(of: VerdictOf): string {
  const [word, prompt] = [of("notTheWord"), of("notThePrompt")];
  if (word === undefined || prompt === undefined) return "";
  if (word === "holds" && prompt === "holds")
    return "It also moves other words of the concept, and what is said in other texts in which the model tells the two: what was found is nearer to the concept than to the word.";
  if (word === "fails" && prompt === "fails")
    return "It does not move other words as it should, nor what is said in other texts: what was found is nearer to the word than to the concept.";
  const part = (verdict: Check["verdict"], thing: string) =>
    ({
      holds: `it moves ${thing}`,
      fails: `it does not move ${thing} as it should`,
      undecided: `whether it moves ${thing} is undecided`,
    })[verdict];
  return `Concept or word? Of the tests of the word, ${part(word, "other words")}; in other texts, ${part(prompt, "what is said")}.`;
}

function rest(of: VerdictOf): string[] {
  const say = (id: CheckId, holds: string, fails: string) => {
    const verdict = of(id);
    return verdict === "holds" ? holds : verdict === "fails" ? fails : "";
  };
  return [
    say("notAnyPush", "Other pushes as strong do much less of it.", "Other pushes as strong do much of it, too."),
    say("stable", "Other data, contexts and keys give the same.", "Other data or contexts give something else."),
    say(
      "necessary",
      "The model goes by what stands at that place: erased there, it no longer knows.",
      "It is sufficient but not necessary: erased at that place, the model still knows from elsewhere, or loses other facts.",
    ),
  ];
}

function besides(of: VerdictOf): string {
  const verdict = of("onlyThat");
  if (verdict === undefined) return "";
  return {
    holds: "It changes nothing else that was asked.",
    fails: "It changes other things besides.",
    undecided: "Whether it changes other things besides is undecided.",
  }[verdict];
}

function bestOf({ vectors, best, vector }: RefereeCard): string {
  const of = (wanted: string) => vectors.find(({ name }) => name === wanted);
  const [own, top] = [of(vector), of(best)];
  if (!own || !top) return "";
  const reached = worstOf(top.rates) >= goal.rate;
  const lead = worstOf(top.rates) - worstOf(own.rates);
  const who =
    lead <= 0
      ? `None of ${vectors.length} vectors is better than ${vectorWords[vector]}.`
      : `The best of ${vectors.length} vectors is ${vectorWords[best]}, by ${(100 * lead).toFixed(1)} points of its worst rate.`;
  return reached ? who : `${who} No vector here reaches ${percent(goal.rate)} in all four rates.`;
}

/** What of it lies in the direction that raises the two words themselves. */
function itsOwnWord(checks: readonly Check[]): string {
  const word = checks.find(({ id }) => id === "notTheWord");
  const without = word?.figures.find(({ name }) => name === withoutTheWord);
  if (!without) return "";
  return `Without the part that raises the two words themselves it turns ${percent(without.value)}.`;
}

/** What is not shown, either way. */
function openOf({ checks, skipped }: RefereeCard): string[] {
  const named = (ids: readonly CheckId[]) => ids.map((id) => `“${checkWords[id]}”`).join(", ");
  const open = checks.filter(({ verdict }) => verdict === "undecided").map(({ id }) => id);
  return [
    open.length === 0 ? "" : `Neither shown nor refuted by so many names: ${named(open)}.`,
    skipped.length === 0 ? "" : `Not tried: ${named(skipped)}.`,
  ];
}
