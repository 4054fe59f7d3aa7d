/** What a terminal would obey or hide: controls, line and paragraph separators, marks that turn the writing direction. */
const unsafe = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Text of a file, a name, a path or a model as one line that a terminal only shows: "\u001b[2J" for the escape that clears it. */
export function printable(text: string): string {
  return text.replace(
    unsafe,
    (character) => short[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The same for text of several lines, which stay lines. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** Text of many lines with controls but line ends and tabs as <1B>, as bytes of a token that are no whole character are shown. */
export function visibleControls(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, (character) => {
    const code = character.charCodeAt(0).toString(16).toUpperCase();
    return `<${code.padStart(2, "0")}>`;
  });
}
