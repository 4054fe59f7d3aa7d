import { createHash } from "node:crypto";
import { type Html, html, trusted } from "./html.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/**
 * A web page that needs nothing else: no network, no other file. Its policy admits this very style and script only, so
 * that names and completions, whatever they hold, stay text.
 */
export function page({
  title,
  header,
  main,
  footer,
}: {
  readonly title: string;
  readonly header: Html;
  readonly main: Html;
  readonly footer: Html;
}): string {
  const policy = `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<header>
${header}
</header>
<main>
${main}
</main>
<footer><p>${footer}</p></footer>
<div id="tip" role="tooltip" hidden></div>
<script>${trusted(script)}</script>
</body>
</html>
`.text;
}

/** A picture with its title and a line about it. */
export function figure(title: string, note: Html | string, content: Html): Html {
  return html`<figure><figcaption>${title}<p>${note}</p></figcaption>${content}</figure>`;
}

/** Which very model the numbers are of. */
export function modelNote({ fingerprint }: { readonly fingerprint: string }): Html {
  return html`Model fingerprint <code>${fingerprint}</code>.`;
}
