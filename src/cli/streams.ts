/**
 * Lets the work go on where nobody reads what is said of it. A reader that has gone away (`| head`) is no failure; a
 * result that a full device did not take is one, and is told on the other stream.
 */
export function tolerateBrokenStreams(): void {
  process.stderr.on("error", () => undefined);
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code === "EPIPE" || code === "ERR_STREAM_DESTROYED") return;
    process.stderr.write(`rome: the result could not be written to the standard output (${code}).\n`);
    process.exitCode = 1;
  });
}
