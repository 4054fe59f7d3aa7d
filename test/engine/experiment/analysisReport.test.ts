import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { analyze } from "../../../src/engine/experiment/analyze.ts";
import { reportHtml } from "../../../src/engine/experiment/reportHtml.ts";
import { html } from "../../../src/engine/report/html.ts";
import { extent, linearScale } from "../../../src/engine/report/scale.ts";
import type { Report, TransferRow } from "../../../src/protocol/results.ts";
import { fixed, percent } from "../../../src/text/numbers.ts";
import { syntheticExperiment } from "../../support/syntheticExperiment.ts";

const hostile = `</script><img src=x onerror="alert('1')">&amp;{}`;
const escaped = "&#60;/script&#62;&#60;img src=x onerror=&#34;alert(&#39;1&#39;)&#34;&#62;&#38;amp;{}";

const { report } = analyze(syntheticExperiment());

function row(vector: TransferRow["vector"], scale: number, count: number, seed?: number): TransferRow {
  const effect = { changed: { count, total: 40 }, stayed: { count: 40 - count / 10, total: 40 } };
  const rates = { plus: effect, minus: effect };
  return { vector, scale, ...(seed !== undefined && { seed }), ...rates, byFirstWord: rates, failures: [] };
}

function withTransfer(): Report {
  const transfer = [
    ...[0.5, 1, 2].flatMap((scale) => [
      row("concept", scale, 20 * scale),
      row("meanDifference", scale, 20),
      row("random", scale, 1, 1),
      row("random", scale, 3, 2),
    ]),
  ];
  const best = transfer.find(({ vector, scale }) => vector === "concept" && scale === 2)!;
  best.failures = [{ name: hostile, sign: -1, completion: ` ${hostile} big` }];
  best.others = { plus: { count: 9, total: 36 }, minus: { count: 0, total: 36 } };
  return { ...report, vector: { ...report.vector, scale: 2 }, transfer };
}

/** Contents of every element of this kind. */
function contents(page: string, tag: string): string[] {
  return [...page.matchAll(new RegExp(`<${tag}(?: [^>]*)?>([\\s\\S]*?)</${tag}>`, "g"))].map(
    ([, inner]) => inner ?? "",
  );
}

/** The page without its script. */
function numbersOf(page: string): string {
  return page.replace(/<script>[\s\S]*<\/script>/, "");
}

describe("the page", () => {
  const page = reportHtml(withTransfer());

  it("needs nothing from elsewhere, and its policy admits its own style and script only", () => {
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/https?:|url\(|@import|<link|<iframe|srcset|\bsrc="/);
    expect([...page.matchAll(/href="([^"]*)"/g)].every(([, target]) => target?.startsWith("#"))).toBe(true);
    for (const [tag, directive] of [
      ["style", "style-src"],
      ["script", "script-src"],
    ] as const) {
      const [content, ...more] = contents(page, tag);
      expect(more).toEqual([]);
      const hash = createHash("sha256")
        .update(content ?? "")
        .digest("base64");
      expect(page.replaceAll("&#39;", "'")).toContain(`${directive} 'sha256-${hash}'`);
    }
    expect(page).toContain("default-src &#39;none&#39;");
    // The policy would refuse inline styles and handlers.
    expect(page).not.toMatch(/<[^>]+ (style|on\w+)="/);
  });

  it("shows the five figures, each edit in two pictures and in the table", () => {
    const figures = contents(page, "b");
    expect(figures).toEqual(["200", "99.5 %", "100 %", "100 %", percent(report.classifier.shuffledLabels.mean)]);
    for (const index of report.points.keys()) {
      expect(page.split(`data-i="${index}"`)).toHaveLength(3);
      expect(page).toContain(`<tr id="edit-${index}"><td>Animal ${index}</td>`);
    }
    const { train, test } = report.split;
    expect(page.split('href="#train" class=')).toHaveLength(2 * train + 1);
    expect(page.split('href="#test" class=')).toHaveLength(2 * test + 1);
  });

  it("speaks of the concept, not of gender", () => {
    expect(page).toContain("small→big");
    expect(page).toContain("+g: big stays");
    expect(page).not.toMatch(/female|gender/);
  });

  it("has a number for every place and a table for every chart", () => {
    expect(numbersOf(page)).not.toMatch(/NaN|undefined|Infinity|\[object/);
    for (const figure of contents(page, "figure")) expect(figure).toContain('role="img"');
    for (const title of ["Centres", "Bins", "Accuracies", "Projections", "Every vector and scale"]) {
      expect(page).toContain(`<summary>${title}</summary>`);
    }
  });

  it("lists names that resist with their completions, and what happened to other labels", () => {
    expect(page).toContain("1 failure in 160 trials (80 new names, both signs)");
    expect(page).toContain(`<td>${escaped}</td><td>${escaped} big</td><td>−g</td><td>small</td>`);
    expect(page).toContain("+g made 25.0 % (9 of 36) big, and −g made 0 % (0 of 36) small");
  });

  it("says the random control's mean and worst draw at the best scale", () => {
    expect(page).toContain('random signs, mean of 2 draws</td><td class="number" data-value="0.05">5.0 %');
    expect(page).toContain('random signs, worst draw</td><td class="number" data-value="0.075">7.5 %');
  });
});

it("hostile text stays text wherever it comes from", () => {
  const point = { ...report.points[0]!, name: hostile };
  const page = reportHtml({
    ...withTransfer(),
    concept: { name: hostile, prompt: hostile, labels: ["small", hostile] },
    prompt: hostile,
    model: { name: hostile, fingerprint: hostile },
    recorded: {
      ...report.recorded,
      failures: [hostile],
      unexpected: [{ name: hostile, expected: hostile, from: hostile }],
    },
    points: [point, ...report.points.slice(1).map((other) => ({ ...other, to: hostile }))],
  });
  expect(page).not.toContain("<img");
  expect(page.match(/<script/g)).toHaveLength(1);
  expect(page.match(/<\/script/g)).toHaveLength(1);
  expect(page).toContain(escaped);
});

it("a report without transfer says so", () => {
  expect(reportHtml(report)).toContain("It has not been applied to other names yet.");
});

it("a small or degenerate experiment has a page, too", () => {
  const { report: small } = analyze(syntheticExperiment({ count: 8, width: 2 }));
  const flat = {
    ...small,
    points: small.points.map((point) => ({
      ...point,
      score: 0,
      projection: 0,
      pca: [0, 0, 0] as [number, number, number],
    })),
  };
  for (const page of [
    reportHtml(small),
    reportHtml(flat),
    reportHtml({ ...flat, transfer: [row("concept", 1, 10)] }),
  ]) {
    expect(numbersOf(page)).not.toMatch(/NaN|undefined|Infinity/);
  }
});

describe("parts", () => {
  it("html escapes what is filled in, and nests markup", () => {
    expect(html`<b title="${'"<'}">${["a&b", html`<i>${3}</i>`, false, null]}</b>`.text).toBe(
      '<b title="&#34;&#60;">a&#38;b<i>3</i></b>',
    );
  });

  it("per cent says all or nothing only where it is so", () => {
    expect([1, 0.9999, 0.5, 0.0001, 0].map((share) => percent(share))).toEqual([
      "100 %",
      "> 99.9 %",
      "50.0 %",
      "< 0.1 %",
      "0 %",
    ]);
  });

  it("numbers have a true minus, zero none", () => {
    expect([fixed(-1.25), fixed(-0.01), fixed(2.345, 2), fixed(-0.3)]).toEqual(["−1.3", "0.0", "2.35", "−0.3"]);
  });

  it("axes have round ticks inside their domain", () => {
    expect(linearScale([-34.2, 41], [0, 100]).ticks).toEqual([-20, 0, 20, 40]);
    expect(linearScale([0, 1.005], [0, 100]).ticks).toEqual([0, 0.5, 1]);
    expect(linearScale([3, 5], [10, 20])(4)).toBe(15);
    expect(extent([2, 2])).toEqual([1.5, 2.5]);
    expect(extent([0, 10], 0.1)).toEqual([-1, 11]);
  });
});
