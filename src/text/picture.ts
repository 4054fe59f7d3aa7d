/** A picture as plain shapes: written as SVG here, drawn on a canvas by the views. */

/** The colours of a picture, by their use. */
export interface PictureColours {
  readonly background: string;
  readonly foreground: string;
  readonly quiet: string;
  readonly first: string;
  readonly second: string;
  /** Two things set side by side that are no directions. */
  readonly one: string;
  readonly other: string;
}

export type Shape =
  | {
      readonly kind: "rect";
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      readonly colour: "first" | "second" | "one" | "other" | "quiet";
      readonly opacity: number;
    }
  | {
      readonly kind: "text";
      readonly x: number;
      /** Of the base line. */
      readonly y: number;
      readonly text: string;
      readonly anchor: "start" | "middle" | "end";
      readonly colour: "foreground" | "quiet";
      readonly bold?: boolean;
    };

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly Shape[];
}

/** Height of letters, in the picture's units. */
export const fontSize = 12;

/** For light and for dark pages, whichever the reader's is. */
export const ownColours: PictureColours = {
  background: "var(--page)",
  foreground: "var(--text)",
  quiet: "var(--soft)",
  first: "var(--first)",
  second: "var(--second)",
  one: "var(--one)",
  other: "var(--other)",
};
const ownStyle = `:root { --page: #ffffff; --text: #1b1f24; --soft: #59636e; --first: #1667b7; --second: #bf5309; --one: #7c3fb0; --other: #22752f; }
@media (prefers-color-scheme: dark) { :root { --page: #16191d; --text: #e8eaed; --soft: #a3abb5; --first: #6fb6f5; --second: #f2a05c; --one: #c49bf0; --other: #7fcf8a; } }`;

/** The picture as an SVG file of its own; its texts stay text, whatever they hold. */
export function pictureSvg({ width, height, shapes }: Picture, colours: PictureColours = ownColours): string {
  const style = colours === ownColours ? `<style>${ownStyle}</style>\n` : "";
  const each = shapes.map((shape) =>
    shape.kind === "rect"
      ? `<rect x="${at(shape.x)}" y="${at(shape.y)}" width="${at(shape.width)}" height="${at(shape.height)}" fill="${escaped(colours[shape.colour])}" fill-opacity="${shape.opacity.toFixed(3)}"/>`
      : `<text x="${at(shape.x)}" y="${at(shape.y)}" text-anchor="${shape.anchor}" fill="${escaped(colours[shape.colour])}"${shape.bold ? ' font-weight="600"' : ""}>${escaped(shape.text)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="${fontSize}">
${style}<rect width="${width}" height="${height}" fill="${escaped(colours.background)}"/>
${each.join("\n")}
</svg>
`;
}

function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
