/** A text within a width: where it is longer, its middle makes room, so that beginning and end are still to be read. */
export function shortened(text: string, most: number, widthOf: (text: string) => number): string {
  let shorter = text;
  for (let kept = text.length - 1; kept > 1 && widthOf(shorter) > most; kept--)
    shorter = `${text.slice(0, Math.ceil(kept / 2))}…${text.slice(text.length - Math.floor(kept / 2))}`;
  return shorter;
}
