import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import { unwritable, writeAtomically } from "./atomicWrite.ts";
import { makeFolder } from "./makeFolder.ts";
import { type Kind, requireOwnFolder } from "./ownKind.ts";
import { readText } from "./readText.ts";

const files = { manifest: "pieces.json", pieces: "pieces", result: "result.json", jobs: "jobs" };

const manifestSchema = v.object({
  schema: v.literal(1),
  /** With its article: "a trace". */
  what: v.string(),
  count: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** All that the pieces depend on. */
  of: v.record(v.string(), v.unknown()),
});
type Manifest = v.InferOutput<typeof manifestSchema>;

const kind: Kind = {
  name: "a folder of pieces",
  isOwn: async (folder) => {
    const usual = new Set(Object.values(files));
    const names = (await readdir(folder)).filter((name) => !name.startsWith("."));
    return names.every((name) => usual.has(name) || name.endsWith(".tmp"));
  },
};

/**
 * A folder of results that are made piece by piece: any number of processes may each make some, at the same time and on
 * several machines, since every piece is a file of its own, whole or not there. Whoever finds them all puts them together.
 */
export class Pieces<T> {
  private constructor(
    readonly folder: string,
    readonly count: number,
    private readonly schema: v.GenericSchema<unknown, T>,
  ) {}

  /**
   * Makes sure, before any work, that pieces can be kept in a folder.
   *
   * @throws RomeError "input" for a folder of something else; "disk"
   */
  static requirePlace(folder: string): Promise<void> {
    return requireOwnFolder(folder, kind);
  }

  /**
   * Opens a folder to keep pieces in, or to go on.
   *
   * @param of all that the pieces depend on, as plain JSON
   * @throws RomeError "data" where it holds pieces of something else; "disk"
   */
  static async open<T>(
    folder: string,
    { what, count, of }: Pick<Manifest, "what" | "count" | "of">,
    schema: v.GenericSchema<unknown, T>,
  ): Promise<Pieces<T>> {
    const manifest: Manifest = { schema: 1, what, count, of };
    if (await Pieces.check(folder, { what, of })) return new Pieces(folder, count, schema);
    await makeFolder(join(folder, files.pieces)).catch((cause) => {
      throw unwritable(folder, cause);
    });
    await writeJson(join(folder, files.manifest), manifest);
    return new Pieces(folder, count, schema);
  }

  /**
   * Makes sure that a folder keeps pieces of this, or none yet; what `of` leaves out is not compared.
   *
   * @returns whether it keeps any
   * @throws as `open`
   */
  static async check(folder: string, { what, of }: Pick<Manifest, "what" | "of">): Promise<boolean> {
    await Pieces.requirePlace(folder);
    const known = await readManifest(folder);
    if (!known) return false;
    const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
    if (known.what !== what) throw refused(folder, `${known.what}, not ${what}`);
    const other = Object.keys(of).filter((key) => !same(known.of[key], of[key]));
    if (other.length > 0) throw refused(folder, `${known.what} with another ${other.join(", another ")}`);
    return true;
  }

  /** How far a folder is; undefined where nothing is kept. */
  static async look(folder: string): Promise<Look | undefined> {
    const manifest = await readManifest(folder);
    if (!manifest) return undefined;
    const names = await readdir(join(folder, files.pieces)).catch(() => [] as string[]);
    const there = names.filter((name) => name.endsWith(".json")).map((name) => Number.parseInt(name, 10));
    const finished = await stat(join(folder, files.result)).then(
      () => true,
      () => false,
    );
    return { count: manifest.count, there: new Set(there), finished };
  }

  /** When a piece was written, in milliseconds; undefined where it is not there. */
  static async writtenAt(folder: string, index: number): Promise<number | undefined> {
    return stat(pathOf(folder, index)).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
  }

  /** The piece that is kept, or else what `make` gives, kept. One that is damaged is made again. */
  async get(index: number, make: () => Promise<T>): Promise<T> {
    const path = pathOf(this.folder, index);
    const text = await readText(path).catch(() => "");
    const known = v.safeParse(v.pipe(v.string(), v.parseJson(), this.schema), text);
    if (known.success) return known.output;
    const made = await make();
    await writeJson(path, made);
    return made;
  }

  /** Keeps what all pieces were put together to: then nothing is left to do. */
  finish(result: unknown): Promise<void> {
    return writeJson(join(this.folder, files.result), result);
  }
}

export interface Look {
  readonly count: number;
  readonly there: ReadonlySet<number>;
  /** They were put together. */
  readonly finished: boolean;
}

function refused(folder: string, what: string): RomeError {
  return new RomeError("data", `${folder} keeps ${what}. Choose another folder, or remove it.`);
}

function pathOf(folder: string, index: number): string {
  return join(folder, files.pieces, `${String(index).padStart(6, "0")}.json`);
}

function writeJson(path: string, value: unknown): Promise<void> {
  return writeAtomically(path, [Buffer.from(`${JSON.stringify(value)}\n`)]);
}

/** Undefined where there is none. */
async function readManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, files.manifest);
  const text = await readText(path).catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), manifestSchema), text);
  if (!parsed.success) throw new RomeError("data", `${path} is damaged. Remove ${folder} and begin again.`);
  return parsed.output;
}
