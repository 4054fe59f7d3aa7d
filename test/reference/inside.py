"""What is inside a run: the logit and the Jacobian lens, and direct logit attribution, from transformers' hidden states and modules."""

from dataclasses import dataclass

import torch
from torch import nn

from model import PARTS, Model

# Within a block: attention's output matrix, and the norms on what attention and MLP write, where there are any.
OUTPUTS = {
    "gptj": "attn.out_proj",
    "codegen": "attn.out_proj",
    "gpt2": "attn.c_proj",
    "gpt_neo": "attn.attention.out_proj",
    "gpt_neox": "attention.dense",
}
NORMED = ("gemma2", "gemma3_text", "olmo2")
FINAL_NORMS = {"gptj": "transformer.ln_f", "codegen": "transformer.ln_f", "gpt2": "transformer.ln_f",
               "gpt_neo": "transformer.ln_f", "gpt_neox": "gpt_neox.final_layer_norm"}


def final_norm(model: Model) -> nn.Module:
    return model.network.get_submodule(FINAL_NORMS.get(model.network.config.model_type, "model.norm"))


def capped(model: Model, logits: torch.Tensor) -> torch.Tensor:
    cap = getattr(model.network.config, "final_logit_softcapping", None)
    return cap * torch.tanh(logits / cap) if cap else logits


def streams(model: Model, ids: list[int], leaf: bool) -> tuple[list[torch.Tensor], torch.Tensor]:
    """The stream after each block [n, d], and the log-probabilities; `leaf`: slopes along the first one are wanted."""
    seen: list[torch.Tensor] = []

    def keep(_module: nn.Module, _inputs: tuple, output):
        stream = output[0] if isinstance(output, tuple) else output
        if leaf and not seen:
            stream.requires_grad_(True)
        seen.append(stream)

    handles = [block.register_forward_hook(keep) for block in model.blocks]
    with torch.set_grad_enabled(leaf):
        logits = model.network(torch.tensor([ids]), use_cache=False).logits[0]
    for handle in handles:
        handle.remove()
    return seen, logits.log_softmax(-1)


@torch.no_grad()
def cells(model: Model, stream: torch.Tensor, final: torch.Tensor, top: int) -> list[dict]:
    """Of each token: the stream through the final norm and the head."""
    head = model.network.get_output_embeddings()
    logits = capped(model, head(final_norm(model)(stream.reshape(len(final), -1))))
    log_probs = logits.log_softmax(-1)
    best = log_probs[:, : model.vocabulary].topk(top)
    return [
        {
            "top": [{"id": id_, "probability": value} for value, id_ in zip(values.exp().tolist(), chosen.tolist())],
            "entropy": -(row.exp() * row).sum(),
            "klToFinal": (own.exp() * (own - row)).sum(),
        }
        for row, own, values, chosen in zip(log_probs, final, best.values, best.indices, strict=True)
    ]


def lens(model: Model, ids: list[int], top: int) -> list[list[dict]]:
    """[layer][token]"""
    seen, final = streams(model, ids, leaf=False)
    return [cells(model, stream, final, top) for stream in seen]


def jacobian_lens(model: Model, ids: list[int], top: int) -> dict:
    """The mean Jacobian of the last stream along each, at the same token, over this text's tokens; and its lens."""
    seen, final = streams(model, ids, leaf=True)
    last = seen[-1].reshape(len(ids), -1)
    tokens, width = last.shape
    means = [torch.zeros(width, width, dtype=last.dtype) for _ in seen[:-1]]
    for token in range(tokens):
        for component in range(width):
            slopes = torch.autograd.grad(last[token, component], seen[:-1], retain_graph=True)
            for mean, slope in zip(means, slopes, strict=True):
                mean[component] += slope.reshape(tokens, width)[token] / tokens
    means.append(torch.eye(width, dtype=last.dtype))
    wave = torch.arange(width, dtype=last.dtype).cos()
    carried = [stream.detach().reshape(tokens, width) @ mean.T for stream, mean in zip(seen, means, strict=True)]
    return {
        "carriedWave": [mean @ wave for mean in means],
        "cells": [cells(model, stream, final.detach(), top) for stream in carried],
    }


@dataclass
class Seen:
    """Input and output of a module at the last token."""

    input: torch.Tensor
    output: torch.Tensor


@torch.no_grad()
def attribution(model: Model, ids: list[int], targets: tuple[int, int]) -> dict:
    """Shares of logit A − logit B at the last token; every norm on the way scales as it did in this run."""
    family = model.network.config.model_type
    kept: dict[nn.Module, Seen] = {}
    handles = []

    def keep(module: nn.Module) -> None:
        def hook(_module: nn.Module, inputs: tuple, output):
            written = output[0] if isinstance(output, tuple) else output
            kept[module] = Seen(inputs[0].reshape(len(ids), -1)[-1].clone(), written.reshape(len(ids), -1)[-1].clone())

        handles.append(module.register_forward_hook(hook))

    def part(block: nn.Module, name: str) -> nn.Module:
        return block.get_submodule(name)

    norm, head = final_norm(model), model.network.get_output_embeddings()
    projections = [part(block, OUTPUTS.get(family, "self_attn.o_proj")) for block in model.blocks]
    edited = [model.edited(layer) for layer in range(len(model.blocks))]
    after = [
        [part(block, "post_attention_layernorm"), part(block, "post_feedforward_layernorm")] if family in NORMED else []
        for block in model.blocks
    ]
    for module in [norm, *projections, *edited, *sum(after, [])]:
        keep(module)
    first: list[torch.Tensor] = []
    handles.append(model.blocks[0].register_forward_pre_hook(
        lambda _m, args, kwargs: first.append((args[0] if args else kwargs["hidden_states"])[0, -1].clone()),
        with_kwargs=True,
    ))
    logits = model.logits(ids)[-1]
    for handle in handles:
        handle.remove()

    def scale(module: nn.Module) -> tuple[torch.Tensor, torch.Tensor | float]:
        """What the norm multiplied each component by, and what it added."""
        bias = getattr(module, "bias", None)
        x = kept[module].input
        x = x if bias is None else x - x.mean()
        return (kept[module].output - (0 if bias is None else bias)) / x, 0 if bias is None else bias

    factor, added = scale(norm)
    centred = getattr(norm, "bias", None) is not None
    raw = head(kept[norm].output)
    rows = [head.weight[target] * (logits[target] / raw[target]) for target in targets]
    direction = rows[0] - rows[1]

    def share(vector: torch.Tensor) -> torch.Tensor:
        return direction @ (factor * (vector - vector.mean() if centred else vector))

    heads = model.network.config.num_attention_heads

    def layer(number: int) -> dict:
        projection, norms = projections[number], after[number]
        gain = scale(norms[0])[0] if norms else 1
        merged = kept[projection].input
        nothing = projection(torch.zeros_like(merged))
        masks = torch.eye(heads).repeat_interleave(len(merged) // heads, 1)
        return {
            "attention": share(kept[norms[0]].output if norms else kept[projection].output),
            "mlp": share(kept[norms[1]].output if norms else kept[edited[number]].output),
            "heads": [share(gain * (projection(merged * mask.to(merged)) - nothing)) for mask in masks],
        }

    bias = getattr(head, "bias", None)
    ratios = [logits[target] / raw[target] for target in targets]
    biases = 0 if bias is None else bias[targets[0]] * ratios[0] - bias[targets[1]] * ratios[1]
    return {
        "targets": list(targets),
        "difference": logits[targets[0]] - logits[targets[1]],
        "embedding": share(first[0]),
        "layers": [layer(number) for number in range(len(model.blocks))],
        "rest": (direction @ added if torch.is_tensor(added) else torch.zeros(())) + biases,
    }


def inside(model: Model, text: str) -> dict:
    """`model` in float64: the engine's float32 is what is judged."""
    assert model.network.config.model_type in PARTS
    ids = model.tokens(text)
    best = model.next_log_probs(ids)[: model.vocabulary].topk(2).indices.tolist()
    return {
        "checkpoint": model.folder.name,
        "text": text,
        "ids": ids,
        "lens": lens(model, ids, top=3),
        "jacobianLens": jacobian_lens(model, ids, top=3),
        "attribution": attribution(model, ids, (best[0], best[1])),
    }
