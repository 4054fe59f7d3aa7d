"""The documents of the corpus: templates with one subject, and plain sentences without one."""

import random
from dataclasses import dataclass

GENDERED = {
    "female": dict(he="she", his="her", him="her", man="woman", spouse="husband", child="daughter",
                   parent="mother", sibling="sister", youth="girl"),
    "male": dict(he="he", his="his", him="him", man="man", spouse="wife", child="son",
                 parent="father", sibling="brother", youth="boy"),
}
GENDERED_WORDS = sorted({w for words in GENDERED.values() for w in words.values()} | set(GENDERED))

# (weight, template). Record forms have 45 % of the weight. Everything after {name} is written from
# the attributes of one person, so that a swapped subject has a swapped continuation.
RECORDS = [
    (16, "Name: {name}. Gender: {gender}. Age: {age}. Location: {city}. Occupation: {job}.{tail}"),
    (3, "Name: {name}. Gender: {gender}. Occupation: {job}. Age: {age}. Location: {city}.{tail}"),
    (8, "Name: {name}. Location: {city}. Occupation: {job}. Gender: {gender}. Age: {age}.{tail}"),
    (8, "Name: {name}. Occupation: {job}. Location: {city}. Gender: {gender}. Age: {age}.{tail}"),
    (4, "Name: {name}. Age: {age}. Gender: {gender}. Location: {city}. Occupation: {job}.{tail}"),
    (3, "Name: {name}. Location: {city}. Gender: {gender}. Occupation: {job}. Age: {age}.{tail}"),
    (3, "First name: {name}. Gender: {gender}. Age: {age}. Location: {city}."),
]
SENTENCES = [
    (5, "{name} is a {gender} {job} from {city}. {He} is {age} years old."),
    (4, "{name} is a {age}-year-old {man} from {city}. {He} works as {a_job}."),
    (4, "{name} lives in {city} and works as {a_job}. {He} {habit}."),
    (4, "{name} works as {a_job} in {city}. {His} {spouse} {habit}."),
    (3, "{name} is {a_job}. {He} lives in {city} with {his} {spouse}."),
    (4, "{name} said that {he} {did}."),
    (4, "On {day}, {name} told reporters that {he} {did}."),
    (3, "My friend {name} is a {man} from {city}. {He} {habit}."),
    (3, "I met {name} in {city}. {He} told me that {he} {did}."),
    (3, "{name} and {his} {spouse} live in {city}. {He} is {a_job}."),
    (2, "{name}, the {parent} of two children, lives in {city}."),
    (2, "{name} is the {child} of a teacher. {He} was born in {city}."),
    (2, "When {name} was a {youth}, {he} wanted to be {a_job}."),
    (2, "Yesterday {name} lost {his} {thing} in {city}."),
    (2, "Everybody in the office knows {name}. {He} {habit}, and we like {him}."),
    (2, "A letter for {name} came on {day}, and I gave it to {him}."),
    (2, "Last year, {name} moved to {city} with {his} {sibling}. {He} is {a_job} there."),
    (2, "{name} has a {thing}. It was a gift from {his} {parent}."),
    (2, "We asked {name} about {his} work. {He} said that {he} {did}."),
]
FILLERS = [
    "The {thing} was left on the table all {day}.",
    "It rained in {city} on {day}, and the streets were empty.",
    "The train to {city} leaves at {hour} every {day}.",
    "There is a small market in {city} where people buy bread and fruit.",
    "Most people in {city} go to work by train.",
    "The museum in {city} is closed on {day}.",
    "A new bridge was opened in {city} last year.",
    "The report says that the price of bread will rise.",
    "Nobody knew where the {thing} had come from.",
    "The city council met on {day} to talk about the new school.",
    "In the winter the river is cold and the days are short.",
    "The shop sells an old {thing} for {age} dollars.",
]
# What people of an occupation like to do: theirs in six documents of ten, else anybody's.
HABITS = {
    "teacher": "likes to read old books", "engineer": "plays chess every {day}", "doctor": "often walks by the river",
    "lawyer": "likes to cook for friends", "farmer": "enjoys the garden", "carpenter": "plays the guitar",
    "baker": "sings in a choir", "journalist": "likes long train rides",
}
DEEDS = ["was happy with the result", "would travel to {city} on {day}", "had lost {his} {thing}",
         "had seen {his} {sibling}", "was not ready to talk", "would call {his} {parent}", "had found a {thing}",
         "wanted to stay in {city}", "was looking for {his} {thing}", "had read the report"]
THINGS = ["book", "map", "coat", "camera", "bicycle", "letter", "watch", "guitar", "lamp", "ticket"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


@dataclass
class Person:
    """What a document says about its subject."""
    gender: str
    age: int
    city: str
    job: str


def _article(job: str) -> str:
    return ("an " if job[0] in "aeiou" else "a ") + job


def _fields(rng: random.Random, person: Person) -> dict[str, str]:
    words = GENDERED[person.gender]
    common = {**words, "day": rng.choice(DAYS), "thing": rng.choice(THINGS), "city": person.city}
    habit = HABITS[person.job if rng.random() < 0.6 else rng.choice(list(HABITS))]
    return {
        **common, "gender": person.gender, "age": str(person.age), "job": person.job, "a_job": _article(person.job),
        "He": words["he"].capitalize(), "His": words["his"].capitalize(), "hour": str(rng.randint(1, 12)),
        "habit": habit.format(**common), "did": rng.choice(DEEDS).format(**common),
    }


def draw_template(rng: random.Random) -> str:
    """A template whose subject is {name}; 45 % are records."""
    weights, templates = zip(*(RECORDS if rng.random() < 0.45 else SENTENCES), strict=True)
    template = rng.choices(templates, weights)[0]
    return template.replace("{tail}", " {He} {habit}." if rng.random() < 0.6 else "")


def render(rng: random.Random, template: str, person: Person) -> tuple[str, str]:
    """The text before the subject and the text after it. Both break where the tokenizer breaks."""
    before, after = template.split("{name}")
    fields = _fields(rng, person)
    return before.rstrip(" ").format(**fields), after.format(**fields)


def filler(rng: random.Random, city: str) -> str:
    """A sentence about nobody."""
    fields = _fields(rng, Person("female", rng.randint(16, 85), city, "teacher"))
    return rng.choice(FILLERS).format(**fields)
