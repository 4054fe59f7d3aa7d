/** What people write in lists of names beside the usual words; lower case. */
const usual: Readonly<Record<string, readonly string[]>> = {
  female: ["woman", "girl", "feminine", "w"],
  male: ["man", "boy", "masculine"],
};

/**
 * The label that another spelling stands for: other letters' case, its beginning where only one label begins so ("m",
 * "F."), or a usual word for it. Undefined where it may be any of them, or none.
 */
export function labelMeant(text: string, labels: readonly string[]): string | undefined {
  const plain = (word: string) => word.trim().toLowerCase().replace(/\.$/, "");
  const written = plain(text);
  if (written === "") return undefined;
  const one = (matches: readonly string[]) => (matches.length === 1 ? matches[0] : undefined);
  return (
    one(labels.filter((label) => plain(label) === written)) ??
    one(labels.filter((label) => usual[plain(label)]?.includes(written))) ??
    one(labels.filter((label) => plain(label).startsWith(written)))
  );
}
