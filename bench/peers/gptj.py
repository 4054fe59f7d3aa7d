"""GPT-J's arithmetic by hand, in single precision, for the tuned peer: fused matrices, a cache, no needless work."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor
from torch.nn import functional


@dataclass
class Block:
    norm: tuple[Tensor, Tensor]
    # Queries, keys, values and the MLP's first matrix read the same norm: one product.
    into: Tensor
    into_bias: Tensor
    # Attention and MLP are added to the stream together: one product.
    out: Tensor
    out_bias: Tensor


class Network:
    def __init__(self, folder: str):
        config = json.loads((Path(folder) / "config.json").read_text())
        self.d, self.layers, self.heads = config["n_embd"], config["n_layer"], config["n_head"]
        self.m = config.get("n_inner") or 4 * self.d
        self.head_size, self.rotary = self.d // self.heads, config["rotary_dim"]
        self.epsilon = config["layer_norm_epsilon"]
        with safe_open(Path(folder) / "model.safetensors", "pt") as file:
            self.embedding = file.get_tensor("transformer.wte.weight")
            self.blocks = [self._block(file, f"transformer.h.{layer}.") for layer in range(self.layers)]
            self.norm = tuple(file.get_tensor(f"transformer.ln_f.{part}").float() for part in ("weight", "bias"))
            self.head, self.head_bias = (file.get_tensor(f"lm_head.{part}").float() for part in ("weight", "bias"))
        frequency = 10_000 ** (-torch.arange(0, self.rotary, 2) / self.rotary)
        angles = torch.arange(config["n_positions"])[:, None] * frequency
        self.cos, self.sin = angles.cos(), angles.sin()

    def _block(self, file, name: str) -> Block:
        def get(part: str) -> Tensor:
            return file.get_tensor(name + part)

        # Neighbouring rotary pairs become halves: q·k does not change when both are permuted alike.
        first = torch.arange(0, self.rotary, 2)
        order = torch.cat([first, first + 1, torch.arange(self.rotary, self.head_size)])
        rows = (torch.arange(self.heads)[:, None] * self.head_size + order).flatten()
        into = [get("attn.q_proj.weight")[rows], get("attn.k_proj.weight")[rows], get("attn.v_proj.weight")]
        return Block(
            norm=(get("ln_1.weight").float(), get("ln_1.bias").float()),
            into=torch.cat([*into, get("mlp.fc_in.weight")]).float(),
            into_bias=torch.cat([torch.zeros(3 * self.d), get("mlp.fc_in.bias").float()]),
            out=torch.cat([get("attn.out_proj.weight"), get("mlp.fc_out.weight")], 1).float(),
            out_bias=get("mlp.fc_out.bias").float(),
        )

    def angles(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """[rows, 1, n, rotary / 2] each."""
        return self.cos[positions][:, None], self.sin[positions][:, None]

    def logits(self, x: Tensor) -> Tensor:
        normal = functional.layer_norm(x, (self.d,), *self.norm, self.epsilon)
        return functional.linear(normal, self.head, self.head_bias)

    def run(self, x, positions, mask, past, layers, before=None) -> tuple[Tensor, list, Tensor | None]:
        """
        Blocks `layers` over x [rows, n, d]; past: keys and values by layer. `before` is called with a block's number
        and its MLP's key, and may give what is to be added to the stream after it.
        Returns the stream, keys and values of these tokens by layer, and the last block's inner activations.
        """
        cos, sin = self.angles(positions)
        shape = (self.heads, self.head_size, self.rotary, self.epsilon)
        presents, inner = [], None
        for layer in layers:
            b = self.blocks[layer]
            key, value = past[layer] if past else (None, None)
            inner, keys, values = attend(x, *b.norm, b.into, b.into_bias, cos, sin, mask, key, value, *shape)
            presents.append((keys, values))
            x = torch.addmm(x.flatten(0, 1) + b.out_bias, inner.flatten(0, 1), b.out.T).view_as(x)
            if before is not None:
                x = before(layer, inner, x)
        return x, presents, inner


def attend(x, norm, bias, into, into_bias, cos, sin, mask, past_key, past_value, heads, size, rotary, epsilon):
    """What a block's last product reads: merged heads and the MLP's key, side by side [rows, n, d + m]."""
    rows, n, d = x.shape
    mixed = functional.linear(functional.layer_norm(x, (d,), norm, bias, epsilon), into, into_bias)
    q, k, v = mixed[..., : 3 * d].view(rows, n, 3, heads, size).permute(2, 0, 3, 1, 4)
    q, k = turn(q, cos, sin, rotary), turn(k, cos, sin, rotary)
    keys = k if past_key is None else torch.cat([past_key, k], 2)
    values = v if past_value is None else torch.cat([past_value, v], 2)
    attended = functional.scaled_dot_product_attention(q, keys, values, attn_mask=mask)
    merged = attended.transpose(1, 2).reshape(rows, n, d)
    return torch.cat([merged, functional.gelu(mixed[..., 3 * d :], approximate="tanh")], 2), k, v


def turn(x: Tensor, cos: Tensor, sin: Tensor, rotary: int) -> Tensor:
    a, b, rest = x.split([rotary // 2, rotary // 2, x.shape[-1] - rotary], -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin, rest], -1)
