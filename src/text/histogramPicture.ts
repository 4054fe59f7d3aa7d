/** Two histograms over one another, as a picture. */
import { significant, typesetPercent } from "./numbers.ts";
import type { Picture, Shape } from "./picture.ts";

interface Overlaid {
  readonly title: string;
  /** What is counted, under the axis. */
  readonly axis: string;
  readonly edges: readonly number[];
  /** The share of each series that lies in a bin. */
  readonly series: readonly [Series, Series];
}
interface Series {
  readonly label: string;
  readonly shares: readonly number[];
}

const [width, height, left, right, top, bottom] = [640, 340, 56, 16, 64, 48];

export function histogramPicture({ title, axis, edges, series }: Overlaid): Picture {
  const [low = 0, high = 1] = [edges[0], edges.at(-1)];
  const most = Math.max(...series.flatMap(({ shares }) => shares), 1e-9);
  const x = (value: number) => left + ((value - low) / (high - low || 1)) * (width - left - right);
  const y = (share: number) => height - bottom - (share / most) * (height - top - bottom);
  const colours = ["one", "other"] as const;
  const text = (
    at: [number, number],
    written: string,
    more: Partial<Extract<Shape, { kind: "text" }>> = {},
  ): Shape => ({
    kind: "text",
    x: at[0],
    y: at[1],
    text: written,
    anchor: "middle",
    colour: "quiet",
    ...more,
  });
  const every = Math.ceil(edges.length / 8);
  return {
    width,
    height,
    shapes: [
      text([left, 20], title, { anchor: "start", colour: "foreground", bold: true }),
      ...series.flatMap(({ label, shares }, i): Shape[] => {
        const colour = colours[i] ?? "other";
        return [
          { kind: "rect", x: left + i * 280, y: 33, width: 10, height: 10, colour, opacity: 0.7 },
          text([left + i * 280 + 16, 42], label, { anchor: "start", colour: "foreground" }),
          ...shares.flatMap((share, bin): Shape[] => {
            const [from = 0, to = 0] = [edges[bin], edges[bin + 1]];
            const wide = { x: x(from), width: x(to) - x(from) };
            return share === 0
              ? []
              : [{ kind: "rect", ...wide, y: y(share), height: y(0) - y(share), colour, opacity: 0.5 }];
          }),
        ];
      }),
      { kind: "rect", x: left, y: y(0), width: width - left - right, height: 1, colour: "quiet", opacity: 1 },
      ...edges.flatMap((edge, i) => (i % every === 0 ? [text([x(edge), y(0) + 18], significant(edge, 4))] : [])),
      ...[most / 2, most].map((share) => text([left - 8, y(share) + 4], typesetPercent(share), { anchor: "end" })),
      text([(left + width - right) / 2, height - 8], axis),
    ],
  };
}
