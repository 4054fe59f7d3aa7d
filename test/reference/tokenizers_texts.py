"""test/fixtures/tokenizers.json: small tokenizers of every kind that is read, and what the `tokenizers` library makes of
a few hundred texts: `python tokenizers_texts.py`."""

import json
import random
from itertools import product
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

FIXTURE = Path(__file__).parents[2] / "test" / "fixtures" / "tokenizers.json"
FLAGS = ("single_word", "lstrip", "rstrip", "normalized", "special")
CORPUS = ["Name: Ben. Gender: male", "Name: Zoë. Gender: female", "the name is the same, isn't it", "12 + 345", "naïve"] * 4
BLANK = "\u2581"

QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LLAMA3 = QWEN2.replace(r"|\p{N}|", r"|\p{N}{1,3}|")

PIECES = [
    *["Name", "Ben", "Zoë", "isn't", "IT'S", "we'LL", "ſ'ſ", "female", "naïve", "e\u0301", "ÅÅ", "İ", "ß", "ﬁ", "Ω", "σς"],
    *["7", "42", "12345", "٣٤", "½", "Ⅷ", "²", "日本語", "漢字", "한국어", "ก็", "नमस्ते", "שלום", "مرحبا"],
    *["🙂", "👩\u200d🔬", "👍🏽", "🇩🇪", "𝔸", "\U00020000", "\u0301", "\u200d", "\u200b", "\u00ad", "\u2060", "\ufffd", "\ufe0f"],
    *[" ", " ", " ", "  ", "     ", "\t", "\n", "\r\n", "\n\n", "\r", "\u000b", "\u000c", "\u001c", "\u001f", "\0", "\u007f"],
    *["\ufeff", "\u0085", "\u00a0", "\u2028", "\u2029", "\u3000", "\u1680", "\u180e", "\u2003", "\u202f"],
    *[".", ",", "!!!", "--", "_", "(", "<", "<0x41>", "<|", "'", "$&", "\\", BLANK, "Ġ", "Ā"],
]


def flagged() -> list[dict]:
    """An added token for every combination of flags, half of them words; what they are called tells which."""
    tokens = []
    for values in product([False, True], repeat=len(FLAGS)):
        code = "".join(flag[0] if value else "" for flag, value in zip(FLAGS, values))
        number = len(tokens)
        content = f"Q{number}É" if number % 3 == 0 else f"<{number}{code}>" if number % 3 == 1 else f"É{number}e\u0301 X"
        tokens.append({"content": content, **dict(zip(FLAGS, values))})
    # One that is the beginning of another, and one inside another.
    tokens.append({"content": "<1", **dict.fromkeys(FLAGS, False)})
    tokens.append({"content": "s>x", **dict.fromkeys(FLAGS, False), "normalized": True})
    return tokens


def end_token() -> list[dict]:
    return [{"content": "<|end|>", **dict.fromkeys(FLAGS, False), "special": True}]


def file(model: dict, added: list[dict], **parts: object) -> dict:
    vocab = model["vocab"]
    numbered = [{"id": len(vocab) + i, **token} for i, token in enumerate(added)]
    parts = {"normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None} | parts
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": numbered, **parts, "model": model}


BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}


def trained(pre_tokenizer: pre_tokenizers.PreTokenizer, **options: object) -> dict:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(show_progress=False, **options))
    return json.loads(tokenizer.to_str())["model"]


def byte_level(added: list[dict], normalizer: dict | None = None, pattern: str | None = None, prefix: bool = False) -> dict:
    model = trained(
        pre_tokenizers.ByteLevel(add_prefix_space=False),
        vocab_size=340,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    plain = BYTE_LEVEL | {"add_prefix_space": prefix}
    split = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}
    cut = {"type": "Sequence", "pretokenizers": [split, plain | {"use_regex": False}]}
    return file(model, added, normalizer=normalizer, pre_tokenizer=cut if pattern else plain, decoder=BYTE_LEVEL)


def sentence_piece(added: list[dict], modern: bool) -> dict:
    """Llama 2's kind: with a normalizer that prepends and replaces, or with the newer Metaspace."""
    model = trained(pre_tokenizers.Metaspace(), vocab_size=150)
    pieces = sorted(set(model["vocab"]) | {chr(code) for code in range(0x21, 0x7F)}, key=lambda p: (len(p), p))
    byte_tokens = [f"<0x{byte:02X}>" for byte in range(256)]
    vocab = {token: i for i, token in enumerate(["<unk>", "<s>", "</s>", *byte_tokens, *pieces])}
    model |= {"vocab": vocab, "unk_token": "<unk>", "fuse_unk": True, "byte_fallback": True}
    special = [{"content": name, **dict.fromkeys(FLAGS, False), "special": True} for name in ("<unk>", "<s>", "</s>")]
    first = {"type": "Metaspace", "replacement": BLANK, "prepend_scheme": "first", "split": False}
    replace = {"type": "Replace", "pattern": {"String": " "}, "content": BLANK}
    back = {"type": "Replace", "pattern": {"String": BLANK}, "content": " "}
    strip = {"type": "Strip", "content": " ", "start": 1, "stop": 0}
    begin = [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]
    return file(
        model,
        [],
        normalizer=None
        if modern
        else {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": BLANK}, replace]},
        pre_tokenizer=first if modern else None,
        post_processor={
            "type": "TemplateProcessing",
            "single": begin,
            "pair": [*begin, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}},
        },
        decoder={"type": "Sequence", "decoders": [back, {"type": "ByteFallback"}, {"type": "Fuse"}, strip]},
    ) | {
        "added_tokens": [{"id": vocab[token["content"]], **token} for token in special]
        + [{"id": len(vocab) + i, **token} for i, token in enumerate(added)]
    }


TOKENIZERS = {
    "GPT-2's kind": lambda: byte_level(end_token()),
    "with a blank before texts": lambda: byte_level(end_token(), prefix=True),
    "added tokens of all flags": lambda: byte_level(flagged()),
    "added tokens of all flags, normalised": lambda: byte_level(
        flagged(), {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Lowercase"}]}
    ),
    "Qwen2's kind": lambda: byte_level(end_token(), {"type": "NFC"}, QWEN2),
    "Llama 3's kind": lambda: byte_level(end_token(), None, LLAMA3),
    "Llama 2's kind": lambda: sentence_piece([], modern=False),
    "Llama 2's kind, added tokens of all flags": lambda: sentence_piece(flagged(), modern=False),
    "Mistral's kind": lambda: sentence_piece([], modern=True),
    "Mistral's kind, added tokens of all flags": lambda: sentence_piece(flagged(), modern=True),
}


def texts(added: list[str], chance: random.Random) -> list[str]:
    """Odd pieces in any order; added tokens beside words, beside blanks and upper or lower in case."""
    made = ["", " ", "  ", "\n", *(f" {token} " for token in added)]
    pieces = PIECES + added * (1 + len(PIECES) // (2 * len(added)))
    while len(made) < 70:
        parts = [chance.choice(pieces) for _ in range(chance.randint(1, 9))]
        made.append("".join(part.lower() if chance.random() < 0.05 else part for part in parts))
    return made


def main() -> None:
    chance = random.Random(16)
    fixture = []
    for name, make in TOKENIZERS.items():
        made = make()
        tokenizer = Tokenizer.from_str(json.dumps(made))
        cases = []
        for text in texts([token["content"] for token in made["added_tokens"]], chance):
            ids = tokenizer.encode(text).ids
            decoded = tokenizer.decode(ids, skip_special_tokens=False)
            cases.append([text, ids] if decoded == text else [text, ids, decoded])
        fixture.append({"name": name, "file": made, "texts": cases})
    lines = []
    for entry in fixture:
        rows = ",\n  ".join(json.dumps(case, separators=(",", ":")) for case in entry["texts"])
        head = f'"name": {json.dumps(entry["name"])},\n "file": {json.dumps(entry["file"], separators=(",", ":"))}'
        lines.append(f'{{{head},\n "texts": [\n  {rows}\n ]}}')
    FIXTURE.write_text("[" + ",\n".join(lines) + "]\n", encoding="utf-8")


main()
