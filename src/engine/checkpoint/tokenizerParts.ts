import {
  ByteFallbackDecoder,
  ByteLevelDecoder,
  ByteLevelPreTokenizer,
  type Decoder,
  DigitsPreTokenizer,
  MetaspaceDecoder,
  MetaspacePreTokenizer,
  type Normalizer,
  PrependNormalizer,
  type PreTokenizer,
  ReplaceDecoder,
  ReplaceNormalizer,
  SequenceDecoder,
  SequenceNormalizer,
  SequencePreTokenizer,
  SplitPreTokenizer,
  StripNormalizer,
  WhitespacePreTokenizer,
  WhitespaceSplitPreTokenizer,
} from "@huggingface/tokenizers";
import { byteOf } from "./tokenBytes.ts";

/**
 * The library differs from the original (Rust) in some parts, which are set right here. JavaScript's \s counts U+FEFF as
 * white space and U+0085 not, its \d is ASCII's digits only, and "$&" in a replacement is a command.
 */
export function repairNormalizer(part: Normalizer | null): void {
  if (part instanceof SequenceNormalizer) for (const inner of part.normalizers) repairNormalizer(inner);
  if (part instanceof ReplaceNormalizer) {
    const { pattern } = part;
    const content = String(part.config.content ?? "");
    if (pattern) part.normalize = (text) => text.replaceAll(pattern, () => content);
  }
  if (part instanceof PrependNormalizer) {
    const prefix = String(part.config.prepend ?? "");
    part.normalize = (text) => (text === "" ? text : prefix + text);
  }
  if (part instanceof StripNormalizer) {
    const { strip_left: left, strip_right: right } = part.config as { strip_left?: boolean; strip_right?: boolean };
    part.normalize = (text) => {
      const start = left ? text.replace(/^\p{White_Space}+/u, "") : text;
      return right ? start.replace(/(?<!\p{White_Space})\p{White_Space}+$/u, "") : start;
    };
  }
}

export function repairPreTokenizer(part: PreTokenizer | null): void {
  if (part instanceof SequencePreTokenizer) part.tokenizers.forEach(repairPreTokenizer);
  if (part instanceof DigitsPreTokenizer)
    part.pattern = new RegExp(part.config.individual_digits ? "\\P{N}+|\\p{N}" : "\\P{N}+|\\p{N}+", "gu");
  if (part instanceof ByteLevelPreTokenizer) {
    const source = part.pattern.source.replaceAll("\\s", "\\p{White_Space}").replaceAll("\\S", "\\P{White_Space}");
    part.pattern = new RegExp(source, part.pattern.flags);
  }
  if (part instanceof WhitespaceSplitPreTokenizer)
    part.pre_tokenize_text = (text) => text.match(/\P{White_Space}+/gu) ?? [];
  if (part instanceof WhitespacePreTokenizer) {
    const word = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}";
    const pattern = new RegExp(`[${word}]+|[^${word}\\p{White_Space}]+`, "gu");
    part.pre_tokenize_text = (text) => text.match(pattern) ?? [];
  }
  if (part instanceof SplitPreTokenizer) {
    const { pattern } = part;
    const { invert, behavior } = part.config as { invert?: boolean; behavior?: string };
    if (pattern) part.pre_tokenize_text = (text) => cut(text, pattern, invert ?? false, behavior ?? "Removed");
  }
}

/** Makes Metaspace what its fields say; the library knows neither `split` nor the older `add_prefix_space`. */
export function repairMetaspace(part: PreTokenizer | null, config: Fields | null): void {
  if (part instanceof SequencePreTokenizer)
    part.tokenizers.forEach((inner, i) => {
      repairMetaspace(inner, innerOf(config?.pretokenizers, i));
    });
  if (!(part instanceof MetaspacePreTokenizer)) return;
  const { replacement } = part;
  const scheme = prependScheme(config);
  part.pre_tokenize_text = (text, options) => {
    const changed = text.replaceAll(" ", () => replacement);
    const isFirst = (options as { section_index?: number } | undefined)?.section_index === 0;
    const prefixed = (scheme === "always" || (scheme === "first" && isFirst)) && !changed.startsWith(replacement);
    const whole = prefixed ? replacement + changed : changed;
    if (config?.split === false) return [whole];
    return whole.split(replacement).flatMap((piece, i) => (i === 0 ? (piece ? [piece] : []) : [replacement + piece]));
  };
}

export type Fields = Readonly<Record<string, unknown>>;

function innerOf(parts: unknown, i: number): Fields | null {
  return (parts as Fields[] | undefined)?.[i] ?? null;
}

function prependScheme(config: Fields | null): string {
  return String(config?.prepend_scheme ?? (config?.add_prefix_space === false ? "never" : "always"));
}

export function repairDecoder(part: Decoder | null, config: Fields | null): void {
  if (part instanceof SequenceDecoder)
    part.decoders.forEach((inner, i) => {
      repairDecoder(inner, innerOf(config?.decoders, i));
    });
  if (part instanceof ReplaceDecoder) {
    const { pattern } = part;
    const content = String(part.config.content ?? "");
    if (pattern) part.decode_chain = (tokens) => tokens.map((token) => token.replaceAll(pattern, () => content));
  }
  if (part instanceof MetaspaceDecoder) {
    const { replacement } = part;
    const drops = prependScheme(config) !== "never";
    part.decode_chain = (tokens) =>
      tokens.map((token, i) => token.replaceAll(replacement, i === 0 && drops ? "" : " "));
  }
  if (part instanceof ByteFallbackDecoder) part.decode_chain = joinBytes;
  if (part instanceof ByteLevelDecoder) {
    const { byte_decoder: bytes } = part;
    part.decode_chain = (tokens) => {
      const all = tokens.map((token) => {
        const known = [...token].map((character) => bytes[character] as number | undefined);
        return known.includes(undefined) ? Buffer.from(token) : Buffer.from(known as number[]);
      });
      return [Buffer.concat(all).toString("utf8")];
    };
  }
}

/** Runs of byte tokens become their characters, or U+FFFD for each byte where they are none. */
function joinBytes(tokens: string[]): string[] {
  const texts: string[] = [];
  let run: number[] = [];
  const flush = () => {
    if (run.length === 0) return;
    const bytes = Buffer.from(run);
    const text = bytes.toString("utf8");
    texts.push(Buffer.from(text).equals(bytes) ? text : "\uFFFD".repeat(run.length));
    run = [];
  };
  for (const token of tokens) {
    const byte = byteOf(token);
    if (byte !== undefined) run.push(byte);
    else {
      flush();
      texts.push(token);
    }
  }
  flush();
  return texts;
}

/** Cuts a text at the matches of a pattern, as the original's SplitDelimiterBehavior says. */
function cut(text: string, pattern: RegExp, invert: boolean, behavior: string): string[] {
  const parts: { from: number; to: number; matched: boolean }[] = [];
  let end = 0;
  for (const { 0: match, index } of text.matchAll(pattern)) {
    if (index > end) parts.push({ from: end, to: index, matched: invert });
    end = index + match.length;
    parts.push({ from: index, to: end, matched: !invert });
  }
  if (end < text.length) parts.push({ from: end, to: text.length, matched: invert });
  const texts = (kept: readonly { from: number; to: number }[]) =>
    kept.filter(({ from, to }) => to > from).map(({ from, to }) => text.slice(from, to));
  const joined = (joins: (part: (typeof parts)[number], before: (typeof parts)[number]) => boolean) => {
    const kept: { from: number; to: number }[] = [];
    parts.forEach((part, i) => {
      const before = parts[i - 1];
      const last = kept.at(-1);
      if (before && last && joins(part, before)) last.to = part.to;
      else kept.push({ from: part.from, to: part.to });
    });
    return texts(kept);
  };
  switch (behavior.toLowerCase()) {
    case "removed":
      return texts(parts.filter(({ matched }) => !matched));
    case "contiguous":
      return joined((part, before) => part.matched === before.matched);
    case "mergedwithprevious":
      return joined((part, before) => part.matched && !before.matched);
    case "mergedwithnext":
      return joined((part, before) => before.matched && !part.matched);
    default:
      return texts(parts);
  }
}
