const [width, height, gap] = [300, 200, 48];

/**
 * Lines in panels, two beside each other, as an SVG.
 *
 * @param panels each { title, note, lines, ticks, levels, range }: `lines` are { name, colour, points: [x, y][], label } (how
 *   far below its end the name stands; without it none), `ticks` and `levels` { value, text } of the x axis, logarithmic, and
 *   of the y axis, `range` the two ends of the latter
 * @param logarithmic whether the y axis is, too
 */
export function linePanels(panels, { logarithmic = false } = {}) {
  const drawn = panels.map((panel, i) => {
    const [right, down] = [(i % 2) * (width + 20), Math.floor(i / 2) * (height + 16)];
    return `<g transform="translate(${right} ${down})">${drawPanel(panel, logarithmic)}</g>`;
  });
  const [w, h] = [2 * width + 28, Math.ceil(panels.length / 2) * (height + 16) - 8];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 ${w} ${h}" width="${w}" height="${h}" font-family="sans-serif" font-size="11" fill="#222"><rect x="-4" y="-4" width="${w}" height="${h}" fill="#fff"/>${drawn.join("")}</svg>\n`;
}

function drawPanel({ title, note, lines, ticks, levels, range }, logarithmic) {
  const values = lines.flatMap(({ points }) => points.map(([value]) => value));
  const x = scale(values, [gap, width - 12], Math.log);
  const y = scale(range, [height - 34, 26], logarithmic ? Math.log : Number);
  const drawn = lines.map(({ name, colour, points, label }) => {
    const places = points.map(([a, b]) => [round(x(a)), round(y(b))]);
    const dots = places.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`);
    const [endX, endY] = places.at(-1);
    const named = `<text x="${round(endX - 4)}" y="${round(endY + label)}" text-anchor="end" fill="${colour}">${name}</text>`;
    return `<polyline points="${places.map(String).join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join("")}${label === undefined ? "" : named}`;
  });
  const below = ticks.map(
    ({ value, text }) => `<text x="${round(x(value))}" y="${height - 18}" text-anchor="middle">${text}</text>`,
  );
  const beside = levels.map(
    ({ value, text }) => `<text x="${gap - 6}" y="${round(y(value) + 4)}" text-anchor="end">${text}</text>`,
  );
  const frame = `<path d="M${gap} 22V${height - 34}H${width - 8}" fill="none" stroke="#888"/>`;
  const titles = `<text x="${gap}" y="14" font-weight="bold">${title}</text><text x="${width - 8}" y="${height - 4}" text-anchor="end" fill="#666">${note}</text>`;
  return [frame, titles, ...below, ...beside, ...drawn].join("");
}

function scale(values, [from, to], at) {
  const [least, most] = [at(Math.min(...values)), at(Math.max(...values))];
  return (value) => from + ((at(value) - least) / (most - least)) * (to - from);
}

const round = (value) => Number(value.toFixed(1));
