"""Writes test/fixtures/analysis/referee.json: what scikit-learn, scipy and statsmodels say of the referee's statistics.

    pip install -r requirements.txt && python referee.py
"""

import json
from pathlib import Path

import numpy as np
from scipy.stats import binomtest, bootstrap
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

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


def wilson(hits, count):
    return {"hits": hits, "count": count, "interval": list(map(float, proportion_confint(hits, count, method="wilson")))}


def clustered(sizes, hits):
    """Survey statistics' linearised variance of a ratio; the effective number between clusters and things."""
    sizes, hits = np.array(sizes), np.array(hits)
    share, clusters = hits.sum() / sizes.sum(), len(sizes)
    variance = np.var(hits - share * sizes, ddof=1) * clusters / sizes.sum() ** 2
    agree = share in (0, 1)
    effective = clusters if agree else sizes.sum() if variance == 0 else share * (1 - share) / variance
    effective = np.clip(effective, clusters, sizes.sum())
    low, high = proportion_confint(share * effective, effective, method="wilson")
    return {"sizes": sizes.tolist(), "hits": hits.tolist(), "interval": [float(low), float(high)]}


def two(first, second):
    """Newcombe's interval of the difference; that of the mean is half the difference to the other's misses, plus a half."""
    (a, n), (b, m) = first, second
    difference = confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff")
    misses = confint_proportions_2indep(a, n, m - b, m, method="newcomb", compare="diff")
    return {
        "first": first,
        "second": second,
        "difference": [float(x) for x in difference],
        "mean": [float(x / 2 + 0.5) for x in misses],
    }


OUTPUT.write_text(
    json.dumps(
        {
            "discriminants": [discriminant(60, 8, 0.5), discriminant(30, 40, 0.3)],
            "mcNemar": [sign_test(*pair) for pair in [(0, 5), (3, 12), (10, 10), (1, 0), (40, 80)]],
            "wilson": [wilson(*pair) for pair in [(0, 20), (20, 20), (1, 40), (99, 100)]],
            "clustered": [
                clustered([10] * 20, [0] * 20),
                clustered([10, 10, 8, 12], [10, 10, 8, 12]),
                clustered([4, 4, 4, 4, 4, 4], [4, 4, 0, 4, 3, 4]),
                clustered([2] * 30, [1] * 30),
                clustered([3, 5, 2, 6, 4, 4, 1, 3], [3, 5, 2, 5, 4, 4, 0, 3]),
            ],
            "two": [two(*pair) for pair in [((40, 40), (0, 20)), ((30, 30), (29, 31)), ((7, 25), (9, 12))]],
            "shares": [share(*pair) for pair in [(90, 100), (3, 40), (150, 300)]],
        }
    )
    + "\n"
)
