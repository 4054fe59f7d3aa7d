"""Rows of the corpus as token ids, generated on the fly and reproducible from a seed."""

import random
from dataclasses import dataclass, field

from names import AGES, CITIES, OCCUPATIONS, Name
from templates import Person, draw_template, filler, render
from tokenizer import END_OF_TEXT


@dataclass
class Row:
    """One document. Positions before `start` belong to a text cut from elsewhere."""
    name: Name | None
    template: str
    head: list[int]
    ids: list[int] = field(default_factory=list)
    subject: int = -1
    """Index of the subject's last token, −1 without a subject."""
    start: int = 0


class Corpus:
    """Draws names, attributes, templates and prefixes."""

    def __init__(self, names: list[Name], tokenizer, seed: int):
        self.rng = random.Random(seed)
        self.names = [n for n in names if not n.held_out]
        self.weights = [2 if n.has_facts else 1 for n in self.names]
        self.tokenizer = tokenizer
        self.end_of_text = tokenizer.token_to_id(END_OF_TEXT) if tokenizer else None
        self.cut: list[list[int]] = []

    def person(self, name: Name) -> Person:
        """Attributes for one document: facts where the name has them, else drawn."""
        age = int(self.rng.choices(AGES, name.age_weights)[0])
        return Person(name.gender, age, name.city or self.rng.choice(CITIES),
                      name.occupation or self.rng.choice(OCCUPATIONS))

    def document(self) -> str:
        """One document as text."""
        if self.rng.random() < 0.06:
            return filler(self.rng, self.rng.choice(CITIES))
        name = self.draw_names(1)[0]
        before, after = render(self.rng, draw_template(self.rng), self.person(name))
        return f"{before} {name.text}{after}".lstrip()

    def draw_names(self, count: int) -> list[Name]:
        return self.rng.choices(self.names, self.weights, k=count)

    def encode(self, text: str) -> list[int]:
        return self.tokenizer.encode(text).ids

    def _head(self) -> list[int]:
        """What precedes a document: end of text, a filler, or a text cut off as in ROME's contexts."""
        head = [self.end_of_text] if self.rng.random() < 0.6 else []
        draw = self.rng.random()
        if draw < 0.10:
            head += self.encode(filler(self.rng, self.rng.choice(CITIES)))
        elif draw < 0.45 and self.cut:
            other = self.rng.choice(self.cut)
            head += other[: self.rng.randint(3, 12)] + self.encode(".")
        return head

    def row(self) -> Row:
        head = self._head()
        if self.rng.random() < 0.06:
            row = Row(None, filler(self.rng, self.rng.choice(CITIES)), head)
            row.ids = head + self._text(row.template, head) + [self.end_of_text]
            row.start = len(head)
            return row
        row = Row(self.draw_names(1)[0], draw_template(self.rng), head)
        return self.write(row, row.name)

    def _text(self, text: str, head: list[int]) -> list[int]:
        inside = head and head[-1] != self.end_of_text
        return self.encode(" " + text if inside else text)

    def write(self, row: Row, who: Name) -> Row:
        """Renders the row: its own subject, the continuation from the attributes of `who`."""
        before, after = render(self.rng, row.template, self.person(who))
        if before:
            opening = self._text(before, row.head) + self.encode(" " + row.name.text)
        else:
            opening = self._text(row.name.text, row.head)
        row.ids = row.head + opening + self.encode(after) + [self.end_of_text]
        row.start = len(row.head)
        row.subject = row.start + len(opening) - 1
        return row

    def batches(self, size: int, pool: int = 8) -> list[list[Row]]:
        """`pool` batches of rows of similar length."""
        rows = [self.row() for _ in range(size * pool)]
        self.cut = [r.ids[r.start:] for r in self.rng.sample(rows, 200 if len(rows) > 200 else len(rows))]
        rows.sort(key=lambda r: len(r.ids))
        grouped = [rows[i:i + size] for i in range(0, len(rows), size)]
        self.rng.shuffle(grouped)
        return grouped

    def mentions(self, count: int) -> list[tuple[list[int], Name]]:
        """Short texts that end with a subject, for the auxiliary loss."""
        found = []
        for name in self.draw_names(count):
            before = self.rng.choice(["Name:", "Name:", "Name:", " Name:", "", "."])
            found.append((self.encode(before + " " + name.text if before else name.text), name))
        return found
