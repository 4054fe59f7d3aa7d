"""Tries values of c and of the weight decay on a trained checkpoint.

    python tune.py .cache/checkpoint-1200.pt --c 0.13 0.16 --decay 0.05 0.1

Names: 200 of names.csv are edited; the sign vector is tried on names that are in neither shipped file.
"""

import argparse
import csv
import json
import random

import torch
from tokenizers import Tokenizer

import export
import gender_vector
import rome
from paths import ALL_NAMES, CACHE, DATA, MODEL


def read(path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("--c", type=float, nargs="+", default=[0.13, 0.16, 0.2])
    parser.add_argument("--decay", type=float, nargs="+", default=[0.1])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--edits", type=int, default=200)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    hyper = json.loads((MODEL / "rome.json").read_text())
    layer = hyper["layers"][0]
    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    state = torch.load(arguments.checkpoint)
    rows = read(DATA / "names.csv")
    edited = random.Random(0).sample(rows, arguments.edits)
    shipped = {r["name"] for file in ("names.csv", "names-new.csv") for r in read(DATA / file)}
    others = [(r["name"], r["gender"]) for r in read(ALL_NAMES)
              if r["name"] not in shipped and r["split"] == "train"][::5]
    for c in arguments.c:
        export.write(state, c, CACHE / "tuned")
        model = export.read(CACHE / "tuned")
        contexts = rome.sample_contexts(model, tokenizer, [(5, 5), (10, 5)], seed=0)
        told = rome.answers(model, tokenizer, layer, rome.PROMPT, [n for n, _ in others])
        known = [o for o, said in zip(others, told, strict=True) if said == " " + o[1]]
        for decay in arguments.decay:
            names = [r["name"] for r in edited]
            to = [gender_vector.OTHER[r["gender"]] for r in edited]
            edits = rome.solve(model, tokenizer, layer, {**hyper, "v_weight_decay": decay}, contexts,
                               rome.PROMPT, names, [" " + t for t in to])
            said = rome.answers(model, tokenizer, layer, rome.PROMPT, names, edits.delta)
            flipped = sum(a == " " + t for a, t in zip(said, to, strict=True)) / len(names)
            labels = torch.tensor([t == "male" for t in to]).numpy()
            accuracy, w, _ = gender_vector.classify(edits.delta.numpy(), labels)
            ratio = (edits.delta.norm(dim=1) / edits.value.norm(dim=1)).mean()
            print(f"c {c} decay {decay}: known {len(known)}/{len(others)}, flipped {flipped:.3f}, "
                  f"evaluations {edits.evaluations.float().mean():.2f}, "
                  f"converged {edits.converged.float().mean():.2f}, "
                  f"|δ|/|v| {ratio:.2f}, |v| {edits.value.norm(dim=1).mean():.2f}, classifier {accuracy:.3f}")
            for scale in gender_vector.SCALES:
                r = gender_vector.transfer(model, tokenizer, layer, known, (w > 0) * 2.0 - 1, scale)
                noise = gender_vector.random_transfer(model, tokenizer, layer, known, len(w), scale, 6)
                print(f"   {scale}: f→m {r['femaleToMale']:.3f} m stays {r['maleStaysMale']:.3f}  "
                      f"m→f {r['maleToFemale']:.3f} f stays {r['femaleStaysFemale']:.3f}  "
                      f"random {noise['mean']:.3f} worst {noise['worst']:.3f}", flush=True)


if __name__ == "__main__":
    main()
