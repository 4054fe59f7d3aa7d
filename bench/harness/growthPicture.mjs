import { linePanels } from "./linePanels.mjs";

const kinds = { ours: { colour: "#2a78d6", label: 18 }, tuned: { colour: "#d9822b", label: -8 } };

/** Seconds per Δv against each size, both axes logarithmic, as an SVG. */
export function growthPicture({ base, ...axes }) {
  const panels = Object.entries(axes).map(([axis, points]) => {
    const all = points.flatMap(({ ours, tuned }) => [ours, tuned]);
    const [least, most] = [Math.min(...all), Math.max(...all)];
    const rest = Object.entries(base)
      .filter(([name]) => name !== axis)
      .map(([name, value]) => `${name} ${value}`);
    return {
      title: axis,
      note: rest.join(", "),
      lines: Object.entries(kinds).map(([name, style]) => ({
        ...style,
        name,
        points: points.map((point) => [point.value, point[name]]),
      })),
      ticks: points.map(({ value }) => ({ value, text: value })),
      levels: [least, most].map((value) => ({ value, text: `${Number(value.toPrecision(2))} s` })),
      range: [least / 1.3, most * 1.3],
    };
  });
  return linePanels(panels, { logarithmic: true });
}
