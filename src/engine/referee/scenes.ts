import { type Phrase, say } from "../../protocol/phrase.ts";
import type { Run } from "../../protocol/run.ts";
import type { Evidence } from "./evidence.ts";
import { tellsApart } from "./limits.ts";
import { type Hits, hitsOf } from "./rates.ts";
import type { Asked, Push, Scene, Side } from "./scene.ts";

/** What a push does in one other text. */
export interface Told {
  readonly asked: Asked;
  readonly scene: Scene;
  readonly hits: Hits;
}

/** What a push does under other prompts and words; where the model itself does not tell the groups, nothing can be said. */
export interface UnderOthers {
  readonly told: readonly Told[];
  readonly notes: Phrase[];
}

export async function underOthers(
  evidence: Evidence,
  all: readonly Asked[],
  push: Push,
  length: number,
  run: Run,
): Promise<UnderOthers> {
  const told: Told[] = [];
  const notes: Phrase[] = [];
  for (const asked of all) {
    const scene = await sceneThatTells(evidence, asked, run);
    if (scene) told.push({ asked, scene, hits: await hitsOf(scene, push, length, run) });
    else
      notes.push(say`After “${asked.prompt}” the model does not tell the groups apart by ${pairOf(asked)}: left out.`);
  }
  return { told, notes };
}

/**
 * The scene of these words over the judged names, in their groups; the other way round where the model says them so, as
 * after a negation; undefined where it tells nothing.
 */
async function sceneThatTells(evidence: Evidence, asked: Asked, run: Run): Promise<Scene | undefined> {
  const { judged } = evidence;
  const positions = judged.taking;
  const names = positions.map((i) => judged.subjects.names[i] as string);
  const groups = positions.map((i) => judged.groups[i] as Side);
  const scene = await evidence.scene(names, { asked, groups }, run);
  if (scene.toldApart >= tellsApart) return scene;
  if (scene.toldApart > 1 - tellsApart) return undefined;
  return scene.otherWayRound();
}

/** All texts together, name by name: what is asked of one name in many texts is not so many independent answers. */
export function byName(told: readonly Told[]): { changed: boolean[][]; stayed: boolean[][] } {
  const [changed, stayed] = [new Map<string, boolean[]>(), new Map<string, boolean[]>()];
  for (const { scene, hits } of told)
    for (const side of [0, 1] as const) {
      const members = scene.taking.filter((i) => scene.groups[i] === side);
      const [turns, stays] = side === 0 ? [hits.plusChanged, hits.minusStayed] : [hits.minusChanged, hits.plusStayed];
      for (const [row, i] of members.entries()) {
        const name = scene.subjects.names[i] as string;
        changed.set(name, [...(changed.get(name) ?? []), turns[row] as boolean]);
        stayed.set(name, [...(stayed.get(name) ?? []), stays[row] as boolean]);
      }
    }
  return { changed: [...changed.values()], stayed: [...stayed.values()] };
}

/** "she/he" */
export const pairOf = ({ words }: Asked) => words.map((word) => ([word].flat()[0] ?? "").trim()).join("/");
