"""Causal tracing with given noise (Meng et al. 2022, section 2), one restoration at a time."""

from collections.abc import Callable

import torch
from torch import nn

from model import Model, Prompt, changed_outputs


def noise_scale(model: Model) -> float:
    """3σ, σ the standard deviation over all elements of the token embeddings, as they enter the stream."""
    factor = getattr(model.embedding, "scalar_embed_scale", 1)
    return 3 * factor * model.embedding.weight.float().std(correction=0).item()


def window(layer: int, size: int, layers: int) -> range:
    """The layers restored together for `layer`: `size` of them around it, cut off at both ends."""
    return range(max(0, layer - size // 2), min(layers, layer + (size + 1) // 2))


class Trace:
    """Clean and corrupted runs of one prompt; `noise` is [samples, subject tokens, d]."""

    def __init__(self, model: Model, prompt: Prompt, target_id: int, noise: torch.Tensor):
        self.model, self.prompt, self.target_id, self.noise = model, prompt, target_id, noise
        self.clean_outputs: dict[nn.Module, torch.Tensor] = {}
        layers = range(len(model.blocks))
        self.modules = {
            "hidden": [model.blocks[layer] for layer in layers],
            "mlp": [model.edited(layer) for layer in layers],
            "attention": [model.attention(layer) for layer in layers],
        }

        def keep(module: nn.Module) -> Callable[[torch.Tensor], torch.Tensor]:
            def change(output: torch.Tensor) -> torch.Tensor:
                self.clean_outputs[module] = output.clone()
                return output

            return change

        everything = [module for modules in self.modules.values() for module in modules]
        self.clean = self._probability(1, [(module, keep(module)) for module in everything])
        self.corrupted = self.restored([], None)

    def _probability(self, batch: int, changes: list) -> float:
        ids = torch.tensor([self.prompt.ids] * batch)
        with torch.no_grad(), changed_outputs(changes):
            logits = self.model.network(ids, use_cache=False).logits[:, -1]
        return logits.softmax(-1)[:, self.target_id].mean().item()

    def restored(self, modules: list[nn.Module], token: int | None) -> float:
        """p(target), averaged over the noise, with `modules`' clean outputs put back at `token`."""

        def corrupt(output: torch.Tensor) -> torch.Tensor:
            output = output.clone()
            output[:, self.prompt.start : self.prompt.lookup + 1] += self.noise
            return output

        def restore(module: nn.Module) -> Callable[[torch.Tensor], torch.Tensor]:
            def change(output: torch.Tensor) -> torch.Tensor:
                output = output.clone()
                output[:, token] = self.clean_outputs[module][0, token]
                return output

            return change

        changes = [(self.model.embedding, corrupt), *((module, restore(module)) for module in modules)]
        return self._probability(len(self.noise), changes)

    def grid(self, kind: str, size: int) -> list[list[float]]:
        """p(target) [tokens][layers] after restoring `kind` ("hidden", "mlp", "attention")."""
        modules = self.modules[kind]
        return [
            [
                self.restored([modules[near] for near in window(layer, size, len(modules))], token)
                for layer in range(len(modules))
            ]
            for token in range(len(self.prompt.ids))
        ]
