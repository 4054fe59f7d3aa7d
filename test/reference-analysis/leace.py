"""Writes test/fixtures/analysis/leace.json: the concept-erasure package's answers on small random data.

    pip install -r requirements.txt && python leace.py
"""

import json
from pathlib import Path

import numpy as np
import torch
from concept_erasure import LeaceFitter

OUTPUT = Path(__file__).parents[1] / "fixtures" / "analysis" / "leace.json"
random = np.random.default_rng(20230606)

# name, rows, width, share of label 1
DATA = [
    ("correlated", 60, 7, 0.5),
    ("unbalanced and far from the origin", 50, 5, 0.2),
    ("wider than it has rows", 12, 20, 0.5),
]


def rounded(values):
    return [float(f"{value:.12g}") for value in np.ravel(values)]


def case(name, rows, width, share):
    labels = (np.arange(rows) < round(rows * share)).astype(int)
    random.shuffle(labels)
    x = random.normal(size=(rows, width)) @ random.normal(size=(width, width))
    x += np.outer(labels, random.normal(size=width)) + (100 if "origin" in name else 0)
    x = np.array(rounded(x)).reshape(rows, width)
    # The closed form itself: the package's shrinkage and its bound on the trace are remedies for estimated covariances.
    options = {"shrinkage": False, "constrain_cov_trace": False, "dtype": torch.float64}
    fitter = LeaceFitter(width, 1, **options).update(torch.tensor(x), torch.tensor(labels, dtype=torch.float64))
    eraser = fitter.eraser
    return {
        "name": name,
        "width": width,
        "rows": rounded(x),
        "labels": labels.tolist(),
        "mean": rounded(eraser.bias),
        "projection": rounded(eraser.proj_left @ eraser.proj_right),
        "erased": rounded(eraser(torch.tensor(x))),
    }


OUTPUT.write_text(json.dumps([case(*data) for data in DATA]) + "\n")
