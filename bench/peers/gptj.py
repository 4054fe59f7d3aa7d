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
    # Queries, keys and values in one product. (The MLP's first matrix joined to them was slower: its gradient is copied.)
    attention: Tensor
    attention_out: Tensor
    into: tuple[Tensor, Tensor]
    out: tuple[Tensor, Tensor]


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
        attention = [get("attn.q_proj.weight")[rows], get("attn.k_proj.weight")[rows], get("attn.v_proj.weight")]
        return Block(
            norm=(get("ln_1.weight").float(), get("ln_1.bias").float()),
            attention=torch.cat(attention).float(),
            attention_out=get("attn.out_proj.weight").float(),
            into=(get("mlp.fc_in.weight").float(), get("mlp.fc_in.bias").float()),
            out=(get("mlp.fc_out.weight").float(), get("mlp.fc_out.bias").float()),
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
        Returns the stream, keys and values of these tokens by layer, and the last MLP's key.
        """
        rows, n, d = x.shape
        cos, sin = self.angles(positions)
        x, presents, key = x.flatten(0, 1), [], None
        for layer in layers:
            b = self.blocks[layer]
            normal = functional.layer_norm(x, (d,), *b.norm, self.epsilon)
            q, k, v = functional.linear(normal, b.attention).view(rows, n, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            q, k = turn(q, cos, sin, self.rotary), turn(k, cos, sin, self.rotary)
            presents.append((k, v))
            if past:
                k, v = torch.cat([past[layer][0], k], 2), torch.cat([past[layer][1], v], 2)
            mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = torch.addmm(x, mixed.transpose(1, 2).reshape(rows * n, d), b.attention_out.T)
            key = functional.gelu(functional.linear(normal, *b.into), approximate="tanh")
            x = x + functional.linear(key, *b.out)
            key = key.view(rows, n, -1)
            if before is not None:
                x = before(layer, key, x.view(rows, n, d)).flatten(0, 1)
        return x.view(rows, n, d), presents, key


def turn(x: Tensor, cos: Tensor, sin: Tensor, rotary: int) -> Tensor:
    a, b, rest = x.split([rotary // 2, rotary // 2, x.shape[-1] - rotary], -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin, rest], -1)
