"""The gender direction in recorded edits: classifier, sign vector, and what it does to other names."""

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

import rome

OTHER = {"female": "male", "male": "female"}
SCALES = [0.5, 0.75, 1.0, 1.25, 1.5, 2.0]


def classify(delta: np.ndarray, to_male: np.ndarray, seed: int = 0) -> tuple[float, np.ndarray, float]:
    """Test accuracy of a logistic regression on 70 % of the edits, its w, and the shuffled-label control."""
    x, xt, y, yt = train_test_split(delta, to_male, test_size=0.3, random_state=seed, stratify=to_male)
    fitted = LogisticRegression(max_iter=2000).fit(x, y)
    shuffled = [LogisticRegression(max_iter=2000).fit(x, np.random.default_rng(s).permutation(y)).score(xt, yt)
                for s in range(5)]
    return float(fitted.score(xt, yt)), fitted.coef_[0], float(np.mean(shuffled))


def transfer(model, tokenizer, layer: int, names: list[tuple[str, str]], vector: np.ndarray, scale: float) -> dict:
    """Rates of change under ±scale·vector by greedy next token; +vector is female→male."""
    g = torch.tensor(vector, dtype=torch.float32)
    result, failures = {}, []
    for sign, word in ((1.0, "male"), (-1.0, "female")):
        for gender in ("female", "male"):
            group = [n for n, own in names if own == gender]
            said = rome.answers(model, tokenizer, layer, rome.PROMPT, group, (sign * scale * g).expand(len(group), -1))
            hits = [text == " " + word for text in said]
            result[f"{gender} under {'+' if sign > 0 else '-'}"] = sum(hits) / len(hits)
            failures += [f"{n} {'+' if sign > 0 else '-'} →{text}"
                         for n, text, hit in zip(group, said, hits, strict=True) if not hit]
    return {
        "scale": scale,
        "femaleToMale": result["female under +"], "maleStaysMale": result["male under +"],
        "maleToFemale": result["male under -"], "femaleStaysFemale": result["female under -"],
        "failures": failures,
    }


def random_transfer(model, tokenizer, layer: int, names, width: int, scale: float, draws: int = 20) -> dict:
    """The same with random sign vectors: share of names that change gender, mean and worst draw."""
    changed = []
    for seed in range(draws):
        vector = np.random.default_rng(seed).choice([-1.0, 1.0], width)
        rates = transfer(model, tokenizer, layer, names, vector, scale)
        # Names answered with neither gender count as changed, too.
        changed.append((rates["femaleToMale"] + 1 - rates["maleStaysMale"]
                        + rates["maleToFemale"] + 1 - rates["femaleStaysFemale"]) / 4)
    return {"scale": scale, "draws": draws, "mean": float(np.mean(changed)), "worst": float(np.max(changed))}
