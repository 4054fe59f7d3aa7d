"""Writes test/fixtures/analysis/reference.json: scikit-learn's and scipy's answers on small random data.

    pip install -r requirements.txt && python analysis.py
"""

import json
from pathlib import Path

import numpy as np
from scipy.stats import binomtest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

OUTPUT = Path(__file__).parents[1] / "fixtures" / "analysis" / "reference.json"
random = np.random.default_rng(20220210)

# name, rows, width, distance between the classes, share of label 1
DATA = [
    ("separable", 80, 12, 6.0, 0.5),
    ("overlapping", 120, 10, 1.0, 0.5),
    ("unbalanced and far from the origin", 90, 8, 2.0, 0.2),
    ("wider than it has rows", 40, 90, 3.0, 0.5),
]
STRENGTHS = [1e-3, 1e-1, 1.0, 30.0, 1e3]
WILSON = [(300, 300), (298, 300), (0, 12), (1, 1), (150, 300), (7, 9)]


def rounded(values):
    return [float(f"{value:.10g}") for value in np.ravel(values)]


def data(name, rows, width, distance, share):
    labels = (np.arange(rows) < round(rows * share)).astype(int)
    random.shuffle(labels)
    direction = random.normal(size=width)
    direction /= np.linalg.norm(direction)
    spread = np.geomspace(5, 0.05, width)
    x = random.normal(size=(rows, width)) * spread + np.outer(labels * distance, direction)
    if "origin" in name:
        x += 20 * random.normal(size=width)
    return np.round(x, 3), labels


def logistic(x, labels, strength):
    model = LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-12, max_iter=10_000).fit(x, labels)
    return {
        "C": strength,
        "weights": rounded(model.coef_),
        "intercept": float(model.intercept_[0]),
        "accuracy": float(model.score(x, labels)),
        "logLoss": float(log_loss(labels, model.predict_proba(x))),
    }


def principal_components(x):
    model = PCA(n_components=3, svd_solver="full").fit(x)
    return {
        "coordinates": rounded(model.transform(x)),
        "explainedVariance": rounded(model.explained_variance_ratio_),
    }


def case(name, *shape):
    x, labels = data(name, *shape)
    return {
        "name": name,
        "width": x.shape[1],
        "rows": x.ravel().tolist(),
        "labels": labels.tolist(),
        "logistic": [logistic(x, labels, strength) for strength in STRENGTHS],
        "pca": principal_components(x),
    }


def wilson(successes, total):
    interval = binomtest(successes, total).proportion_ci(0.95, method="wilson")
    return {"successes": successes, "total": total, "interval": [float(interval.low), float(interval.high)]}


OUTPUT.parent.mkdir(exist_ok=True)
OUTPUT.write_text(json.dumps({"data": [case(*entry) for entry in DATA], "wilson": [wilson(*entry) for entry in WILSON]}) + "\n")
