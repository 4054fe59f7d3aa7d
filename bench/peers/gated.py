"""Qwen2's and Llama's arithmetic by hand, in single precision, for the tuned peer: as `gptj.py` is for GPT-J."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor
from torch.nn import functional


@dataclass
class Block:
    norm: Tensor
    # Queries, keys and values in one product, and gate and up.
    attention: tuple[Tensor, Tensor | None]
    attention_out: Tensor
    middle_norm: Tensor
    into: Tensor
    out: tuple[Tensor, None]


class Network:
    def __init__(self, folder: str):
        config = json.loads((Path(folder) / "config.json").read_text())
        self.d, self.layers, self.heads = (config[f] for f in ("hidden_size", "num_hidden_layers", "num_attention_heads"))
        self.key_heads = config.get("num_key_value_heads", self.heads)
        self.size = config.get("head_dim") or self.d // self.heads
        self.epsilon = config["rms_norm_eps"]
        with safe_open(Path(folder) / "model.safetensors", "pt") as file:
            names = set(file.keys())
            get = lambda name: file.get_tensor(name).float() if name in names else None
            self.embedding = file.get_tensor("model.embed_tokens.weight")
            self.blocks = [self._block(get, f"model.layers.{layer}.") for layer in range(self.layers)]
            self.norm = get("model.norm.weight")
            self.head = self.embedding.float() if get("lm_head.weight") is None else get("lm_head.weight")
        base = config.get("rope_theta") or config["rope_parameters"]["rope_theta"]
        frequency = base ** (-torch.arange(0, self.size, 2) / self.size)
        angles = torch.arange(min(2048, config["max_position_embeddings"]))[:, None] * frequency
        self.cos, self.sin = angles.cos(), angles.sin()

    def _block(self, get, name: str) -> Block:
        joined = lambda parts, kind: torch.cat([get(f"{name}{part}.{kind}") for part in parts])
        qkv = [f"self_attn.{part}_proj" for part in "qkv"]
        biased = get(f"{name}self_attn.q_proj.bias") is not None
        return Block(
            norm=get(name + "input_layernorm.weight"),
            attention=(joined(qkv, "weight"), joined(qkv, "bias") if biased else None),
            attention_out=get(name + "self_attn.o_proj.weight"),
            middle_norm=get(name + "post_attention_layernorm.weight"),
            into=joined(["mlp.gate_proj", "mlp.up_proj"], "weight"),
            out=(get(name + "mlp.down_proj.weight"), None),
        )

    def logits(self, x: Tensor) -> Tensor:
        return functional.linear(functional.rms_norm(x, (self.d,), self.norm, self.epsilon), self.head)

    def run(self, x, positions, mask, past, layers, before=None) -> tuple[Tensor, list, Tensor | None]:
        """See gptj.Network.run; keys and values have their own, fewer heads."""
        rows, n, d = x.shape
        cos, sin = self.cos[positions][:, None], self.sin[positions][:, None]
        x, presents, key = x.flatten(0, 1), [], None
        counts = [self.heads, self.key_heads, self.key_heads]
        for layer in layers:
            b = self.blocks[layer]
            whole = functional.linear(functional.rms_norm(x, (d,), b.norm, self.epsilon), *b.attention)
            parts = whole.view(rows, n, sum(counts), self.size).transpose(1, 2).split(counts, 1)
            q, k, v = turn(parts[0], cos, sin), turn(parts[1], cos, sin), parts[2]
            presents.append((k, v))
            if past:
                k, v = torch.cat([past[layer][0], k], 2), torch.cat([past[layer][1], v], 2)
            mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, enable_gqa=True)
            x = torch.addmm(x, mixed.transpose(1, 2).reshape(rows * n, -1), b.attention_out.T)
            gate, up = functional.linear(functional.rms_norm(x, (d,), b.middle_norm, self.epsilon), b.into).chunk(2, 1)
            key = functional.silu(gate) * up
            x = x + functional.linear(key, *b.out)
            key = key.view(rows, n, -1)
            if before is not None:
                x = before(layer, key, x.view(rows, n, d)).flatten(0, 1)
        return x.view(rows, n, d), presents, key


def turn(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)
