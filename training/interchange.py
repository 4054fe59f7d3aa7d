"""Training: next tokens, with the place where a name's attributes live built in.

In each batch half of the rows with a subject have the MLP output of EDIT_LAYER at the subject's last
token exchanged with another row's, and continue with that other name's attributes (interchange
intervention training, Geiger et al. 2022). So what depends on the name has to pass through that place,
which is where ROME edits. Overshoot (up to twice the difference) and noise make the upper layers read
it robustly. A linear head that predicts gender, home, occupation and the distribution of ages from the
same vector is trained along and dropped afterwards: it speeds up the memory for facts, and trains
linear readability.
"""

import math
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from corpus import Corpus, Row
from gptj import GptJ, Shape
from names import AGES, CITIES, OCCUPATIONS, Name
from paths import CACHE
from templates import GENDERED_WORDS

EDIT_LAYER = 2
BATCH, MENTIONS = 96, 192
RATE, WARM_UP, DECAY, CLIP = 2.5e-3, 100, 0.05, 1.0
OVERSHOOT, NOISE = 2.0, 1.5
AUXILIARY = 0.5
IGNORE = -100


def token_weights(tokenizer, vocabulary: int) -> torch.Tensor:
    """How much a token counts in the loss: gendered words 4, cities and occupations 3, all else 1."""
    weights = torch.ones(vocabulary)
    for words, weight in ((GENDERED_WORDS, 4.0), (CITIES + OCCUPATIONS, 3.0)):
        for word in words:
            for text in (word, " " + word, " " + word.capitalize()):
                ids = tokenizer.encode(text).ids
                if len(ids) == 1:
                    weights[ids[0]] = weight
    return weights


def pad(rows: list[list[int]], value: int) -> torch.Tensor:
    longest = max(map(len, rows))
    return torch.tensor([r + [value] * (longest - len(r)) for r in rows])


class Attributes(nn.Module):
    """The auxiliary head: gender, home, occupation and age, linear in the MLP's output."""

    SIZES = [2, len(CITIES), len(OCCUPATIONS), len(AGES)]

    def __init__(self, width: int):
        super().__init__()
        self.read = nn.Linear(width, sum(self.SIZES))

    def loss(self, value: torch.Tensor, names: list[Name]) -> torch.Tensor:
        """Cross entropies in nats; for ages the divergence from the name's distribution."""
        labels = torch.tensor([[
            int(n.gender == "male"),
            CITIES.index(n.city) if n.has_facts else IGNORE,
            OCCUPATIONS.index(n.occupation) if n.has_facts else IGNORE] for n in names])
        ages = torch.tensor(np.stack([n.age_weights for n in names]), dtype=torch.float32)
        *parts, age = self.read(value.float()).split(self.SIZES, 1)
        facts = sum(F.cross_entropy(p, y, ignore_index=IGNORE) for p, y in zip(parts, labels.T, strict=True))
        return facts + F.kl_div(age.log_softmax(-1), ages, reduction="batchmean")


class Exchange:
    """The intervention on one batch: remembers the values it saw and changes those of swapped rows."""

    def __init__(self, at: torch.Tensor, partner: torch.Tensor, rng: torch.Generator):
        self.at, self.partner = at, partner
        swapped = partner != torch.arange(len(at))
        uniform = torch.rand(3, len(at), generator=rng)
        # Swapped rows: between the other name's value and twice the way to it. Noise on half of all rows.
        self.scale = torch.where(swapped, 1 + (OVERSHOOT - 1) * uniform[0], 0.0)
        self.noise = torch.where(uniform[1] < 0.5, NOISE * uniform[2], 0.0) * (at >= 0)
        self.direction = F.normalize(torch.randn(len(at), 256, generator=rng), dim=1)
        self.value = None

    def __call__(self, output: torch.Tensor) -> torch.Tensor:
        rows = torch.arange(len(self.at))
        value = output[rows, self.at.clamp(min=0)]
        self.value = value
        length = value.detach().norm(dim=1, keepdim=True)
        change = self.scale[:, None] * (value[self.partner] - value) + self.noise[:, None] * length * self.direction
        return output.index_put((rows, self.at.clamp(min=0)), change.to(output.dtype), accumulate=True)


def swap_partners(corpus: Corpus, batch: list[Row]) -> list[int]:
    """For half of the rows with a subject another such row, and the row's text rewritten for it."""
    partner = list(range(len(batch)))
    named = [i for i, row in enumerate(batch) if row.name]
    for i in corpus.rng.sample(named, len(named) // 2):
        partner[i] = corpus.rng.choice(named)
        if partner[i] != i:
            corpus.write(batch[i], batch[partner[i]].name)
    return partner


def batch_loss(model, attributes, corpus: Corpus, batch: list[Row], weights, rng):
    """Weighted next-token loss plus the auxiliary loss on this batch and on bare mentions."""
    partner = swap_partners(corpus, batch)
    ids = pad([r.ids for r in batch], corpus.end_of_text)
    at = torch.tensor([r.subject for r in batch])
    weight = weights[ids[:, 1:]]
    position = torch.arange(1, ids.shape[1])
    lengths = torch.tensor([len(r.ids) for r in batch])
    # A swapped subject says nothing about itself: there the loss begins after it.
    begin = torch.tensor([r.subject + 1 if partner[i] != i else max(r.start, 1) for i, r in enumerate(batch)])
    weight = weight * ((position >= begin[:, None]) & (position < lengths[:, None]))

    exchange = Exchange(at, torch.tensor(partner), rng)
    h, _ = model.run(model.transformer["wte"](ids[:, :-1]), intervene=(EDIT_LAYER, exchange))
    counted = weight > 0
    losses = F.cross_entropy(model.head(h[counted]).float(), ids[:, 1:][counted], reduction="none")
    language = (losses * weight[counted]).sum() / weight.sum()

    named = [i for i, r in enumerate(batch) if r.name]
    auxiliary = attributes.loss(exchange.value[named], [batch[i].name for i in named])
    mentions = corpus.mentions(MENTIONS)
    rows = pad([m[0] for m in mentions], corpus.end_of_text)
    h, _ = model.run(model.transformer["wte"](rows), last=EDIT_LAYER)
    block = model.transformer["h"][EDIT_LAYER]
    last = torch.tensor([len(m[0]) - 1 for m in mentions])
    value = block.mlp(block.ln_1(h[torch.arange(len(rows)), last]))
    auxiliary = auxiliary + attributes.loss(value, [m[1] for m in mentions])
    return language, auxiliary


def train(corpus: Corpus, steps: int, seed: int, checkpoint=None) -> GptJ:
    """Trains from nothing. `checkpoint(step, model)` is called every 250 steps and at the end."""
    torch.manual_seed(seed)
    rng = torch.Generator().manual_seed(seed)
    model = GptJ(Shape())
    attributes = Attributes(model.shape.width)
    parameters = [*model.parameters(), *attributes.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, betas=(0.9, 0.98), weight_decay=DECAY)

    def rate(step: int) -> float:
        warm = min(1.0, (step + 1) / WARM_UP)
        return warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    weights = token_weights(corpus.tokenizer, model.shape.vocabulary)
    waiting, tokens, begun = [], 0, time.time()
    for step in range(steps):
        waiting = waiting or corpus.batches(BATCH)
        batch = waiting.pop()
        with torch.autocast("cpu", torch.bfloat16):
            language, auxiliary = batch_loss(model, attributes, corpus, batch, weights, rng)
        (language + AUXILIARY * auxiliary).backward()
        nn.utils.clip_grad_norm_(parameters, CLIP)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        tokens += sum(len(r.ids) for r in batch)
        if step % 25 == 0 or step == steps - 1:
            print(f"step {step:5d}  loss {language.item():.3f}  auxiliary {auxiliary.item():.3f}  "
                  f"{tokens / 1e6:.2f}M tokens  {time.time() - begun:.0f} s", flush=True)
        if checkpoint and ((step + 1) % 250 == 0 or step == steps - 1):
            checkpoint(step + 1, model)
    return model


def save_checkpoint(step: int, model: GptJ) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), CACHE / f"checkpoint-{step}.pt")
