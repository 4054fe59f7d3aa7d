/** Line icons of 16 × 16, drawn in the text's colour. */
import { svg } from "./dom.ts";

const paths = {
  again: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3",
  lab: "M6 2h4M6.8 2v4.2L3 13h10L9.2 6.2V2M5 10h6",
  more: "M3 8h.01M8 8h.01M13 8h.01",
  close: "M4 4l8 8M12 4l-8 8",
  chevron: "M6 4l4 4-4 4",
  warning: "M8 2.5l6 11H2zM8 6.5v3.5M8 11.8v.01",
  error: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M6 6l4 4M10 6l-4 4",
  info: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M8 7.5V11M8 5.2v.01",
} as const;

export type IconName = keyof typeof paths;

/** An icon; decoration only, whatever it stands on carries the words. */
export function icon(name: IconName): SVGSVGElement {
  return svg(
    "svg",
    { class: `icon icon-${name}`, viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" },
    svg("path", { d: paths[name] }),
  );
}
