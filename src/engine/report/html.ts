/** Markup that may be put into a page as it is. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | number | null | undefined | false | readonly Part[];

/**
 * Template tag for HTML and SVG: what is filled in is escaped, unless it is itself markup made by this tag. So text
 * from a model or a names file can never become an element or an attribute; attributes must be quoted.
 */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.reduce((text, string, i) => text + render(parts[i - 1]) + string));
}

/** Markup of this program's own, such as its style sheet. */
export function trusted(text: string): Html {
  return new Html(text);
}

function render(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === "string") return part.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  if (typeof part === "number") return String(part);
  if (!part) return "";
  return part.map(render).join("");
}
