const said = new Set<string>();

/**
 * Tells the user something that changes no answer's form but should not be passed over: a line on standard error, once a
 * process. The command line shows it as it is; the extension keeps the engine's lines in its log.
 */
export function note(text: string): void {
  if (said.has(text)) return;
  said.add(text);
  process.stderr.write(`note: ${text}\n`);
}
