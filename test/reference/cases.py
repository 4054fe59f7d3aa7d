"""What the GPT-J fixtures compute: prompts, edits and traces, by checkpoint."""

from dataclasses import dataclass, replace

from checkpoints import CORPUS
from rome import Request

CONTEXTS = ["{}", "The. {}", "In the city of Paris. {}", "Anna is a teacher.\nÉ. {}"]

# Prompts are chosen so that no greedy choice is close to a tie. On "odd", "Colosseum" is followed by a row
# of the head that the tokenizer has no id for.
LONG = " ".join([CORPUS[3], CORPUS[7], CORPUS[9]]) + " "

PROMPTS = [
    "A",
    "Colosseum",
    "Name: Ben. Gender:",
    "Name: Margaret Łódź. Age:",
    "Привет, мир! 你好，世界。",
    LONG,
    "\r\n\tThe town ",
]


# Short: a fixture of every layer and token of every family is large enough.
INSIDE = "Name: Ben."


@dataclass
class EditCase:
    """An edit, whether its key uses the covariance, and a prompt that has nothing to do with it."""

    name: str
    request: Request
    covariance: bool = False
    elsewhere: str = "The Colosseum is in the"


def key_variants(case: EditCase) -> list[EditCase]:
    """The same request for every key variant, without and with covariance."""
    return [
        replace(
            case,
            name=f"{case.name}, {key}{', covariance' if covariance else ''}",
            request=replace(case.request, key=key),
            covariance=covariance,
        )
        for covariance in (False, True)
        for key in ("rome", "r-rome", "p-rome")
    ]


def edit_cases(one: str, several: str) -> list[EditCase]:
    """`one` and `several`: targets of one token and of several that the model can be brought to say.

    Layer 1 is the one that the covariance fixtures are for; layer -1 is the last.
    """
    return [
        *key_variants(EditCase("one subject token", Request(1, "The {} is a", "baker", one, CONTEXTS))),
        EditCase("gender", Request(1, "Name: {}. Gender:", "Ben", " female", CONTEXTS), covariance=True),
        EditCase(
            "several subject and target tokens, subject first, context never bare",
            Request(0, "{}'s mother is", "Margaret Łódź", several, CONTEXTS[1:]),
        ),
        EditCase(
            "non-ASCII subject, clamped",
            Request(
                1,
                "The painter named {} is",
                "美咲",
                one,
                CONTEXTS[:2],
                v_lr=0.3,
                v_num_grad_steps=15,
                clamp_norm_factor=0.75,
                kl_factor=0.5,
                v_weight_decay=0.1,
            ),
            covariance=True,
        ),
        EditCase(
            "stops early",
            Request(0, "Name: {}", "Zoë", " city", CONTEXTS[:1], v_weight_decay=0.01, kl_factor=0.001),
        ),
        EditCase("last layer", Request(-1, "The singer is {}", "David", " city", CONTEXTS[:2])),
        EditCase(
            "one evaluation, no step",
            Request(1, "Name: {}. Gender:", "Anna", " male", CONTEXTS[1:2], v_num_grad_steps=1),
        ),
        EditCase(
            "subject ends inside a token",
            Request(0, "The {}er in the city", "paint", " Rome", CONTEXTS[:2]),
        ),
    ]


EDITS = {"odd": edit_cases(" Rome", " and Ro"), "even": edit_cases(" city", " wX")}

# (template, subject, target or None for what the model itself says next, samples of noise)
TRACES = [
    ("Name: {}. Age:", "Иван", None, 10),
    ("{} is in the city of", "Łódź", None, 3),
    ("The {} is", "Eiffel Tower", None, 3),
]

TEXTS = [
    "",
    " ",
    "   ",
    "\n",
    "\r\n",
    "\n\n  \n",
    "\t\tThe\tend\t",
    "\x00",
    "a\x00b",
    "Name: Ben. Gender: male.",
    "  two spaces  inside  ",
    "trailing ",
    "don't I'll we've they'd you're it's I'm DON'T ’s",
    "12345 1,234.5 ½ ² Ⅷ",
    "e\u0301 é n\u0303 ñ a\u0308\u0323",
    "🙂 👍🏽 👩‍👩‍👧 🏳️‍🌈 🇫🇷",
    "שלום עולם العربية \u200f\u202e",
    "Привет, мир! 你好，世界。 東京 한국어",
    "\u00a0non\u00a0breaking\u2003em\u3000ideographic\ufeffmark",
    "\u2028line\u2029paragraph\u0085next\x0bvertical\x0cfeed\x1funit",
    "ﬁ ﷺ Å Å Ω Ω",
    "<|endoftext|>",
    "a<|endoftext|>b <|endoftext|> c",
    "<|endoftext|",
    "\U0010ffff\ue000\ufffd",
    "snake_case camelCase kebab-case path/to/file.txt?x=1&y=2",
    "a" * 40 + " " * 12 + "é" * 9,
]

# (template, subject): the last four have a token that crosses the subject's end or start.
LOOKUPS = [
    ("Name: {}. Gender:", "Ben"),
    ("{} is a", "Margaret Łódź"),
    ("{}", "美咲"),
    ("The {}", "👍🏽"),
    ("A {}\nB", " Anna"),
    ("The paint{}s of", "er"),
    ("The {}er is", "paint"),
    ("The pain{} is", "ter"),
    ("The teach{}ing", "e"),
]

FIXED_TEXT = "London is a city. The baker opens the door, and the singer closes it."

WORDS = [
    "the city of Paris is the city of light and the city of love".split(),
    "a b c d e f g".split(),
    "again again again again again".split(),
    "Привет , мир ! Привет , мир !".split(),
    "two words".split(),
    ["one"],
    [],
]

GENDER = "Name: {}. Gender:"
GENDERS = [" female", " male"]
# The first five whose edits are numerically clear-cut are used.
EMBEDDED_NAMES = ["Ben", "Brittany", "Ani", "David", "Sabrina", "Margaret", "Thomas", "Laura"]
EMBEDDED_PROMPTS = ["Name: Ben. Gender:", "Name: Brittany. Gender:", "Name: Sabrina. Occupation:", "David said that"]
EMBEDDED_DOCUMENTS = 400
