import { type Phrase, say } from "../../../protocol/phrase.ts";
import type { PhrasedFigure } from "../../../protocol/phrasedCard.ts";
import type { Run } from "../../../protocol/run.ts";
import { readPlainNames } from "../../concept/names.ts";
import { shareEstimate } from "../../numerics/intervals.ts";
import { stratifiedOrder } from "../../numerics/split.ts";
import type { Evidence } from "../evidence.ts";
import { limits } from "../limits.ts";
import { changed, fourRates, hitsOf, stayed, worst } from "../rates.ts";
import type { Scene } from "../scene.ts";
import type { RefereeCheck, Trial } from "../trial.ts";
import { atLeast, checked, figure } from "../verdict.ts";

const { worstRate, otherLanguages } = limits.newNames;
/** A stratum of fewer names is not reported. */
const smallest = 5;

const words = {
  plusChanged: (first: string, second: string) => say`+ ${first} → ${second}`,
  plusStayed: (_: string, second: string) => say`+ ${second} stays`,
  minusChanged: (first: string, second: string) => say`− ${second} → ${first}`,
  minusStayed: (first: string) => say`− ${first} stays`,
};

/** 2. Does the vector work on names that it has never seen? */
export const newNames: RefereeCheck = {
  id: "newNames",
  procedure: 2,
  work: ({ settings, judged }) => ({ asked: 4 * judged.taking.length + 10 * settings.others }),
  run: async (evidence, trial, run) => {
    const { judged, concept } = evidence;
    const [first, second] = concept.targets.map(({ label }) => label) as [string, string];
    const hits = await hitsOf(judged, trial.push, trial.length, run);
    const figures: PhrasedFigure[] = [
      figure(say`worst of the four rates`, worst(hits), atLeast(worstRate)),
      ...fourRates.map((part) => figure(words[part](first, second), shareEstimate(hits[part]))),
      ...(await strata(judged, kindsOf(evidence), trial, run)),
    ];
    const notes: Phrase[] = [];
    const { referee } = concept;
    if (referee?.otherLanguages) {
      const scene = await further(evidence, await readPlainNames(referee.otherLanguages), "languages", run);
      const theirs = await hitsOf(scene, trial.push, trial.length, run);
      figures.push(
        figure(say`names of other languages: turned`, shareEstimate(changed(theirs)), atLeast(otherLanguages)),
        figure(say`names of other languages: stay`, shareEstimate(stayed(theirs))),
        ...(await strata(scene, scripts, trial, run)),
      );
      notes.push(
        say`Names of other languages and names that neither group owns count by the label the model gives them.`,
      );
    }
    if (referee?.ownedByNeither) {
      const scene = await further(evidence, await readPlainNames(referee.ownedByNeither), "owned by neither", run);
      const theirs = await hitsOf(scene, trial.push, trial.length, run);
      figures.push(
        figure(say`names that neither group owns: turned`, shareEstimate(changed(theirs))),
        figure(say`names that neither group owns: stay`, shareEstimate(stayed(theirs))),
      );
    }
    return checked({
      id: "newNames",
      claim: say`The vector turns names that were never recorded, and leaves the others.`,
      threshold: say`worst of the four rates at least ${worstRate}; of names of other languages at least ${otherLanguages} turned`,
      figures,
      notes,
    });
  },
};

/** As many further names as are asked, either script in its share. */
async function further(evidence: Evidence, names: readonly string[], stream: string, run: Run): Promise<Scene> {
  const script = names.map((name) => String(inLatin(name)));
  const drawn = stratifiedOrder(script, evidence.random(stream)).slice(0, evidence.settings.others);
  return evidence.scene(
    drawn.map((place) => names[place] as string),
    {},
    run,
  );
}

/** A kind of names, as its figure is called. */
type Kind = readonly [says: Phrase, belongs: (name: string) => boolean];

function kindsOf({ rome, fresh }: Evidence): Kind[] {
  const tokensOf = (name: string) => rome.model.tokenizer.continuation(` ${name}`).length;
  // Names files usually begin with the most frequent names.
  const half = fresh.length / 2;
  const rank = new Map(fresh.map((name, i) => [name, i]));
  return [
    [say`turned, names of one token`, (name) => tokensOf(name) === 1],
    [say`turned, names of two tokens`, (name) => tokensOf(name) === 2],
    [say`turned, names of three tokens or more`, (name) => tokensOf(name) > 2],
    [say`turned, names in the first half of their file`, (name) => (rank.get(name) ?? 0) < half],
    [say`turned, names in the second half of their file`, (name) => (rank.get(name) ?? 0) >= half],
    [say`turned, names in Latin letters alone`, inLatin],
    [say`turned, names in other letters`, (name) => !inLatin(name)],
  ];
}

const inLatin = (name: string) => /^[\p{Script=Latin}\p{M}\s'’-]+$/u.test(name);
/** Of other languages, because new names are often of one language, and so of one script. */
const scripts: readonly Kind[] = [
  [say`names of other languages in Latin letters: turned`, inLatin],
  [say`names of other languages in other letters: turned`, (name) => !inLatin(name)],
];

/** Names turned, by what kind of name it is. */
async function strata(
  scene: Scene,
  kinds: readonly Kind[],
  { push, length }: Trial,
  run: Run,
): Promise<PhrasedFigure[]> {
  const { plus, minus } = await scene.pushed(push, length, run);
  const turned = (i: number) => (scene.groups[i] === 0 ? plus[i] === 1 : minus[i] === 0);
  return kinds.flatMap(([says, belongs]) => {
    const hits = scene.taking.filter((i) => belongs(scene.subjects.names[i] as string)).map(turned);
    return hits.length < smallest ? [] : [figure(says, shareEstimate(hits))];
  });
}
