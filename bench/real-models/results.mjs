/** What the page needs of an experiment, a file a model in results/: what was recorded is large, and stays where it was made. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { thisMachine } from "../harness/machine.mjs";

const kept = join(import.meta.dirname, "results");
const read = (...path) => JSON.parse(readFileSync(join(...path), "utf8"));

/**
 * The digest of one experiment's folder.
 *
 * @param told { name, prepared, seconds } where it was made by run.mjs; `prepared` is what rome prepare gave, without its paths
 */
export function digestOf(folder, told) {
  const records = readFileSync(join(folder, "records.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const { points: _, validation: __, ...report } = read(folder, "report.json");
  const count = (test, of = records) => ({ count: of.filter(test).length, total: of.length });
  const known = (of) => count(({ expected, from }) => expected === from, of);
  const said = report.concept.labels.map((label) => count(({ from }) => from === label).count);
  return {
    ...told,
    manifest: read(folder, "manifest.json"),
    report,
    records: {
      known: known(records),
      knownOf: report.concept.labels.map((label) => known(records.filter(({ expected }) => expected === label))),
      commoner: { count: Math.max(...said), total: records.length },
      converged: count(({ converged }) => converged),
      deltaToValue: records.reduce((sum, one) => sum + one.deltaNorm / one.valueNorm, 0) / records.length,
    },
  };
}

/** Keeps a digest for the page, with the day and the machine, unless one of more names, or of as many in more contexts, is there. */
export function keepDigest(digest, folder = kept) {
  const size = ({ manifest }) => [manifest.names.count, manifest.contexts.length];
  const [names, contexts] = size(digest);
  const there = keptDigest(digest.name, folder);
  const [namesThere, contextsThere] = there ? size(there) : [0, 0];
  if (namesThere > names || (namesThere === names && contextsThere > contexts)) return;
  mkdirSync(folder, { recursive: true });
  const made = { ...digest, date: new Date().toISOString().slice(0, 10), machine: thisMachine() };
  writeFileSync(join(folder, `${digest.name}.json`), `${JSON.stringify(made, null, 1)}\n`);
}

/** A model's digest; undefined where its experiment was not run yet. */
export function keptDigest(name, folder = kept) {
  return existsSync(join(folder, `${name}.json`)) ? read(folder, `${name}.json`) : undefined;
}
