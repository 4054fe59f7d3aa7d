"""Writes test/fixtures/analysis/referee.json: scikit-learn's and scipy's answers for the referee's statistics.

    pip install -r requirements.txt && python referee.py
"""

import json
from pathlib import Path

import numpy as np
from scipy.stats import binomtest, bootstrap
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

OUTPUT = Path(__file__).parents[1] / "fixtures" / "analysis" / "referee.json"
random = np.random.default_rng(20261127)


def discriminant(rows, width, share):
    labels = (np.arange(rows) < round(rows * share)).astype(int)
    x = np.round(random.normal(size=(rows, width)) * np.geomspace(4, 0.1, width) + np.outer(labels, np.ones(width)), 3)
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(x, labels)
    scores = model.decision_function(x)
    return {
        "width": width,
        "rows": x.ravel().tolist(),
        "labels": labels.tolist(),
        "weights": [float(f"{value:.12g}") for value in model.coef_[0]],
        "intercept": float(model.intercept_[0]),
        "auc": float(roc_auc_score(labels, np.round(scores))),
        "rounded": np.round(scores).tolist(),
        "balancedAccuracy": float(balanced_accuracy_score(labels, scores > 0)),
    }


def sign_test(first, second):
    return {"first": first, "second": second, "p": float(binomtest(first, first + second, 0.5).pvalue)}


def share(hits, count):
    sample = (np.arange(count) < hits,)
    interval = bootstrap(sample, np.mean, method="percentile", n_resamples=20_000, random_state=1).confidence_interval
    return {"hits": hits, "count": count, "interval": [float(interval.low), float(interval.high)]}


OUTPUT.write_text(
    json.dumps(
        {
            "discriminants": [discriminant(60, 8, 0.5), discriminant(30, 40, 0.3)],
            "mcNemar": [sign_test(*pair) for pair in [(0, 5), (3, 12), (10, 10), (1, 0), (40, 80)]],
            "shares": [share(*pair) for pair in [(90, 100), (3, 40), (150, 300)]],
        }
    )
    + "\n"
)
