"""A transformers checkpoint in float32, with names for the parts that ROME touches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

# Where each family keeps its blocks, and within a block the MLP's second matrix and the attention.
PARTS = {
    "gptj": ("transformer.h", "mlp.fc_out", "attn"),
    "codegen": ("transformer.h", "mlp.fc_out", "attn"),
    "gemma2": ("model.layers", "mlp.down_proj", "self_attn"),
    "gemma3_text": ("model.layers", "mlp.down_proj", "self_attn"),
    "gpt2": ("transformer.h", "mlp.c_proj", "attn"),
    "gpt_neo": ("transformer.h", "mlp.c_proj", "attn"),
    "gpt_neox": ("gpt_neox.layers", "mlp.dense_4h_to_h", "attention"),
    "llama": ("model.layers", "mlp.down_proj", "self_attn"),
    "mistral": ("model.layers", "mlp.down_proj", "self_attn"),
    "olmo2": ("model.layers", "mlp.down_proj", "self_attn"),
    "phi3": ("model.layers", "mlp.down_proj", "self_attn"),
    "qwen2": ("model.layers", "mlp.down_proj", "self_attn"),
    "qwen3": ("model.layers", "mlp.down_proj", "self_attn"),
}


@dataclass
class Prompt:
    """Token ids of a text that holds a subject; `start` and `lookup` are its first and last token."""

    text: str
    ids: list[int]
    start: int
    lookup: int


class Model:
    """Weights stay the stored numbers; all arithmetic is done in `dtype` (float32 by default)."""

    def __init__(self, folder: Path, dtype: torch.dtype = torch.float32):
        self.folder = folder
        self.network = AutoModelForCausalLM.from_pretrained(
            folder, dtype=dtype, attn_implementation="eager"
        ).eval()
        self.network.requires_grad_(False)
        self.tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))
        # Greedy choices are made among these: the head may have more rows than the tokenizer has ids.
        self.vocabulary = len(self.tokenizer)
        blocks, self._edited, self._attention = PARTS[self.network.config.model_type]
        self.blocks: nn.ModuleList = self.network.get_submodule(blocks)

    @property
    def embedding(self) -> nn.Embedding:
        return self.network.get_input_embeddings()

    def attention(self, layer: int) -> nn.Module:
        return self.blocks[layer].get_submodule(self._attention)

    def edited(self, layer: int) -> nn.Module:
        """The MLP's second matrix: its input is the key, its output the value."""
        return self.blocks[layer].get_submodule(self._edited)

    def weight(self, layer: int) -> torch.Tensor:
        """A view [d, m] of the edited matrix, whichever way round the family stores it."""
        module = self.edited(layer)
        return module.weight if isinstance(module, nn.Linear) else module.weight.T

    def tokens(self, text: str) -> list[int]:
        return self.tokenizer(text).input_ids

    def prompt(self, template: str, subject: str) -> Prompt:
        """Tokenise `template` with `subject` in place of its first `{}` and find the subject's tokens.

        The token is found by tokenising the text up to the subject's end; where that is not a prefix
        of the whole tokenisation, it is the last token whose characters reach into the subject.
        """
        before, after = template.split("{}", 1)
        text = before + subject + after
        encoded = self.tokenizer(text, return_offsets_mapping=True)
        inside = [
            index
            for index, (first, end) in enumerate(encoded.offset_mapping)
            if first < len(before) + len(subject) and end > len(before)
        ]
        ids = encoded.input_ids
        prefix = self.tokens(before + subject)
        lookup = len(prefix) - 1 if ids[: len(prefix)] == prefix else inside[-1]
        return Prompt(text, ids, inside[0], lookup)

    def logits(self, ids: list[int]) -> torch.Tensor:
        """[tokens, head rows]"""
        return self.network(torch.tensor([ids]), use_cache=False).logits[0]

    @torch.no_grad()
    def next_log_probs(self, ids: list[int]) -> torch.Tensor:
        return self.logits(ids)[-1].log_softmax(-1)

    @torch.no_grad()
    def greedy(self, ids: list[int], count: int) -> list[tuple[int, float]]:
        """`count` greedy tokens, each with its lead over the runner-up in logits."""
        chosen: list[tuple[int, float]] = []
        for _ in range(count):
            best = self.logits(ids + [token for token, _ in chosen])[-1, : self.vocabulary].topk(2)
            chosen.append((int(best.indices[0]), float(best.values[0] - best.values[1])))
        return chosen

    @torch.no_grad()
    def key_value(self, ids: list[int], layer: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Input [tokens, m] and output [tokens, d] of the edited matrix."""
        seen: list[torch.Tensor] = []
        handle = self.edited(layer).register_forward_hook(
            lambda _module, inputs, output: seen.extend((inputs[0][0], output[0]))
        )
        try:
            self.logits(ids)
        finally:
            handle.remove()
        return seen[0].clone(), seen[1].clone()


@contextmanager
def changed_outputs(
    changes: list[tuple[nn.Module, Callable[[torch.Tensor], torch.Tensor]]],
) -> Iterator[None]:
    """Within the block, each module's (first) output goes through its function."""

    def hook_for(change: Callable[[torch.Tensor], torch.Tensor]):
        def hook(_module: nn.Module, _inputs: tuple, output):
            if isinstance(output, tuple):
                return (change(output[0]), *output[1:])
            return change(output)

        return hook

    handles = [module.register_forward_hook(hook_for(change)) for module, change in changes]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
