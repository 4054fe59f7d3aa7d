const [width, height, gap] = [300, 200, 48];
const lines = { ours: { colour: "#2a78d6", label: 18 }, tuned: { colour: "#d9822b", label: -8 } };

/** Seconds per Δv against each size, both axes logarithmic, as an SVG. */
export function growthPicture({ base, ...axes }) {
  const panels = Object.entries(axes).map(([axis, points], i) => {
    const x = scale(
      points.map(({ value }) => value),
      gap,
      width - 12,
    );
    const all = points.flatMap(({ ours, tuned }) => [ours, tuned]);
    const y = scale([Math.min(...all) / 1.3, Math.max(...all) * 1.3], height - 34, 26);
    const rest = Object.entries(base)
      .filter(([name]) => name !== axis)
      .map(([name, value]) => `${name} ${value}`);
    const drawn = Object.entries(lines).map(([kind, { colour, label: below }]) => {
      const places = points.map((point) => `${round(x(point.value))},${round(y(point[kind]))}`);
      const dots = places.map(
        (place) => `<circle cx="${place.split(",")[0]}" cy="${place.split(",")[1]}" r="3" fill="${colour}"/>`,
      );
      const end = points.at(-1);
      const label = `<text x="${round(x(end.value) - 4)}" y="${round(y(end[kind]) + below)}" text-anchor="end" fill="${colour}">${kind}</text>`;
      return `<polyline points="${places.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join("")}${label}`;
    });
    const ticks = points.map(
      ({ value }) => `<text x="${round(x(value))}" y="${height - 18}" text-anchor="middle">${value}</text>`,
    );
    const seconds = [Math.min(...all), Math.max(...all)].map(
      (value) =>
        `<text x="${gap - 6}" y="${round(y(value) + 4)}" text-anchor="end">${Number(value.toPrecision(2))} s</text>`,
    );
    const frame = `<path d="M${gap} 22V${height - 34}H${width - 8}" fill="none" stroke="#888"/>`;
    const title = `<text x="${gap}" y="14" font-weight="bold">${axis}</text><text x="${width - 8}" y="${height - 4}" text-anchor="end" fill="#666">${rest.join(", ")}</text>`;
    return `<g transform="translate(${(i % 2) * (width + 20)} ${Math.floor(i / 2) * (height + 16)})">${frame}${title}${ticks.join("")}${seconds.join("")}${drawn.join("")}</g>`;
  });
  const [w, h] = [2 * width + 28, 2 * height + 24];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 ${w} ${h}" width="${w}" height="${h}" font-family="sans-serif" font-size="11" fill="#222"><rect x="-4" y="-4" width="${w}" height="${h}" fill="#fff"/>${panels.join("")}</svg>\n`;
}

function scale(values, from, to) {
  const [least, most] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))];
  return (value) => from + ((Math.log(value) - least) / (most - least)) * (to - from);
}

const round = (value) => Number(value.toFixed(1));
