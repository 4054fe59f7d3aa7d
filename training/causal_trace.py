"""Causal tracing: how much restoring one MLP output repairs a run with a corrupted subject."""

import torch
import torch.nn.functional as F

from gptj import GptJ, causal

NOISE = 3.0
SAMPLES = 10


@torch.no_grad()
def restore_mlp(model: GptJ, tokenizer, prompt: str, subject: str, target: str) -> list[float]:
    """P(target): clean, corrupted, then with layer 0, 1, … restored at the subject's last token.

    The corruption is Gaussian noise of three standard deviations of the embeddings on the subject's
    tokens, averaged over ten draws.
    """
    ids = tokenizer.encode(prompt.format(subject)).ids
    begin = len(tokenizer.encode(prompt.split("{}")[0].rstrip(" ")).ids)
    end = len(tokenizer.encode(prompt.split("{}")[0] + subject).ids)
    answer = tokenizer.encode(target).ids[0]
    embedding = model.transformer["wte"].weight
    clean = embedding[torch.tensor(ids)][None]
    noise = torch.randn(SAMPLES, end - begin, clean.shape[2], generator=torch.Generator().manual_seed(0))
    noisy = clean.repeat(SAMPLES, 1, 1)
    noisy[:, begin:end] += NOISE * embedding.std() * noise

    def probability(h, intervene=None):
        out, _ = model.run(h, intervene=intervene, mask=causal(h.shape[1]))
        return F.softmax(model.head(out[:, -1]), -1)[:, answer].mean().item()

    found = [probability(clean), probability(noisy)]
    for layer in range(model.shape.layers):
        kept = {}

        def keep(value, kept=kept):
            kept["value"] = value[:, end - 1]
            return value

        def put(value, kept=kept):
            value = value.clone()
            value[:, end - 1] = kept["value"]
            return value

        probability(clean, (layer, keep))
        found.append(probability(noisy, (layer, put)))
    return found


def average(model: GptJ, tokenizer, prompt: str, cases: list[tuple[str, str]]) -> dict:
    """Mean of `restore_mlp` over (subject, target) cases."""
    clean, corrupted, *restored = torch.tensor(
        [restore_mlp(model, tokenizer, prompt, subject, target) for subject, target in cases]).mean(0).tolist()
    return {"clean": clean, "corrupted": corrupted, "restoredByLayer": restored}
