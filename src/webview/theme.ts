/** The editor's colours for what CSS cannot reach (canvas), read from the variables the editor sets on the page. */

export interface Palette {
  readonly foreground: string;
  /** Axis labels, quiet text. */
  readonly quiet: string;
  readonly grid: string;
  readonly background: string;
  /** The two directions; blue and yellow stay apart in every default theme and for most colour-blind eyes. */
  readonly first: string;
  readonly second: string;
  /** Two things set side by side that are no directions. */
  readonly one: string;
  readonly other: string;
  /** Further series, in order. */
  readonly series: readonly [string, string, string];
  readonly control: string;
  readonly focus: string;
  readonly tooltipBackground: string;
  readonly tooltipForeground: string;
  readonly tooltipBorder: string;
  readonly fontFamily: string;
  readonly fontSize: number;
}

/** Reads the palette as it is now. Colours a theme leaves out fall back to its foreground, never to a fixed colour. */
export function readPalette(): Palette {
  const styles = getComputedStyle(document.body);
  const read = (...names: string[]): string => {
    for (const name of names) {
      const value = styles.getPropertyValue(`--vscode-${name}`).trim();
      if (value) return value;
    }
    return styles.color;
  };
  return {
    foreground: read("charts-foreground", "foreground"),
    quiet: read("descriptionForeground", "foreground"),
    grid: fade(read("charts-lines", "foreground"), 0.4),
    background: read("editor-background"),
    first: read("charts-blue"),
    second: read("charts-yellow"),
    one: read("charts-purple"),
    other: read("charts-green"),
    series: [read("charts-blue"), read("charts-purple"), read("charts-green")],
    control: read("descriptionForeground", "charts-lines"),
    focus: read("focusBorder", "contrastActiveBorder"),
    tooltipBackground: read("editorHoverWidget-background", "editor-background"),
    tooltipForeground: read("editorHoverWidget-foreground", "foreground"),
    tooltipBorder: read("editorHoverWidget-border", "contrastBorder", "charts-lines"),
    fontFamily: read("font-family"),
    fontSize: Math.max(10, (Number.parseFloat(styles.getPropertyValue("--vscode-font-size")) || 13) - 2),
  };
}

/** The colour with another opacity, whatever way it was written. */
export function fade(colour: string, opacity: number): string {
  return `color-mix(in srgb, ${colour} ${Math.round(opacity * 100)}%, transparent)`;
}

/**
 * Calls `listener` once a frame after the editor changed the theme: it rewrites the variables on `<html>` and the class
 * of `<body>`.
 *
 * @returns a function that stops it
 */
export function onThemeChange(listener: () => void): () => void {
  let due = 0;
  const observer = new MutationObserver(() => {
    cancelAnimationFrame(due);
    due = requestAnimationFrame(listener);
  });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style"] });
  observer.observe(document.body, { attributes: true, attributeFilter: ["class", "style"] });
  return () => {
    cancelAnimationFrame(due);
    observer.disconnect();
  };
}
