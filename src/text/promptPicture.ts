/** A text gone on with by two models: as a picture, and its tokens as CSV. */
import { csv } from "./csv.ts";
import type { Picture, Shape } from "./picture.ts";
import { visibleToken } from "./words.ts";

interface Token {
  readonly text: string;
  readonly probability: number;
  readonly without: number;
  readonly instead: string;
}

interface Continued {
  readonly before: { readonly completion: string };
  readonly after: { readonly completion: string; readonly tokens: readonly Token[] };
}

/** One line a token of the changed text: its probability with and without what is on, and what would stand there without. */
export function promptCsv({ after }: Continued): string {
  return csv(
    ["position", "token", "with", "without", "instead"],
    after.tokens.map(({ text, probability, without, instead }, i) => [i, text, probability, without, instead]),
  );
}

const [width, left, lineHeight, letter] = [720, 16, 20, 7];

/**
 * Both continuations, and below them the changed one's tokens, those coloured that would be others without; under each of
 * these, what would stand there.
 *
 * @param titles of the three parts
 */
export function promptPicture({ before, after }: Continued, titles: readonly [string, string, string]): Picture {
  let y = 8;
  const shapes: Shape[] = [];
  const write = (text: string, x: number, colour: "foreground" | "quiet", bold = false) =>
    shapes.push({ kind: "text", x, y, text, anchor: "start", colour, bold });
  const paragraph = (title: string, text: string) => {
    y += lineHeight;
    write(title, left, "quiet", true);
    for (const line of wrapped(text, Math.floor((width - 2 * left) / letter))) {
      y += lineHeight;
      write(line, left, "foreground");
    }
    y += lineHeight / 2;
  };
  paragraph(titles[0], before.completion);
  paragraph(titles[1], after.completion);
  y += lineHeight;
  write(titles[2], left, "quiet", true);
  y += lineHeight;
  let x = left;
  for (const { text, instead } of after.tokens) {
    const differs = text !== instead;
    const long = letter * Math.max(visibleToken(text).length, differs ? visibleToken(instead).length : 0) + 8;
    if (x > left && x + long > width - left) {
      x = left;
      y += 2.2 * lineHeight;
    }
    if (differs)
      shapes.push({
        kind: "rect",
        x,
        y: y - 15,
        width: long - 4,
        height: 2 * lineHeight,
        colour: "second",
        opacity: 0.25,
      });
    write(visibleToken(text), x + 2, "foreground");
    if (differs) {
      y += lineHeight;
      write(visibleToken(instead), x + 2, "quiet");
      y -= lineHeight;
    }
    x += long;
  }
  return { width, height: Math.ceil(y + 2 * lineHeight), shapes };
}

/** Lines of at most so many characters, broken between words. */
function wrapped(text: string, most: number): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines = [""];
    for (const word of paragraph.split(" ")) {
      const last = lines.at(-1) ?? "";
      if (last === "") lines[lines.length - 1] = word;
      else if (last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`;
      else lines.push(word);
    }
    return lines;
  });
}
