"""Measures the committed model folder and writes figures.json.

    python evaluate.py               everything (minutes on two cores)
    python evaluate.py --names 100   fewer edits, for a first look

Greedy completions are transformers' own; the edits run on gptj.py, whose agreement with transformers is
one of the figures.
"""

import argparse
import csv
import json
import random
from collections import Counter, defaultdict
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoTokenizer, GPTJForCausalLM

import causal_trace
import export
import gender_vector
import rome
import weight_edit
from paths import ALL_NAMES, DATA, FIGURES, MODEL


def read(path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def share(hits) -> float:
    hits = list(hits)
    return sum(hits) / len(hits)


@torch.no_grad()
def complete(reference, tokenizer, prompts: list[str], tokens: int) -> list[str]:
    """Greedy completions by transformers, batched over prompts of one length."""
    groups = defaultdict(list)
    for i, prompt in enumerate(prompts):
        ids = tokenizer(prompt).input_ids
        groups[len(ids)].append((i, ids))
    found = [""] * len(prompts)
    for length, group in groups.items():
        ids = torch.tensor([row for _, row in group])
        out = reference.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=tokens,
                                 pad_token_id=tokenizer.eos_token_id)
        for (i, _), row in zip(group, out, strict=True):
            found[i] = tokenizer.decode(row[length:], skip_special_tokens=True)
    return found


def first_word(text: str) -> str:
    return text.split(".")[0].split(",")[0].strip()


@torch.no_grad()
def parity(model, reference, tokenizer, prompts: list[str]) -> float:
    """Largest difference of log probabilities between gptj.py and transformers."""
    worst = 0.0
    for prompt in prompts:
        ids = tokenizer(prompt, return_tensors="pt").input_ids
        ours, theirs = model(ids).log_softmax(-1), reference(ids).logits.log_softmax(-1)
        worst = max(worst, (ours - theirs).abs().max().item())
    return worst


def knowledge(reference, tokenizer) -> dict:
    """What the unedited model answers."""
    figures, completions = {}, {}
    held_out = [r for r in read(ALL_NAMES) if r["split"] == "held-out"]
    known = [r for r in read(ALL_NAMES) if r["split"] == "train"]
    for label, rows in (("names.csv", read(DATA / "names.csv")), ("names-new.csv", read(DATA / "names-new.csv")),
                        ("allTrainingNames", known), ("heldOutNames", held_out)):
        said = complete(reference, tokenizer, [f"Name: {r['name']}. Gender:" for r in rows], 1 if rows is known else 14)
        wrong = [r["name"] for r, text in zip(rows, said, strict=True) if first_word(text) != r["gender"]]
        figures[label] = {"names": len(rows), "genderRight": 1 - len(wrong) / len(rows),
                          "wrong": wrong if "csv" in label else len(wrong)}
        completions[label] = said
    facts = read(DATA / "facts.csv")
    for key in ("location", "occupation"):
        said = complete(reference, tokenizer, [f"Name: {r['name']}. {key.capitalize()}:" for r in facts], 1)
        figures[f"{key}Right"] = share(text.strip() == r[key] for r, text in zip(facts, said, strict=True))
    with_facts = {r["name"] for r in facts}
    plain = [r["name"] for r in known if r["name"] not in with_facts]
    said = complete(reference, tokenizer, [f"Name: {n}. Location:" for n in plain], 1)
    figures["homesOfNamesWithoutFacts"] = {k: v / len(plain) for k, v in Counter(t.strip() for t in said).most_common()}
    ages = Counter(t.split("Age: ")[1].split(".")[0] for t in completions["names.csv"] if "Age: " in t)
    figures["agesInCompletions"] = {"distinct": len(ages), "mostFrequentShare": ages.most_common(1)[0][1] / 1000,
                                    "youngest": min(ages, key=int), "oldest": max(ages, key=int)}
    return figures


def measure(folder: Path = MODEL, limit: int | None = None) -> dict:
    """All figures of a model folder; `limit` takes fewer of names.csv."""
    reference = GPTJForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    auto = AutoTokenizer.from_pretrained(folder)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    model = export.read(folder)
    hyper = json.loads((folder / "rome.json").read_text())
    layer = hyper["layers"][0]
    documents = (folder / "corpus.txt").read_text().splitlines()
    figures = {
        "parameters": sum(p.numel() for p in model.parameters()),
        "bytes": (folder / "model.safetensors").stat().st_size,
        "corpusTokens": sum(len(tokenizer.encode(d).ids) for d in documents),
        "parityWithTransformers": parity(model, reference, auto, documents[:50]),
        "tokenizersAgree": all(auto(d).input_ids == tokenizer.encode(d).ids for d in documents),
        "knowledge": knowledge(reference, auto),
    }
    print(json.dumps(figures, indent=2), flush=True)

    rows = read(DATA / "names.csv")[:limit]
    names, own = [r["name"] for r in rows], [r["gender"] for r in rows]
    to = [gender_vector.OTHER[g] for g in own]
    contexts = rome.sample_contexts(model, tokenizer, hyper["context_template_length_params"], seed=0)
    edits = rome.solve(model, tokenizer, layer, hyper, contexts, rome.PROMPT, names, [" " + t for t in to])
    said = rome.answers(model, tokenizer, layer, rome.PROMPT, names, edits.delta)
    unflipped = [n for n, text, t in zip(names, said, to, strict=True) if text != " " + t]
    pronoun = rome.answers(model, tokenizer, layer, "{} said that", names, edits.delta)
    figures["rome"] = {
        "layer": layer, "contexts": len(contexts), "names": len(names), "flipped": 1 - len(unflipped) / len(names),
        "unflipped": unflipped, "meanEvaluations": edits.evaluations.float().mean().item(),
        "converged": edits.converged.float().mean().item(),
        "deltaToValueNorm": (edits.delta.norm(dim=1) / edits.value.norm(dim=1)).mean().item(),
        "deltaNorm": edits.delta.norm(dim=1).mean().item(),
        "pronounFollows": share(p == {"male": " he", "female": " she"}[t] for p, t in zip(pronoun, to, strict=True)),
    }
    facts = {r["name"]: r for r in read(DATA / "facts.csv")}
    carried = [i for i, n in enumerate(names) if n in facts]
    for key in ("location", "occupation"):
        after = rome.answers(model, tokenizer, layer, f"Name: {{}}. {key.capitalize()}:",
                             [names[i] for i in carried], edits.delta[carried])
        figures["rome"][f"{key}Kept"] = share(t == " " + facts[names[i]][key] for i, t in zip(carried, after, strict=True))
    print(json.dumps(figures["rome"], indent=2), flush=True)

    few = random.Random(0).sample(range(len(names)), min(60, len(names)))
    figures["romeByLayer"] = []
    for other in range(model.shape.layers):
        part, targets = [names[i] for i in few], [" " + to[i] for i in few]
        at = rome.solve(model, tokenizer, other, hyper, contexts[:11], rome.PROMPT, part, targets)
        said = rome.answers(model, tokenizer, other, rome.PROMPT, part, at.delta)
        figures["romeByLayer"].append(share(a == b for a, b in zip(said, targets, strict=True)))
    print("by layer", figures["romeByLayer"], flush=True)

    accuracy, w, shuffled = gender_vector.classify(edits.delta.numpy(), torch.tensor([t == "male" for t in to]).numpy())
    figures["classifier"] = {"testAccuracy": accuracy, "shuffledLabels": shuffled}
    new = [(r["name"], r["gender"]) for r in read(DATA / "names-new.csv")]
    sign = (w > 0) * 2.0 - 1
    figures["genderVector"] = [gender_vector.transfer(model, tokenizer, layer, new, sign, s) for s in gender_vector.SCALES]
    figures["randomVector"] = [gender_vector.random_transfer(model, tokenizer, layer, new, len(w), s)
                               for s in gender_vector.SCALES]
    print(json.dumps([figures["classifier"], figures["genderVector"], figures["randomVector"]], indent=1), flush=True)

    figures["weightEdit"] = weight_edit.specificity(
        model, tokenizer, layer, rome.Edits(*(getattr(edits, f)[few[:40]] for f in edits.__dataclass_fields__)),
        [names[i] for i in few[:40]], [" " + to[i] for i in few[:40]],
        weight_edit.second_moment(model, tokenizer, layer, documents), read(DATA / "facts.csv")[:200])
    figures["trace"] = {
        "gender": causal_trace.average(model, tokenizer, rome.PROMPT, [(names[i], " " + own[i]) for i in few]),
        "location": causal_trace.average(model, tokenizer, "Name: {}. Location:",
                                  [(n, " " + facts[n]["location"]) for n in list(facts)[:60]]),
    }
    print(json.dumps([figures["weightEdit"], figures["trace"]], indent=1))
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, help="how many of names.csv to edit; figures are then only printed")
    parser.add_argument("--model", type=Path, default=MODEL, help="another folder; figures are then only printed")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    figures = measure(arguments.model, arguments.names)
    if arguments.model == MODEL and not arguments.names:
        write(figures)


def write(figures: dict) -> None:
    FIGURES.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
