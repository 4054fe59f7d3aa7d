"""Where a subject stands among the tokens of a prompt: the same rows for every peer."""

from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer


@dataclass
class Row:
    """Token ids, and the index of the subject's last token."""

    ids: list[int]
    lookup: int


class Prompts:
    def __init__(self, folder: str):
        self.tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
        self.size = self.tokenizer.get_vocab_size()
        self.end = self.tokenizer.token_to_id("<|endoftext|>")

    def encode(self, text: str) -> list[int]:
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def decode(self, ids: list[int]) -> str:
        return self.tokenizer.decode(ids)

    def row(self, template: str, subject: str, more: list[int] = ()) -> Row:
        before, after = template.split("{}", 1)
        ids = self.encode(before + subject + after)
        until = self.encode(before + subject)
        if ids[: len(until)] == until:
            return Row([*ids, *more], len(until) - 1)
        encoding = self.tokenizer.encode(before + subject + after, add_special_tokens=False)
        end = len(before) + len(subject)
        inside = [i for i, (start, _) in enumerate(encoding.offsets) if start < end]
        return Row([*ids, *more], inside[-1])

    def rows(self, contexts: list[str], request: dict) -> tuple[list[Row], Row, Row, list[int]]:
        """The contexts' rows with the target's tokens but the last, the KL row, the bare row, the target."""
        target = self.encode(request["target"])
        template, subject = request["template"], request["subject"]
        rows = [self.row(c.replace("{}", template, 1), subject, target[:-1]) for c in contexts]
        return rows, self.row("{} is a", subject), self.row(template, subject), target
