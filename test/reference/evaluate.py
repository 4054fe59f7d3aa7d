"""What an edit did to the rest of the model: CounterFact's formulas."""

from collections import Counter
from math import exp, log2

import torch

from model import Model


@torch.no_grad()
def target_log_probs(model: Model, prompt: str, target: str) -> tuple[list[int], list[float]]:
    """Ids of the target's tokens and log p of each, given the prompt and the ones before it.

    CounterFact compares targets by the mean over their tokens.
    """
    target_ids = model.tokenizer(target, add_special_tokens=False).input_ids
    log_probs = model.logits(model.tokens(prompt) + target_ids)[:-1].log_softmax(-1)
    last = log_probs[-len(target_ids) :]
    return target_ids, last[torch.arange(len(target_ids)), target_ids].tolist()


@torch.no_grad()
def perplexity(model: Model, text: str) -> float:
    """exp of the mean −log p over all tokens but the first."""
    ids = model.tokens(text)
    log_probs = model.logits(ids)[:-1].log_softmax(-1)
    return exp(-log_probs[torch.arange(len(ids) - 1), ids[1:]].double().mean().item())


def divergence(before: torch.Tensor, after: torch.Tensor) -> float:
    """KL(before ‖ after) of two vectors of log-probabilities."""
    return (before.exp() * (before - after)).sum().item()


def entropy(words: list[str], size: int) -> float:
    """Entropy in bits of the n-grams' relative frequencies; 0 where there are none."""
    counts = Counter(zip(*(words[start:] for start in range(size)), strict=False))
    total = counts.total()
    return -sum(count / total * log2(count / total) for count in counts.values())


def n_gram_entropy(words: list[str]) -> float:
    """CounterFact's fluency: the mean of 2/3 of the bigrams' entropy and 4/3 of the trigrams'."""
    return (2 / 3 * entropy(words, 2) + 4 / 3 * entropy(words, 3)) / 2
