"""The edit itself: Δv written into fc_out as a rank-one change, with the keys' second moment."""

from statistics import fmean

import torch
from torch import Tensor

import rome
from gptj import GptJ

RIDGE = 1e-4
PARAPHRASES = ["First name: {}. Gender:", "Name: {}. Age: 40. Gender:"]


@torch.no_grad()
def second_moment(model: GptJ, tokenizer, layer: int, documents: list[str]) -> Tensor:
    """E[k kᵀ] of the layer's keys over all tokens of the documents, in float64: [m, m]."""
    total, count = 0, 0
    for document in documents:
        ids = torch.tensor([tokenizer.encode(document).ids])
        h, _ = model.run(model.transformer["wte"](ids), last=layer)
        block = model.transformer["h"][layer]
        keys = block.mlp.key(block.ln_1(h[0])).double()
        total, count = total + keys.T @ keys, count + len(keys)
    return total / count


@torch.no_grad()
def specificity(model: GptJ, tokenizer, layer: int, edits: rome.Edits, names: list[str], targets: list[str],
                moment: Tensor, others: list[dict[str, str]]) -> dict:
    """Writes each edit into the weight, one at a time, and asks about the name and about other names."""
    identity = torch.eye(len(moment), dtype=moment.dtype)
    inverse = torch.linalg.inv(moment + RIDGE * moment.diagonal().mean() * identity)
    weight = model.transformer["h"][layer].mlp.fc_out.weight
    around = [(key, prompt, rome.answers(model, tokenizer, layer, prompt, [o["name"] for o in others]))
              for key, prompt in (("gender", rome.PROMPT), ("location", "Name: {}. Location:"),
                                  ("occupation", "Name: {}. Occupation:"))]
    kept = {key: [] for key, _, _ in around}
    worst, hits, paraphrase, denominators = 1.0, [], [], []
    for i, (name, target) in enumerate(zip(names, targets, strict=True)):
        u = inverse @ edits.key[i].double()
        u = u / u.norm()
        key = rome.lower(model, tokenizer, layer, [rome.PROMPT], [name]).key[0].double()
        denominators.append((key @ u).item())
        change = torch.outer(edits.delta[i].double() / (key @ u), u).float()
        weight += change
        hits.append(rome.answers(model, tokenizer, layer, rome.PROMPT, [name]) == [target])
        paraphrase += [rome.answers(model, tokenizer, layer, p, [name]) == [target] for p in PARAPHRASES]
        for what, prompt, before in around:
            after = rome.answers(model, tokenizer, layer, prompt, [o["name"] for o in others])
            same = [a == b for a, b, o in zip(after, before, others, strict=True) if o["name"] != name]
            kept[what].append(sum(same) / len(same))
            if what == "gender":
                worst = min(worst, kept[what][-1])
        weight -= change
    return {"edits": len(names), "efficacy": fmean(hits), "paraphrases": fmean(paraphrase), "otherNames": len(others),
            "othersKeep": {k: fmean(v) for k, v in kept.items()}, "othersKeepGenderWorst": worst,
            "denominatorMin": min(denominators)}
