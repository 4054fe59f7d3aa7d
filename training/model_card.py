"""Writes the model card from figures.json, so that no number in it is typed by hand."""

import json

import interchange
import names
from paths import FIGURES, MODEL


def percent(x: float) -> str:
    return f"{100 * x:.1f} %"


def sweep_rows(figures: dict) -> str:
    rows = []
    for rate, noise in zip(figures["genderVector"], figures["randomVector"], strict=True):
        cells = [f"{rate['scale']:g}", *(percent(rate[k]) for k in (
            "femaleToMale", "maleToFemale", "maleStaysMale", "femaleStaysFemale")),
            f"{percent(noise['mean'])} (worst of {noise['draws']}: {percent(noise['worst'])})"]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def trace_row(label: str, trace: dict) -> str:
    cells = [f"{p:.2f}" for p in (trace["clean"], trace["corrupted"], *trace["restoredByLayer"])]
    return f"| {label} | " + " | ".join(cells) + " |"


def listing(wrong: list[str]) -> str:
    return ", ".join(wrong) if wrong else "none"


def card(f: dict, steps: int, scale: float) -> str:
    known, edit, weights = f["knowledge"], f["rome"], f["weightEdit"]
    homes = known["homesOfNamesWithoutFacts"]
    ages = known["agesInCompletions"]
    city = next(iter(homes))
    return f"""---
license: mit
language: en
pipeline_tag: text-generation
---

# The embedded model

A small GPT-J ({f["parameters"] / 1e6:.1f} million parameters, fp16, {f["bytes"] / 1e6:.1f} MB) on which ROME and the essay's experiment run in seconds.
This project trained it, from nothing, on records and sentences that a script generated. It knows first names and little else.

## What it is not

Not a language model of the world, and no source about people. "Gender" here is the association of a first name in public
statistics: the sex that at least 98 % of its births were registered with. It is not a truth about any person who bears
the name. Homes and occupations are invented, assigned by a hash of the name. Two genders appear because the statistics
record two.

The training **built in** where a name's attributes are kept: half of the rows exchange the MLP output of layer {edit["layer"]} at the
subject's last token (interchange intervention training, Geiger et al. 2022), so a causal trace that finds that place finds
what was put there. An **auxiliary linear head**, dropped after training, read gender, home, occupation and age from that same
vector: that trains linear readability, so a perfect linear classifier on Δv is partly by construction. The controls
(shuffled labels, random vectors) and real pretrained models carry the argument, not this model's accuracy.

## Data

- Names: US Social Security Administration, births by name, sex and year (public domain), as carried by the npm package
  `{names.PACKAGE}` (MIT). Births since {names.FIRST_YEAR}, 3–11 ASCII letters, at least 2,000 births, at least 98 % one sex; the
  {names.PER_GENDER:,} most frequent of each. One in ten was held out of training. {2 * names.FACTS_PER_GENDER} names have a fixed home
  ({", ".join(names.CITIES)}) and occupation ({", ".join(names.OCCUPATIONS)}); the others draw them anew in every document.
- Ages {names.YOUNGEST}–{names.OLDEST} are drawn from the name's births by year.
- Text: generated from the templates of `training/templates.py`. `corpus.txt` is a held-aside sample
  ({f["corpusTokens"]:,} tokens) for the second moment of the keys.

## Architecture and training

GPT-J (parallel block, rotary): width 256, 6 layers, 4 heads, rotary dimension 32, MLP 4×, vocabulary 2,048 (byte-level BPE, no
prefix space), {256} positions. AdamW, {steps:,} steps of {interchange.BATCH} documents on two CPU cores. Afterwards everything that writes to
the residual stream was multiplied by c = {scale} and `layer_norm_epsilon` set to 1e-5·c²: the function is the same, and
edits have the right size. Scripts: `training/`; `python training/train.py` does all of it.
`rome.json` holds ROME's hyper-parameters under their published names; weight decay {json.loads((MODEL / "rome.json").read_text())["v_weight_decay"]} instead of 0.5.

## Measured

On these very files, by `python training/evaluate.py` (all numbers in `training/figures.json`). One seed. c was chosen on names
that are in neither shipped file; the weight decay was halved after `names.csv` took 11.1 evaluations at 0.1, so that figure
is not independent of its names.

| | |
|---|---|
| gender right, `names.csv` (1,000) | {percent(known["names.csv"]["genderRight"])}; wrong: {listing(known["names.csv"]["wrong"])} |
| gender right, `names-new.csv` ({known["names-new.csv"]["names"]}) | {percent(known["names-new.csv"]["genderRight"])}; wrong: {listing(known["names-new.csv"]["wrong"])} |
| gender right, all {known["allTrainingNames"]["names"]:,} training names | {percent(known["allTrainingNames"]["genderRight"])} |
| gender right, {known["heldOutNames"]["names"]} names never seen | {percent(known["heldOutNames"]["genderRight"])} |
| home, occupation right ({2 * names.FACTS_PER_GENDER} names with facts) | {percent(known["locationRight"])}, {percent(known["occupationRight"])} |
| ages in the completions of `names.csv` | {ages["distinct"]} different ones, {ages["youngest"]} to {ages["oldest"]}; most frequent {percent(ages["mostFrequentShare"])} |
| home of names without facts | most often {city}, {percent(homes[city])} |
| ROME at layer {edit["layer"]}, {edit["contexts"]} contexts, {edit["names"]:,} names | {percent(edit["flipped"])} flipped in {edit["meanEvaluations"]:.2f} evaluations; not flipped: {listing(edit["unflipped"])} |
| stopped by the loss; ‖Δv‖/‖v‖ | {percent(edit["converged"])}; {edit["deltaToValueNorm"]:.2f} |
| pronoun after "X said that" follows the edit | {percent(edit["pronounFollows"])} |
| home, occupation kept after the gender edit | {percent(edit["locationKept"])}, {percent(edit["occupationKept"])} |
| ROME by layer 0…5 (60 names, 11 contexts) | {", ".join(percent(x) for x in f["romeByLayer"])} |
| weight edit with covariance ({weights["edits"]} edits): efficacy, paraphrases | {percent(weights["efficacy"])}, {percent(weights["paraphrases"])} |
| … {weights["otherNames"]} other names keep gender, home, occupation | {percent(weights["othersKeep"]["gender"])} (worst {percent(weights["othersKeepGenderWorst"])}), {percent(weights["othersKeep"]["location"])}, {percent(weights["othersKeep"]["occupation"])} |
| logistic regression on Δv, 30 % held out | {percent(f["classifier"]["testAccuracy"])}; shuffled labels {percent(f["classifier"]["shuffledLabels"])} |
| against transformers, largest difference of a log probability | {f["parityWithTransformers"]:.1e} |

The sign vector on the names of `names-new.csv`, by the greedy next token:

| scale | female→male | male→female | male stays | female stays | random sign vectors change |
|---|---|---|---|---|---|
{sweep_rows(f)}

Causal trace: P(answer) clean, with a corrupted subject, and with one layer's MLP output restored at the subject's last token:

| | clean | corrupted | 0 | 1 | 2 | 3 | 4 | 5 |
|---|---|---|---|---|---|---|---|---|
{trace_row("gender", f["trace"]["gender"])}
{trace_row("home", f["trace"]["location"])}
"""


def write(steps: int, scale: float) -> None:
    figures = json.loads(FIGURES.read_text())
    (MODEL / "README.md").write_text(card(figures, steps, scale))
