/** At which tokens an adapter is on, and how several erasures of one layer act. */
import { beforeAll, describe, expect, it } from "vitest";
import { loadTokenizer, type Tokenizer } from "../../../src/engine/checkpoint/tokenizer.ts";
import { leace } from "../../../src/engine/numerics/leace.ts";
import { rowsOf } from "../../../src/engine/numerics/rows.ts";
import { dot } from "../../../src/engine/numerics/vectors.ts";
import { adaptersOf } from "../../../src/engine/rome/adapters.ts";
import type { LiveEdit } from "../../../src/engine/rome/edit.ts";
import { embeddedPath } from "../../support/fixtures.ts";
import { seeded } from "../../support/seeded.ts";

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await loadTokenizer(embeddedPath);
});

const vector = (at?: LiveEdit["at"]): LiveEdit => ({
  layer: 1,
  u: new Float32Array(0),
  r: Float32Array.of(1, 2),
  constant: 2,
  ...(at && { at }),
});

/** Positions up to 20 at which a vector is on in a text. */
function places(prompt: string, at: LiveEdit["at"]): number[] {
  const [adapter] = adaptersOf(tokenizer, [{ prompt, edits: [vector(at)] }]);
  return Array.from({ length: 20 }, (_, i) => i).filter((position) => adapter!.at?.(0, position) ?? true);
}

describe("a place", () => {
  const prompt = "Name: Ben. Gender:";
  const length = () => tokenizer.encode(prompt).length;

  it("is all tokens, or those that generate: the prompt's last and what follows", () => {
    expect(places(prompt, "all").length).toBe(20);
    expect(places(prompt, undefined).length).toBe(20);
    expect(places(prompt, "generated")[0]).toBe(length() - 1);
    expect(places(prompt, "generated").length).toBe(20 - length() + 1);
  });

  it("is a name's last token, wherever it stands as a word of its own", () => {
    const tokenOf = (text: string) => tokenizer.encode(text).length - 1;
    expect(places(prompt, { name: "Ben" })).toEqual([tokenOf("Name: Ben")]);
    expect(places("Benno and Ben. Ben", { name: "Ben" })).toEqual([
      tokenOf("Benno and Ben"),
      tokenOf("Benno and Ben. Ben"),
    ]);
    expect(places(prompt, { name: "Anna" })).toEqual([]);
  });

  it("is each row's own", () => {
    const edit = vector({ name: "Ben" });
    const [adapter] = adaptersOf(tokenizer, [
      { prompt: "Ben", edits: [edit] },
      { prompt: "The Ben" },
      { prompt, edits: [edit] },
    ]);
    expect(adapter!.on).toEqual([1, 0, 1]);
    expect(adapter!.at?.(0, 0)).toBe(true);
    expect(adapter!.at?.(2, 0)).toBe(false);
    expect(adapter!.at?.(2, tokenizer.encode("Name: Ben").length - 1)).toBe(true);
  });
});

describe("erasures of one layer", () => {
  const random = seeded(5);
  const [count, width] = [40, 6];
  const rows = rowsOf(
    Array.from({ length: count * width }, () => random(2001) / 1000 - 1),
    width,
  );
  const erasureOf = (labels: readonly number[], at?: LiveEdit["at"]): LiveEdit => {
    const { mean, left, right } = leace(rows, labels);
    const u = Float32Array.from(right[0]!, (x) => -x);
    return { layer: 3, u, r: Float32Array.from(left[0]!), reads: "output", constant: -dot(u, mean), ...(at && { at }) };
  };
  const first = erasureOf(Array.from({ length: count }, (_, i) => i % 2));
  const second = erasureOf(Array.from({ length: count }, (_, i) => (i % 3 === 0 ? 1 : 0)));
  const apply = (y: ArrayLike<number>, edits: readonly Pick<LiveEdit, "u" | "r" | "constant">[], parallel: boolean) => {
    let now = Float64Array.from(y);
    for (const { u, r, constant = 0 } of edits) {
      const share = dot(u, parallel ? Float64Array.from(y) : now) + constant;
      now = now.map((value, i) => value + share * r[i]!);
    }
    return now;
  };

  it("act one after the other, though the model runs them at once", () => {
    const adapters = adaptersOf(tokenizer, [{ prompt: "Ben", edits: [first, vector(), second] }]);
    const acting = adapters.filter(({ reads }) => reads === "output");
    const y = Array.from({ length: width }, (_, i) => i - 2.5);
    const [wanted, got] = [apply(y, [first, second], false), apply(y, acting, true)];
    for (let i = 0; i < width; i++) expect(got[i]).toBeCloseTo(wanted[i]!, 4);
    expect(Math.max(...wanted.map((x, i) => Math.abs(x - apply(y, [first, second], true)[i]!)))).toBeGreaterThan(1e-3);
  });

  it("take nothing twice", () => {
    const again = { ...first };
    const acting = adaptersOf(tokenizer, [{ prompt: "Ben", edits: [first, again] }]);
    const y = Array.from({ length: width }, (_, i) => i);
    const [once, twice] = [apply(y, [first], true), apply(y, acting, true)];
    for (let i = 0; i < width; i++) expect(twice[i]).toBeCloseTo(once[i]!, 4);
  });

  it("are refused at different tokens of one row", () => {
    const elsewhere = erasureOf(
      Array.from({ length: count }, (_, i) => (i % 4 === 0 ? 1 : 0)),
      "generated",
    );
    expect(() => adaptersOf(tokenizer, [{ prompt: "Ben", edits: [first, elsewhere] }])).toThrow("different tokens");
    expect(adaptersOf(tokenizer, [{ prompt: "Ben", edits: [first, { ...elsewhere, layer: 2 }] }]).length).toBe(2);
  });
});
