import { cpSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadTokenizer } from "../../../src/engine/checkpoint/tokenizer.ts";
import { expectError, temporaryFolder } from "../../support/checkpointBuilders.ts";
import { families, fixturePath, readFixture } from "../../support/fixtures.ts";
import { seeded } from "../../support/seeded.ts";

interface Case {
  readonly checkpoint: string;
  readonly text: string;
  readonly ids: number[];
  readonly decoded: string;
}

const fixture = (name: string) => fixturePath("checkpoints", name);
const { texts } = readFixture<{ texts: Case[] }>("tokenization.json");
const names = ["odd-fp32", "even-fp32"];
for (const name of families) {
  const { checkpoint, tokenization } = readFixture<{ checkpoint: string; tokenization: { texts: Case[] } }>(name);
  names.push(checkpoint);
  texts.push(...tokenization.texts);
}

describe.each(names)("the tokenizer of %s", async (name) => {
  const tokenizer = await loadTokenizer(fixture(name));

  test.each(texts.filter(({ checkpoint }) => checkpoint === name))(
    "agrees with Python on $text",
    ({ text, ids, decoded }) => {
      expect(tokenizer.encode(text)).toEqual(ids);
      expect(tokenizer.decode(ids)).toBe(decoded);
    },
  );

  test("brings back any Unicode text, byte for byte, normalised where it normalises", () => {
    const { normalizer } = JSON.parse(readFileSync(join(fixture(name), "tokenizer.json"), "utf8"));
    const normal = (text: string) => (normalizer?.type === "NFC" ? text.normalize("NFC") : text);
    const random = seeded(7);
    for (let i = 0; i < 2_000; i++) {
      const text = Array.from({ length: random(30) }, () => anyCharacter(random)).join("");
      const ids = tokenizer.continuation(text);
      expect(tokenizer.decode(ids), JSON.stringify(text)).toBe(normal(text));
      expect(ids.every((id) => id >= 0 && id < tokenizer.size)).toBe(true);
    }
  });

  test("takes halves of a surrogate pair for U+FFFD, as UTF-8 does", () => {
    expect(tokenizer.encode("a\ud83d b\ude42")).toEqual(tokenizer.encode("a\ufffd b\ufffd"));
  });

  test("gives every id its text", () => {
    const all = Array.from({ length: tokenizer.size }, (_, id) => tokenizer.token(id));
    expect(tokenizer.decode(tokenizer.continuation(" female")).length).toBe(7);
    expect(all.slice(0, 94).every((text) => text.length > 0)).toBe(true);
    expect(all[tokenizer.endOfText as number]).toBe("<|endoftext|>");
  });

  test("refuses ids that it does not have, as a wider output head may give them", async () => {
    for (const id of [tokenizer.size, -1, 0.5]) {
      await expectError(
        (async () => tokenizer.decode([0, id]))(),
        "tokenizer",
        `no token ${id}`,
        `0 to ${tokenizer.size - 1}`,
      );
    }
  });

  test("stays the same for long text", () => {
    const text = "Name: Ben. ".repeat(2_000) + "a".repeat(20_000);
    expect(tokenizer.decode(tokenizer.continuation(text))).toBe(text);
  });
});

/** A character of any plane, with those that need care more often than the rest. */
function anyCharacter(random: (below: number) => number): string {
  const special = " \n\t\r\0\u0085\u00a0\u2028\ufeff\ufffd\u0301<|'\u200d\u{1f3fd}";
  if (random(3) === 0) return [...special][random([...special].length)] as string;
  const code = random([0x80, 0x800, 0x10000, 0x110000][random(4)] as number);
  return code >= 0xd800 && code < 0xe000 ? "e" : String.fromCodePoint(code);
}

interface TokenizerJson {
  model: { vocab: Record<string, unknown>; merges: unknown[]; type: string };
  added_tokens: { id: number; content: string }[];
  decoder: unknown;
  normalizer: unknown;
}

/** A copy of a checkpoint with its tokenizer.json changed. */
async function folderWith(change: (file: TokenizerJson) => void, checkpoint = "odd-fp32"): Promise<string> {
  const folder = temporaryFolder();
  cpSync(fixture(checkpoint), folder, { recursive: true });
  const path = join(folder, "tokenizer.json");
  const file = JSON.parse(readFileSync(path, "utf8"));
  change(file);
  await writeFile(path, JSON.stringify(file));
  return folder;
}

describe("a tokenizer", () => {
  const setId = (token: string, id: unknown) => (file: TokenizerJson) => {
    file.model.vocab[token] = id;
  };
  const set = (field: "decoder" | "normalizer" | "model", value: unknown) => (file: TokenizerJson) => {
    Object.assign(file, { [field]: value });
  };
  const merge = (pair: unknown) => (file: TokenizerJson) => {
    file.model.merges.push(pair);
  };
  const cases: [string, (file: TokenizerJson) => void, string][] = [
    ["without a model", set("model", undefined), '"model": it is missing'],
    ["with an id that is no number", setId("a", "64"), "not a map from tokens to ids"],
    ["with a negative id", setId("a", -1), "not a map from tokens to ids"],
    ["with an id used twice", setId("a", 65), "used twice"],
    [
      "with a huge id",
      ({ added_tokens: [token] }) => Object.assign(token as object, { id: 2 ** 52 }),
      "larger than any",
    ],
    [
      "without a byte",
      ({ model }) => Object.assign(model.vocab, { xx: model.vocab.a, a: undefined }),
      "1 of the 94 printing",
    ],
    ["with a merge that has no id", merge(["Name", "Name"]), '"NameName", which has no id'],
    ["with a merge of three", merge("a b c"), "merges"],
    ["of words", ({ model }) => Object.assign(model, { type: "WordPiece" }), "a WordPiece tokenizer, not BPE"],
    ["of pieces", set("model", { type: "Unigram", unk_id: 0, vocab: [["<unk>", 0]] }), "a Unigram tokenizer, not BPE"],
    ["of pieces, without a type", set("model", { vocab: [["<unk>", 0]] }), "a Unigram tokenizer, not BPE"],
    ["of characters", set("decoder", null), "byte-level BPE"],
    ["with an unknown step", set("normalizer", { type: "Shout" }), "not supported"],
  ];
  test.each(cases)("%s is refused", async (_, change, message) => {
    const folder = await folderWith(change);
    await expectError(loadTokenizer(folder), "tokenizer", join(folder, "tokenizer.json"), message);
  });

  test.each<[string, (file: TokenizerJson) => void, string]>([
    [
      "lacks a byte",
      ({ model }) => Object.assign(model.vocab, { xx: model.vocab["<0x41>"], "<0x41>": undefined }),
      "1 of the 94 printing",
    ],
  ])("that falls back to bytes and %s is refused", async (_, change, message) => {
    const folder = await folderWith(change, "gemma3-bf16");
    await expectError(loadTokenizer(folder), "tokenizer", join(folder, "tokenizer.json"), message);
  });

  test.each([
    ["{", "not valid JSON"],
    ["[]", "not a JSON object"],
    ["null", "not a JSON object"],
    ["version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "git lfs pull"],
  ])("that is %s is refused", async (text, message) => {
    const folder = await folderWith(() => {});
    await writeFile(join(folder, "tokenizer.json"), text);
    await expectError(loadTokenizer(folder), "tokenizer", join(folder, "tokenizer.json"), message);
  });

  test("that puts a space before every text puts none before what follows a text", async () => {
    const spaces = { type: "Replace", pattern: { String: " " }, content: "▁" };
    const prepended = { type: "Sequence", normalizers: [{ type: "Prepend", prepend: "▁" }, spaces] };
    const folder = await folderWith(set("normalizer", prepended), "gemma3-bf16");
    const [plain, prefixed] = await Promise.all([fixture("gemma3-bf16"), folder].map((one) => loadTokenizer(one)));
    expect(prefixed?.continuation(" male")).toEqual(plain?.continuation(" male"));
    expect(prefixed?.encode("Ben")).toEqual(plain?.encode(" Ben"));
    expect(prefixed?.continued(prefixed.continuation(" male"))).toBe(" male");
  });

  test("that is missing is said to be missing, with a way to make it", async () => {
    const folder = await folderWith(() => {});
    rmSync(join(folder, "tokenizer.json"));
    await expectError(loadTokenizer(folder), "tokenizer", folder, "no tokenizer.json", "save_pretrained");
  });

  test("takes for white space what Unicode does: U+0085, and not U+FEFF", async () => {
    // Merges that only apply if the exclamation mark and the character's first byte are in one piece of text.
    const pairs = { next: ["!", "Â"], mark: ["!", "ï"] };
    const folder = await folderWith(({ model, added_tokens: added }) => {
      for (const [i, pair] of Object.values(pairs).entries()) {
        model.merges.push(pair);
        model.vocab[pair.join("")] = 405 + i;
      }
      expect(added).toHaveLength(1);
    });
    const tokenizer = await loadTokenizer(folder);
    expect(tokenizer.encode("!\u0085")[0]).toBe(tokenizer.encode("!")[0]);
    expect(tokenizer.encode("!\ufeff")[0]).toBe(406);
  });

  test("with tokens that are called like JavaScript's own properties is read", async () => {
    const folder = await folderWith(({ model, added_tokens: added }) => {
      const { size } = new Set([...Object.values(model.vocab), ...added.map(({ id }) => id)]);
      for (const [i, content] of ["constructor", "__proto__", "prototype"].entries())
        added.push({ id: size + i, content });
    });
    const tokenizer = await loadTokenizer(folder);
    const ids = tokenizer.encode("a constructor of __proto__");
    expect(ids).toContain(tokenizer.size - 3);
    expect(ids).toContain(tokenizer.size - 2);
    expect(tokenizer.decode(ids)).toBe("a constructor of __proto__");
  });

  test("ends a text with every token that any of its files names, and passes over what is no id", async () => {
    const folder = await folderWith(() => {});
    const write = (name: string, value: unknown) => writeFile(join(folder, name), JSON.stringify(value));
    await write("tokenizer_config.json", { eos_token: "a" });
    await write("config.json", { eos_token_id: [404, 9_999] });
    await write("generation_config.json", { eos_token_id: 70 });
    expect((await loadTokenizer(folder)).endTokens).toEqual([64, 404, 70]);
    await write("generation_config.json", { eos_token_id: "x" });
    expect((await loadTokenizer(folder)).endTokens).toEqual([64, 404]);
  });

  test("with holes among its ids is read; the ids of holes are refused", async () => {
    const folder = await folderWith(setId("a", 500));
    const tokenizer = await loadTokenizer(folder);
    expect(tokenizer.encode("a")).toEqual([500]);
    expect([tokenizer.size, tokenizer.hasHoles, tokenizer.has(500), tokenizer.has(450)]).toEqual([
      501,
      true,
      true,
      false,
    ]);
    await expectError((async () => tokenizer.decode([450]))(), "tokenizer", "no token 450");
  });

  test("with more tokens than the model refuses only the texts that need them", async () => {
    const folder = await folderWith(({ added_tokens: added }) => added.push({ id: 405, content: "[PAD]" }));
    const tokenizer = await loadTokenizer(folder, { vocabulary: 405 });
    expect(tokenizer.encode("a")).toEqual([64]);
    expect(tokenizer.size).toBe(405);
    await expectError((async () => tokenizer.encode("a[PAD]"))(), "tokenizer", "[PAD]", "0 to 404");
  });

  test("shows each token by a text of its own: bytes that are no character by their numbers", async () => {
    const tokenizer = await loadTokenizer(fixture("odd-fp32"));
    const shown = Array.from({ length: tokenizer.size }, (_, id) => tokenizer.token(id));
    expect(new Set(shown).size).toBe(tokenizer.size);
    expect(tokenizer.encode("é").map((id) => tokenizer.token(id))).toEqual(["<C3>", "<A9>"]);
  });

  test("with a pattern that never ends is stopped", { timeout: 60_000 }, async () => {
    const bomb = { type: "Split", pattern: { Regex: "(a|a)+b" }, behavior: "Isolated", invert: false };
    const folder = await folderWith((file) => {
      const { pre_tokenizer: before } = file as unknown as { pre_tokenizer: unknown };
      Object.assign(file, { pre_tokenizer: { type: "Sequence", pretokenizers: [bomb, before] } });
    });
    const tokenizer = await loadTokenizer(folder);
    expect(tokenizer.encode("Name").length).toBeGreaterThan(0);
    await expectError((async () => tokenizer.encode("a".repeat(60)))(), "tokenizer", "took more than 10 seconds");
  });

  test("that lacks the byte of a character passes over it, as the original does", async () => {
    const folder = await folderWith(({ model }) => Object.assign(model.vocab, { xx: model.vocab.Ģ, Ģ: undefined }));
    const tokenizer = await loadTokenizer(folder);
    expect(tokenizer.encode("Ben\u0080")).toEqual([...tokenizer.encode("Ben"), 126]);
  });

  test("needs no tokenizer_config.json, and takes the end of a text from it", async () => {
    const folder = await folderWith(() => {});
    const path = join(folder, "tokenizer_config.json");
    await writeFile(path, '{"eos_token":{"content":"a"}}');
    expect((await loadTokenizer(folder)).endOfText).toBe(64);
    await writeFile(path, '{"eos_token":"no such token"}');
    await writeFile(join(folder, "config.json"), "{}");
    expect((await loadTokenizer(folder)).endOfText).toBeUndefined();
    rmSync(path);
    expect((await loadTokenizer(folder)).endOfText).toBe(404);
    await writeFile(path, "{");
    await expectError(loadTokenizer(folder), "tokenizer", path);
  });
});
