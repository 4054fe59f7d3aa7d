const light = `
  --page: #ffffff; --card: #f7f8fa; --line: #dfe3e8; --text: #1b1f24; --soft: #59636e;
  --d0: #1667b7; --d1: #bf5309; --accent: #0b7285; --second: #8a4fc0; --quiet: #848d97;`;
const dark = `
    --page: #16191d; --card: #1e2227; --line: #353b43; --text: #e8eaed; --soft: #a3abb5;
    --d0: #6fb6f5; --d1: #f2a05c; --accent: #4fd0df; --second: #c39af0; --quiet: #8b949e;`;

/** The palette, by the reader's light or dark preference. */
export const lightAndDark = `:root {
  color-scheme: light dark;${light}
}
@media (prefers-color-scheme: dark) {
  :root {${dark}
  }
}`;

/** The same by an editor's theme, which marks the body of a page that it shows; its own colours where it has them. */
const inAnEditor = `
body[data-vscode-theme-kind] { color-scheme: light;${light} }
body[data-vscode-theme-kind="vscode-dark"], body[data-vscode-theme-kind="vscode-high-contrast"] { color-scheme: dark;${dark} }
body[data-vscode-theme-kind] {
  --page: var(--vscode-editor-background); --text: var(--vscode-editor-foreground);
  --card: var(--vscode-editorWidget-background); --soft: var(--vscode-descriptionForeground);
}`;

/** A heat map's parts, on a page and in a picture of its own. */
export const heatStyle = `
.page { fill: var(--page); }
svg text { fill: var(--text); font-size: 12px; }
.axes text, text.quiet { fill: var(--soft); }
text.subject, svg > text.title { font-weight: 600; }
.cell.gain { fill: var(--accent); } .cell.loss { fill: var(--d1); }
.chosen { fill: none; stroke: var(--text); stroke-width: 1.5; }`;

/** A line chart's parts, in a picture of its own. */
export const pictureStyle = `
.page { fill: var(--page); } svg text { fill: var(--text); font-size: 12px; } .axes text { fill: var(--soft); }
.axes line { stroke: var(--line); } .axes .base, .axes .tick { stroke: var(--quiet); }
.accent { --kind: var(--accent); } .second { --kind: var(--second); } .quiet { --kind: var(--quiet); } .loss { --kind: var(--d1); }
.line { fill: none; stroke: var(--kind); stroke-width: 2; } .dot { fill: var(--kind); }
.zero { stroke: var(--soft); stroke-dasharray: 3 3; }`;

/** The page's whole style; colours follow the reader's light or dark preference, or the editor's theme. */
export const style = `
${lightAndDark}${inAnEditor}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 28px 20px 60px; max-width: 1180px; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 4px; }
h2 { font-size: 1.2rem; margin: 44px 0 4px; }
h3 { font-size: 1rem; margin: 28px 0 2px; }
p { margin: 4px 0 10px; max-width: 75ch; }
.soft, figcaption p, .legend, .facts dt { color: var(--soft); }
code { font: 0.92em ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(4, 1fr); gap: 14px; margin: 22px 0 0; padding: 0; list-style: none; }
.figures li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; }
.figures b { display: block; font-size: 1.75rem; font-weight: 600; line-height: 1.3; font-variant-numeric: tabular-nums; }
.figures small { display: block; color: var(--soft); font-size: 0.85rem; line-height: 1.35; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 20px 28px; margin-top: 14px; }
.multiples { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 240px), 1fr)); gap: 12px; margin: 6px 0 14px; }
.maps { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); gap: 20px 28px; margin-top: 14px; }
figure { margin: 0; min-width: 0; }
figcaption { font-weight: 600; }
figcaption p { font-weight: 400; font-size: 0.87rem; margin: 0 0 4px; min-height: 2.9em; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { fill: var(--text); font-size: 12px; }
.axes text { fill: var(--soft); font-variant-numeric: tabular-nums; }
.axes line { stroke: var(--line); }
.axes .base, .axes .tick, line.base { stroke: var(--quiet); }
.shapes { position: absolute; width: 0; height: 0; }
.d0 { fill: var(--d0); } .d1 { fill: var(--d1); }
use.d0, use.d1 { fill-opacity: 0.6; }
use[href="#test"] { stroke: var(--page); stroke-width: 0.6; fill-opacity: 0.95; }
use.hit { fill-opacity: 1; stroke: var(--text); stroke-width: 1.6; }
.finding figure use:not(.hit) { opacity: 0.12; }
rect.train { fill-opacity: 0.45; }
text.name { font-weight: 600; } text.name.d0 { fill: var(--d0); } text.name.d1 { fill: var(--d1); }
text.quiet { fill: var(--soft); }
.zero { stroke: var(--soft); stroke-dasharray: 3 3; } .mean { stroke: var(--text); stroke-width: 1.6; }
.line { fill: none; stroke-width: 2; } .dashed { stroke-dasharray: 5 4; }
.accent { --kind: var(--accent); } .second { --kind: var(--second); } .quiet { --kind: var(--quiet); } .loss { --kind: var(--d1); }
.line { stroke: var(--kind); } .dot { fill: var(--kind); } .band { fill: var(--kind); fill-opacity: 0.17; }
.interval { stroke: var(--text); stroke-width: 1.4; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: 0.88rem; margin: 8px 0; max-width: none; }
.legend span { display: inline-flex; align-items: center; gap: 6px; fill: var(--soft); color: var(--text); }
.legend svg { width: 14px; } .legend svg[viewBox^="0 0 18"] { width: 22px; }
.legend .d0 svg { fill: var(--d0); } .legend .d1 svg { fill: var(--d1); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 250px), 1fr)); gap: 8px 24px; margin: 14px 0; }
.facts dt { font-size: 0.85rem; } .facts dd { margin: 0; font-variant-numeric: tabular-nums; }
details { margin: 6px 0; } summary { cursor: pointer; color: var(--soft); font-size: 0.88rem; }
.scroll { overflow: auto; max-height: 420px; margin: 6px 0; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; font-size: 0.87rem; min-width: 100%; }
th, td { padding: 4px 12px; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--line); }
td:last-child:not(.number) { white-space: normal; min-width: 16em; } tbody tr:last-child td { border-bottom: 0; }
th { position: sticky; top: 0; background: var(--card); font-weight: 600; }
th button { all: unset; cursor: pointer; } th button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
th[aria-sort="ascending"] button::after { content: " ↑"; } th[aria-sort="descending"] button::after { content: " ↓"; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
input[type="search"] { font: inherit; padding: 5px 10px; width: 16em; max-width: 100%; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 6px; }
#tip { position: fixed; z-index: 1; max-width: 300px; padding: 5px 10px; pointer-events: none; border-radius: 6px; font-size: 0.85rem;
  background: var(--text); color: var(--page); white-space: pre-line; }
${heatStyle}
footer { margin-top: 40px; font-size: 0.85rem; color: var(--soft); }
@media (max-width: 760px) {
  body { padding: 18px 14px 40px; } .figures { grid-template-columns: repeat(2, 1fr); gap: 10px; }
  .figures li { padding: 10px 12px; } .figures b { font-size: 1.4rem; } figcaption p { min-height: 0; }
  .charts svg text { font-size: 14px; } .multiples figure { max-width: 330px; }
}
@media print { details { display: none; } .scroll { max-height: none; } }
`;
