import { RomeError } from "./errors.ts";

const refusals: Record<string, string> = {
  ENOENT: "is not there. Check the path",
  ENOTDIR: "cannot be: a part of its path is a file. Check the path",
  EISDIR: "is a folder, not a file. Name a file",
  EACCES: "is not yours to use. Change its rights, or choose another place",
  EPERM: "is not yours to use. Change its rights, or choose another place",
  EROFS: "lies on a disk that is read-only. Choose another place",
  ENOSPC: "found the disk full. Free some space and try again",
  EDQUOT: "found your disk quota used up. Free some space and try again",
  ELOOP: "is a link that leads to itself. Remove it",
  ENAMETOOLONG: "has too long a name. Choose a shorter one",
  EMFILE: "could not be opened: too many files are open. Raise that limit (ulimit -n)",
  EIO: "could not be read or written: its disk reports an error. Check the disk",
};

/** Of Node.js, for files and texts larger than one piece of memory may be. */
const tooLarge = new Set(["ERR_FS_FILE_TOO_LARGE", "ERR_STRING_TOO_LONG", "ERR_BUFFER_TOO_LARGE"]);

/**
 * What the system refused, as an error that a user is meant to read: a place that could not be used ("disk"), or memory
 * that was not there. Undefined for everything else: that is a defect.
 */
export function refusalOfSystem(error: unknown): RomeError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = "", syscall, path } = error as NodeJS.ErrnoException;
  if (
    tooLarge.has(code) ||
    (error instanceof RangeError && /allocation failed|array (buffer )?length/i.test(error.message))
  )
    return new RomeError("memory", "A file or a number is too large to be held in memory. Give a smaller one.", {
      cause: error,
    });
  if (syscall === undefined) return undefined;
  const what = refusals[code] ?? `could not be used: the system said ${code} (${syscall})`;
  return new RomeError("disk", `${path ?? "A file"} ${what}.`, { cause: error });
}
