/** How the texts of the requests still at work lie in the rows of a pass of the objective. */
import { type Cache, packRows } from "../model/cache.ts";
import { askedFeeds } from "../model/graphs.ts";
import type { Model } from "../model/model.ts";
import { type Feed, integers, reals } from "../model/session.ts";
import type { Prepared, Rows, Sequence } from "./sequences.ts";

/** What stays the same from evaluation to evaluation while the same requests are at work. */
export interface Layout {
  readonly feeds: Readonly<Record<string, Feed>>;
  /** Where the target tokens of each request begin among the asked. */
  readonly starts: readonly number[];
  /** Keys and values of what comes before, as they lie in the feeds. */
  readonly past: Cache;
}

/** Sequences that share a row, each with as many of its tokens as are read, from its lookup position on. */
type Row = readonly { readonly sequence: number; readonly tokens: number }[];

/**
 * Of each request its contexts, a row each; then the KL rows, of which only the token at the lookup position is read:
 * as many share a row as have room in it, each seeing its own past alone. A bare row takes no part in the loss.
 *
 * @param done the layout of these requests and others, which is not used any longer: its memory is
 */
export function layOut(
  model: Model,
  prepared: Prepared,
  aims: readonly { readonly target: readonly number[]; readonly place: Rows }[],
  done?: Layout,
): Layout {
  const { layer, contexts, sequences, lowered } = prepared;
  const { width: d } = model.size;
  const { n } = lowered;
  const contextRows = aims.flatMap(({ place }) =>
    Array.from({ length: contexts }, (_, c): Row => [{ sequence: place.first + c, tokens: n }]),
  );
  const klRows = packed(
    aims.map(({ place }) => place.kl),
    prepared,
  );
  const rows = [...contextRows, ...klRows];
  const present = new Uint8Array(rows.length * n);
  const lookup: number[] = [];
  const looked: number[] = [];
  const moves: { readonly from: number; readonly to: number; readonly tokens: number }[] = [];
  for (const [row, texts] of rows.entries()) {
    let slot = row * n;
    for (const [text, { sequence, tokens }] of texts.entries()) {
      lookup.push(slot);
      looked.push(sequence);
      moves.push({ from: sequence * n, to: slot, tokens });
      for (let i = 0; i < tokens; i++) present[slot + i] = lowered.present[sequence * n + i] ? text + 1 : 0;
      slot += tokens;
    }
  }

  const laid = (name: string, values: Float32Array) => {
    const width = values.length / (sequences.length * n);
    const size = rows.length * n * width;
    const room = done?.feeds[name]?.data as Float32Array | undefined;
    const to = room?.subarray(0, size) ?? new Float32Array(size);
    for (const move of moves)
      to.set(values.subarray(move.from * width, (move.from + move.tokens) * width), move.to * width);
    return reals(to, rows.length * n, width);
  };

  const select: number[] = [];
  const target: number[] = [];
  const weight: number[] = [];
  const starts = aims.map((aim, i) => {
    const start = select.length;
    for (let c = 0; c < contexts; c++) {
      const { tokens, lookup } = sequences[aim.place.first + c] as Sequence;
      const firstPredicted = tokens.length - aim.target.length - lookup;
      for (const [j, id] of aim.target.entries()) {
        select.push((i * contexts + c) * n + firstPredicted + j);
        target.push(id);
        weight.push(1 / (contexts * aim.target.length));
      }
    }
    return start;
  });
  const klAt = aims.map((_, i) => select.length + i);
  select.push(...lookup.slice(contextRows.length));
  target.push(...aims.map(() => 0));
  weight.push(...aims.map(() => 0));

  const nameOfLookup = new Float32Array(lookup.length * aims.length);
  for (const at of lookup.keys()) {
    const name = at < contextRows.length ? Math.floor(at / contexts) : at - contextRows.length;
    nameOfLookup[at * aims.length + name] = 1;
  }
  const value = new Float32Array(lookup.length * d);
  for (const [at, sequence] of looked.entries())
    value.set(lowered.value.subarray(sequence * d, (sequence + 1) * d), at * d);
  const past = packRows(
    model.size,
    lowered.past,
    rows.map((texts) => texts.map(({ sequence }) => sequence)),
    done?.past,
  );
  const feeds = {
    ...model.sequenceFeeds(past, present, n, model.layers.slice(layer + 1)),
    ...askedFeeds(select, rows.length, n),
    stream: laid("stream", lowered.stream),
    ...Object.fromEntries(Object.entries(lowered.alone).map(([name, values]) => [name, laid(name, values)])),
    ...(model.architecture.mlpToStream ? { value: reals(value, lookup.length, d) } : {}),
    nameOfLookup: reals(nameOfLookup, lookup.length, aims.length),
    lookup: integers(lookup, lookup.length),
    target: integers(target, target.length),
    weight: reals(Float32Array.from(weight), weight.length),
    klAt: integers(klAt, klAt.length),
  };
  return { feeds, starts, past };
}

/** Puts sequences of which one token is read into as few rows as hold them and their pasts. */
function packed(sequences: readonly number[], { lowered: { n, past } }: Prepared): Row[] {
  const rows: { sequence: number; tokens: number }[][] = [];
  let [slots, room] = [0, 0];
  for (const sequence of sequences) {
    const valid = past.valid.subarray(sequence * past.length, (sequence + 1) * past.length);
    const first = valid.indexOf(1);
    const length = first < 0 ? 0 : past.length - first;
    if (slots === 0 || length > room) {
      rows.push([]);
      [slots, room] = [n, past.length];
    }
    rows.at(-1)?.push({ sequence, tokens: 1 });
    [slots, room] = [slots - 1, room - length];
  }
  return rows;
}
