/** The characters that stand for the 256 bytes: those that print stand for themselves, the others follow U+0100. */
export const byteCharacters: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const prints = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    return String.fromCharCode(prints ? byte : next++);
  });
})();

const bytesByCharacter = new Map(byteCharacters.map((character, byte) => [character, byte]));

/** The tokens that stand for the 256 bytes where a tokenizer falls back to them. */
export const byteTokens: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
);

/** The byte that a token such as "<0x0A>" stands for. */
export function byteOf(token: string): number | undefined {
  return /^<0x[0-9A-Fa-f]{2}>$/.test(token) ? Number.parseInt(token.slice(3, 5), 16) : undefined;
}

/** Bytes of a byte-level token, in which each character stands for one. */
export function byteLevelBytes(token: string): Buffer {
  return Buffer.concat(
    [...token].map((character) => {
      const byte = bytesByCharacter.get(character);
      return byte === undefined ? Buffer.from(character) : Buffer.from([byte]);
    }),
  );
}

/** Bytes of a SentencePiece token: a byte by its number, or text in which `space` stands for a blank. */
export function pieceBytes(token: string, space: string): Buffer {
  const byte = byteOf(token);
  return byte === undefined ? Buffer.from(token.replaceAll(space, " ")) : Buffer.from([byte]);
}

/** Bytes as text in which those that are no whole character stand as <E4>: so each token has a name of its own. */
export function showBytes(bytes: Buffer): string {
  let shown = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] as number;
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const part = bytes.subarray(at, at + length);
    const text = part.toString("utf8");
    const isWhole = Buffer.from(text).equals(part);
    shown += isWhole ? text : `<${first.toString(16).toUpperCase().padStart(2, "0")}>`;
    at += isWhole ? length : 1;
  }
  return shown;
}
