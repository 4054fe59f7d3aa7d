/** Tokenizers that SentencePiece made (Gemma's): spaces are written "▁", and what has no token is spelled in bytes. */
import { ByteFallbackDecoder, type Decoder, SequenceDecoder } from "@huggingface/tokenizers";
import * as v from "valibot";

const space = "▁";
const spaces = v.object({
  type: v.literal("Replace"),
  pattern: v.object({ String: v.literal(" ") }),
  content: v.literal(space),
});
// A normalizer that puts a space before every text, and a decoder that takes it away (Llama 2), are not this kind: a
// target would not be what follows a prompt.
const schema = v.looseObject({
  normalizer: v.union([spaces, v.object({ type: v.literal("Sequence"), normalizers: v.tuple([spaces]) })]),
  pre_tokenizer: v.nullable(v.looseObject({ type: v.literal("Split") })),
  decoder: v.object({
    type: v.literal("Sequence"),
    decoders: v.array(v.looseObject({ type: v.picklist(["Replace", "ByteFallback", "Fuse"]) })),
  }),
  model: v.looseObject({ byte_fallback: v.literal(true) }),
});

/** Whether tokenizer.json describes such a tokenizer, one that puts nothing before a text. */
export function isByteFallback(file: unknown): boolean {
  return v.is(schema, file);
}

/** The 256 tokens that stand for bytes. */
export function byteTokens(): string[] {
  return Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
}

/** Bytes of UTF-8 that a token stands for. */
export function bytesOf(token: string): number {
  return /^<0x[0-9A-F]{2}>$/.test(token) ? 1 : Buffer.byteLength(token.replaceAll(space, " "));
}

/** A run of bytes as the reference decodes it: U+FEFF is kept; one that is no text is a U+FFFD a byte. */
class RunDecoder extends TextDecoder {
  constructor() {
    super("utf-8", { fatal: true, ignoreBOM: true });
  }

  override decode(bytes: Uint8Array): string {
    try {
      return super.decode(bytes);
    } catch {
      return "\ufffd".repeat(bytes.length);
    }
  }
}

/** The library decodes runs of bytes in its own way: mended here. */
export function repairByteRuns(decoder: Decoder | null): void {
  if (decoder instanceof SequenceDecoder) decoder.decoders.forEach(repairByteRuns);
  if (decoder instanceof ByteFallbackDecoder) decoder.text_decoder = new RunDecoder();
}
