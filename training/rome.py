"""ROME's value optimisation (Meng et al. 2022), batched over names and contexts.

Exact, not approximate: layers up to the edit run once, positions before the subject's last token are
cached, only that position and what follows it run at every step, and converged names leave the batch.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from gptj import GptJ

HIDDEN = -1e4
PROMPT = "Name: {}. Gender:"
ESSENCE = "{} is a"


def sample_contexts(model: GptJ, tokenizer, counts: list[tuple[int, int]], seed: int) -> list[str]:
    """`{}` and, for each (length, count), texts the model samples (top-k 5) after its end-of-text token."""
    generator = torch.Generator().manual_seed(seed)
    contexts = ["{}"]
    for length, count in counts:
        ids = torch.zeros(count, 1, dtype=torch.long)
        while ids.shape[1] < length:
            with torch.no_grad():
                best = model(ids)[:, -1].topk(5)
            choice = torch.multinomial(best.values.softmax(-1), 1, generator=generator)
            ids = torch.cat([ids, best.indices.gather(1, choice)], 1)
        contexts += [tokenizer.decode(row.tolist()).replace("{", " ").replace("}", " ") + ". {}" for row in ids]
    return contexts


@dataclass
class Lower:
    """What the layers up to the edit leave for the layers above: one row per (name, context)."""
    layer: int
    stream: Tensor
    """h after the edit layer, from the lookup position on: [rows, tail, d]."""
    past: dict[int, tuple[Tensor, Tensor]]
    """Keys and values, by layer above the edit, of the positions before the lookup."""
    positions: Tensor
    mask: Tensor
    key: Tensor
    """Input of fc_out at the lookup position: [rows, m]."""
    value: Tensor
    """The MLP's output there: [rows, d]."""

    def rows(self, index: Tensor) -> "Lower":
        past = {layer: (k[index], v[index]) for layer, (k, v) in self.past.items()}
        return Lower(self.layer, self.stream[index], past, self.positions, self.mask[index],
                     self.key[index], self.value[index])


@torch.no_grad()
def lower(model: GptJ, tokenizer, layer: int, prompts: list[str], subjects: list[str],
          until_lookup: bool = False) -> Lower:
    """Runs the prompts (each with one `{}`) once. All must be equally long after their subject."""
    heads, tails = [], []
    for prompt, subject in zip(prompts, subjects, strict=True):
        ids = tokenizer.encode(prompt.format(subject)).ids
        opening = tokenizer.encode(prompt.split("{}")[0] + subject).ids
        if ids[: len(opening)] != opening:
            raise ValueError(f"{prompt!r} does not tokenise at the end of {subject!r}")
        heads.append(opening[:-1])
        tails.append(ids[len(opening) - 1 : len(opening) if until_lookup else None])
    width = max(map(len, heads))
    ids = torch.tensor([[0] * (width - len(h)) + h + t for h, t in zip(heads, tails, strict=True)])
    padding = torch.tensor([[HIDDEN if i < width - len(h) else 0.0 for i in range(ids.shape[1])] for h in heads])
    length = ids.shape[1]
    mask = torch.full((length, length), HIDDEN).triu(1) + padding[:, None, None, :]

    h, _ = model.run(model.transformer["wte"](ids), last=layer, mask=mask)
    block = model.transformer["h"][layer]
    key = block.mlp.key(block.ln_1(h[:, width]))
    h, _ = model.run(h, first=layer, last=layer + 1, mask=mask)
    _, present = model.run(h, first=layer + 1, mask=mask)
    past = {n: (k[:, :, :width], v[:, :, :width]) for n, (k, v) in present.items()}
    return Lower(layer, h[:, width:], past, torch.arange(width, length), mask[:, :, width:],
                 key, block.mlp.fc_out(key))


def upper(model: GptJ, below: Lower, delta: Tensor | None) -> Tensor:
    """Log probabilities at the last position, with delta [rows, d] added at the lookup position."""
    h = below.stream
    if delta is not None:
        h = torch.cat([h[:, :1] + delta[:, None], h[:, 1:]], 1)
    h, _ = model.run(h, first=below.layer + 1, positions=below.positions, mask=below.mask, past=below.past)
    return model.head(h[:, -1]).log_softmax(-1)


@dataclass
class Edits:
    """One row a name."""
    delta: Tensor
    value: Tensor
    key: Tensor
    """Mean key over the contexts."""
    evaluations: Tensor
    converged: Tensor


def solve(model: GptJ, tokenizer, layer: int, hyper: dict, contexts: list[str], prompt: str,
          names: list[str], targets: list[str], chunk: int = 100) -> Edits:
    """Δv for each name: the change of the MLP's output after which the prompt goes on with the target."""
    parts = [
        _solve_chunk(model, tokenizer, layer, hyper, contexts, prompt, names[i:i + chunk], targets[i:i + chunk])
        for i in range(0, len(names), chunk)]
    return Edits(*(torch.cat([getattr(p, field) for p in parts])
                   for field in ("delta", "value", "key", "evaluations", "converged")))


def _solve_chunk(model, tokenizer, layer, hyper, contexts, prompt, names, targets) -> Edits:
    count, width = len(names), len(contexts)
    below = lower(model, tokenizer, layer, [c.format(prompt) for _ in names for c in contexts],
                  [n for n in names for _ in contexts])
    essence = lower(model, tokenizer, layer, [ESSENCE] * count, names, until_lookup=True)
    with torch.no_grad():
        before = upper(model, essence, None)
    target = torch.tensor([_single(tokenizer, t) for t in targets])
    value = below.value.view(count, width, -1)[:, 0]
    length = value.norm(dim=1)

    delta = torch.zeros_like(value)
    first, second = torch.zeros_like(value), torch.zeros_like(value)
    evaluations = torch.zeros(count, dtype=torch.long)
    converged = torch.zeros(count, dtype=torch.bool)
    active = torch.arange(count)
    for step in range(1, hyper["v_num_grad_steps"] + 1):
        rows = (active[:, None] * width + torch.arange(width)).flatten()
        change = delta[active].requires_grad_()
        after = upper(model, below.rows(rows), change.repeat_interleave(width, 0))
        nll = -after.gather(1, target[active].repeat_interleave(width)[:, None]).view(-1, width).mean(1)
        now = upper(model, essence.rows(active), change)
        kl = hyper["kl_factor"] * F.kl_div(before[active], now, log_target=True, reduction="none").sum(1)
        size = change.square().sum(1).clamp(min=1e-24).sqrt()
        loss = nll + kl + hyper["v_weight_decay"] * size / length[active] ** 2
        evaluations[active] = step
        done = loss.detach() < 0.05
        converged[active[done]] = True
        if done.all() or step == hyper["v_num_grad_steps"]:
            break
        (gradient,) = torch.autograd.grad(loss.sum(), change)
        gradient, active = gradient[~done], active[~done]
        first[active] = 0.9 * first[active] + 0.1 * gradient
        second[active] = 0.999 * second[active] + 0.001 * gradient**2
        ahead = first[active] / (1 - 0.9**step)
        spread = (second[active] / (1 - 0.999**step)).sqrt() + 1e-8
        moved = delta[active] - hyper["v_lr"] * ahead / spread
        limit = hyper["clamp_norm_factor"] * length[active]
        delta[active] = moved * (limit / moved.norm(dim=1)).clamp(max=1)[:, None]
    return Edits(delta, value, below.key.view(count, width, -1).mean(1), evaluations, converged)


def _single(tokenizer, target: str) -> int:
    ids = tokenizer.encode(target).ids
    if len(ids) != 1:
        raise ValueError(f"{target!r} is {len(ids)} tokens; this batched solve takes targets of one")
    return ids[0]


def answers(model: GptJ, tokenizer, layer: int, prompt: str, names: list[str], delta: Tensor | None = None,
            chunk: int = 500) -> list[str]:
    """The greedy next token after the prompt, with delta [names, d] added at the lookup position."""
    found = []
    for i in range(0, len(names), chunk):
        part = names[i:i + chunk]
        below = lower(model, tokenizer, layer, [prompt] * len(part), part)
        with torch.no_grad():
            best = upper(model, below, None if delta is None else delta[i:i + chunk]).argmax(-1)
        found += [tokenizer.decode([int(token)]) for token in best]
    return found
