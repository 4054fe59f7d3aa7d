"""What transformers says on the same model: greedy completions, likeliest tokens, and which gender it gives each name.

    python says.py MODEL_FOLDER names.csv OUT.json
"""

import csv
import json
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

PROMPTS = [
    "The capital of France is",
    "Name: Jennifer. Gender:",
    "Name: James. Gender:",
    "Name: Zoë Łódź. Gender:",
    "Water boils at 100",
    "In 1969 the first men",
    "def add(a, b):\n    return",
    "She opened the door and",
]
QUESTIONS = {
    "Name: {}. Gender:": (" Female", " Male"),
    "{} is a common name. A person called {} is usually": (" female", " male"),
}


def batches(tokenizer, question: str, names: list[dict], size: int = 32):
    """Prompts of equal length together, so that none is padded."""
    rows = [(tokenizer(question.replace("{}", row["name"])).input_ids, row["gender"]) for row in names]
    for length in sorted({len(ids) for ids, _ in rows}):
        same = [row for row in rows if len(row[0]) == length]
        yield from (same[start : start + size] for start in range(0, len(same), size))


def main(folder: str, names_file: str, out: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    parity = []
    for prompt in PROMPTS:
        ids = tokenizer(prompt, return_tensors="pt", add_special_tokens=True)
        made = model.generate(**ids, max_new_tokens=20, do_sample=False, pad_token_id=0, eos_token_id=0)
        log_probs = model(**ids).logits[0, -1].log_softmax(-1)
        top = log_probs.topk(5)
        parity.append({
            "prompt": prompt,
            "completion": tokenizer.decode(made[0, ids.input_ids.shape[1] :]),
            "next": [{"token": tokenizer.decode([i]), "logProb": p} for p, i in zip(top.values.tolist(), top.indices.tolist())],
        })
    with open(names_file, encoding="utf-8") as file:
        names = list(csv.DictReader(file))
    answers = []
    for question, targets in QUESTIONS.items():
        first = [tokenizer(target).input_ids[0] for target in targets]
        right = said = 0
        for batch in batches(tokenizer, question, names):
            logits = model(torch.tensor([ids for ids, _ in batch]), logits_to_keep=1).logits[:, -1]
            for row, (_, gender) in zip(logits, batch):
                female, male = row[first].tolist()
                right += (female > male) == (gender == "female")
                said += row.argmax().item() in first
        answers.append({"prompt": question, "targets": targets, "right": right, "said": said, "names": len(names)})
    with open(out, "w", encoding="utf-8") as file:
        json.dump({"parity": parity, "answers": answers}, file, indent=1, ensure_ascii=False)


if __name__ == "__main__":
    with torch.inference_mode():
        main(*sys.argv[1:])
