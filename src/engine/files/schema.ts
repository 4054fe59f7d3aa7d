/**
 * What is wrong with the schema number that a file bears, as the rest of a sentence about it; undefined for the one
 * that this program reads. Metadata bear it as text.
 */
export function schemaFault(found: unknown, current: number): string | undefined {
  if (found === undefined || found === null)
    return "bears no schema number, so what it holds cannot be told. Restore a copy.";
  const number = typeof found === "string" && /^\d+$/.test(found) ? Number(found) : found;
  if (!Number.isInteger(number))
    return `bears the schema ${JSON.stringify(found).slice(0, 40)}, which is no number. Restore a copy.`;
  if ((number as number) > current)
    return "was written by a later version of this program. Update, or make it anew here.";
  if ((number as number) < current)
    return "was written by an earlier version of this program, which this one cannot read. Make it anew.";
  return undefined;
}
