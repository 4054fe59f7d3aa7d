"""GPT-J in plain PyTorch, with the parameter names of its Hugging Face checkpoints.

Written out so that training can exchange MLP outputs in the middle of the forward pass and the ROME
solve can run the upper layers alone. `evaluate.py` checks it against transformers.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass
class Shape:
    vocabulary: int = 2048
    width: int = 256
    layers: int = 6
    heads: int = 4
    rotary: int = 32
    positions: int = 256
    epsilon: float = 1e-5


def rotate(x: Tensor, positions: Tensor, rotary: int) -> Tensor:
    """Rotary embedding of the first `rotary` dimensions, in interleaved pairs. x: [b, heads, t, head]."""
    frequency = 10000 ** (-torch.arange(0, rotary, 2) / rotary)
    angle = positions.float()[..., None] * frequency
    sin, cos = angle.sin().to(x.dtype), angle.cos().to(x.dtype)
    even, odd, rest = x[..., 0:rotary:2], x[..., 1:rotary:2], x[..., rotary:]
    turned = torch.stack([even * cos - odd * sin, odd * cos + even * sin], -1).flatten(-2)
    return torch.cat([turned, rest], -1)


def causal(length: int) -> Tensor:
    """The mask that lets a position see itself and what is before it: [length, length]."""
    return torch.full((length, length), -1e4).triu(1)


class Attention(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        for name in ("k_proj", "v_proj", "q_proj", "out_proj"):
            setattr(self, name, nn.Linear(shape.width, shape.width, bias=False))

    def forward(self, x, positions, mask, past):
        def split(y):
            return y.view(*y.shape[:2], self.shape.heads, -1).transpose(1, 2)

        q = rotate(split(self.q_proj(x)), positions, self.shape.rotary)
        k = rotate(split(self.k_proj(x)), positions, self.shape.rotary)
        v = split(self.v_proj(x))
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        # Rows are short: written out, this is faster on a CPU than the fused kernel and its backward.
        scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[-1]) + mask
        y = scores.softmax(-1).to(v.dtype) @ v
        return self.out_proj(y.transpose(1, 2).flatten(2)), (k, v)


class Mlp(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.fc_in = nn.Linear(shape.width, 4 * shape.width)
        self.fc_out = nn.Linear(4 * shape.width, shape.width)

    def key(self, x: Tensor) -> Tensor:
        return F.gelu(self.fc_in(x), approximate="tanh")

    def forward(self, x: Tensor) -> Tensor:
        return self.fc_out(self.key(x))


class Block(nn.Module):
    """h + attention(norm(h)) + mlp(norm(h))."""

    def __init__(self, shape: Shape):
        super().__init__()
        self.ln_1 = nn.LayerNorm(shape.width, eps=shape.epsilon)
        self.attn = Attention(shape)
        self.mlp = Mlp(shape)

    def forward(self, h, positions, mask, past=None, intervene=None):
        x = self.ln_1(h)
        attention, present = self.attn(x, positions, mask, past)
        value = self.mlp(x)
        if intervene is not None:
            value = intervene(value)
        return h + attention + value, present


class GptJ(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.transformer = nn.ModuleDict({
            "wte": nn.Embedding(shape.vocabulary, shape.width),
            "h": nn.ModuleList(Block(shape) for _ in range(shape.layers)),
            "ln_f": nn.LayerNorm(shape.width, eps=shape.epsilon),
        })
        self.lm_head = nn.Linear(shape.width, shape.vocabulary)
        self.initialise()

    def initialise(self) -> None:
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            elif "wte" in name:
                nn.init.normal_(parameter, std=0.1)
            elif "lm_head" in name:
                nn.init.normal_(parameter, std=0.02)
            elif parameter.dim() == 2:
                gain = 0.5 if "out_proj" in name or "fc_out" in name else 1.0
                nn.init.normal_(parameter, std=gain / math.sqrt(parameter.shape[1]))

    def head(self, h: Tensor) -> Tensor:
        """Logits over the vocabulary."""
        return self.lm_head(self.transformer["ln_f"](h))

    def run(self, h, first=0, last=None, positions=None, mask=None, past=None, intervene=None):
        """Blocks first…last−1 on the stream h [b, t, width].

        `mask`: added to the attention scores [b, 1, t, past + t], causal by default;
        `past`: keys and values of earlier positions by layer; `intervene`: (layer, function of the MLP's
        output). Returns the stream and the keys and values by layer.
        """
        positions = torch.arange(h.shape[1]) if positions is None else positions
        mask = causal(h.shape[1]) if mask is None else mask
        present = {}
        for layer in range(first, self.shape.layers if last is None else last):
            change = intervene[1] if intervene and intervene[0] == layer else None
            h, present[layer] = self.transformer["h"][layer](
                h, positions, mask, past[layer] if past else None, change)
        return h, present

    def forward(self, ids: Tensor) -> Tensor:
        """Logits of right-padded rows."""
        return self.head(self.run(self.transformer["wte"](ids))[0])
