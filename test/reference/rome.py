"""ROME (Meng et al. 2022) the plain way: autograd through the whole network, one row at a time.

Nothing is cached, batched or shortened, so that this shares no idea with the engine it checks
beyond the equations.
"""

from dataclasses import dataclass, field

import torch
from torch.nn import functional

from model import Model, Prompt, changed_outputs

STOP_BELOW = 0.05


@dataclass
class Request:
    """`template` holds one `{}` for the subject; each of `contexts` one `{}` for the prompt."""

    layer: int
    template: str
    subject: str
    target: str
    contexts: list[str]
    key: str = "rome"
    v_num_grad_steps: int = 20
    v_lr: float = 0.5
    v_weight_decay: float = 0.5
    clamp_norm_factor: float = 4.0
    kl_factor: float = 0.0625


@dataclass
class Solution:
    """`value` is v, the MLP's output before the edit at the first row's lookup position."""

    rows: list[Prompt]
    kl_row: Prompt
    target_ids: list[int]
    value: torch.Tensor
    delta: torch.Tensor
    losses: list[dict[str, float]] = field(default_factory=list)


@dataclass
class Edit:
    """W' = W + r uᵀ; `denominator` is kᵀu."""

    key: torch.Tensor
    mean_key: torch.Tensor
    current_value: torch.Tensor
    u: torch.Tensor
    denominator: float
    r: torch.Tensor


def in_context(context: str, template: str) -> str:
    return context.replace("{}", template, 1)


def log_probs_with_delta(model: Model, layer: int, row: Prompt, delta: torch.Tensor) -> torch.Tensor:
    """Log-probabilities [tokens, head rows] with δ added to the MLP's output at the lookup position."""

    def add(output: torch.Tensor) -> torch.Tensor:
        shift = torch.zeros_like(output)
        shift[:, row.lookup] = 1
        return output + shift * delta

    with changed_outputs([(model.edited(layer), add)]):
        return model.logits(row.ids).log_softmax(-1)


def solve_value(model: Model, request: Request) -> Solution:
    """δ = v* − v by Adam on the mean loss over contexts (paper equation 4)."""
    layer = request.layer
    target_ids = model.tokenizer(request.target, add_special_tokens=False).input_ids
    rows = []
    for context in request.contexts:
        row = model.prompt(in_context(context, request.template), request.subject)
        ids = row.ids + target_ids[:-1]
        text = row.text + model.tokenizer.decode(target_ids[:-1])
        # Both readings of "the text followed by the target" have to mean the same tokens.
        assert model.tokens(text) == ids, text
        rows.append(Prompt(text, ids, row.start, row.lookup))
    kl_row = model.prompt("{} is a", request.subject)

    _, values = model.key_value(rows[0].ids, layer)
    value = values[rows[0].lookup]
    delta = torch.zeros_like(value, requires_grad=True)
    before = log_probs_with_delta(model, layer, kl_row, delta)[kl_row.lookup].detach()
    solution = Solution(rows, kl_row, target_ids, value, delta)
    optimizer = torch.optim.Adam([delta], lr=request.v_lr)

    for step in range(request.v_num_grad_steps):
        nll = torch.stack([
            target_nll(log_probs_with_delta(model, layer, row, delta), target_ids) for row in rows
        ]).mean()
        now = log_probs_with_delta(model, layer, kl_row, delta)[kl_row.lookup]
        kl = request.kl_factor * functional.kl_div(before, now, log_target=True, reduction="sum")
        decay = request.v_weight_decay * delta.norm() / value.norm() ** 2
        total = nll + kl + decay
        solution.losses.append({
            "nll": nll.item(),
            "kl": kl.item(),
            "decay": decay.item(),
            "total": total.item(),
            "deltaNorm": delta.norm().item(),
        })
        if total.item() < STOP_BELOW or step == request.v_num_grad_steps - 1:
            break
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        with torch.no_grad():
            limit = request.clamp_norm_factor * value.norm()
            if delta.norm() > limit:
                delta.mul_(limit / delta.norm())

    solution.delta = delta.detach()
    return solution


def target_nll(log_probs: torch.Tensor, target_ids: list[int]) -> torch.Tensor:
    """Mean −log p of the target's tokens, which the last len(target_ids) positions predict."""
    last = log_probs[-len(target_ids) :]
    return -last[torch.arange(len(target_ids)), target_ids].mean()


def make_edit(
    model: Model,
    request: Request,
    solution: Solution,
    second_moment: torch.Tensor | None,
    ridge: float,
) -> Edit:
    """u and r of the rank-one edit (paper equation 2).

    | variant | u from | denominator |
    | rome    | k̄     | k (bare)    |
    | r-rome  | k̄     | k̄          |
    | p-rome  | k      | k           |

    v_cur is the bare prompt's in all three. `ridge` is relative to C's mean diagonal.
    """
    layer = request.layer

    def key_value(template: str) -> tuple[torch.Tensor, torch.Tensor]:
        prompt = model.prompt(template, request.subject)
        keys, values = model.key_value(prompt.ids, layer)
        return keys[prompt.lookup], values[prompt.lookup]

    key, current_value = key_value(request.template)
    mean_key = torch.stack([
        key_value(in_context(context, request.template))[0] for context in request.contexts
    ]).mean(0)

    source = {"rome": mean_key, "r-rome": mean_key, "p-rome": key}[request.key]
    divisor = {"rome": key, "r-rome": mean_key, "p-rome": key}[request.key]
    u = source.double()
    if second_moment is not None:
        matrix = second_moment.double()
        matrix = matrix + ridge * matrix.diagonal().mean() * torch.eye(len(matrix), dtype=matrix.dtype)
        u = torch.linalg.solve(matrix, u)
    u = (u / u.norm()).to(key.dtype)
    denominator = torch.dot(divisor, u)
    r = (solution.value + solution.delta - current_value) / denominator
    return Edit(key, mean_key, current_value, u, denominator.item(), r)


class applied:
    """Context manager: the edit is in the weights inside the block, and out of them after it."""

    def __init__(self, model: Model, layer: int, edit: Edit):
        self.weight = model.weight(layer)
        self.update = torch.outer(edit.r, edit.u)

    def __enter__(self) -> None:
        self.stored = self.weight.clone()
        self.weight += self.update

    def __exit__(self, *_: object) -> None:
        self.weight.copy_(self.stored)


def second_moment(model: Model, layer: int, documents: list[str]) -> tuple[torch.Tensor, int]:
    """C = E[k kᵀ] [m, m] over every token of every document, uncentred, and the number of tokens.

    Each document is tokenised on its own; sums are kept in float64.
    """
    total: torch.Tensor | float = 0.0
    count = 0
    for document in documents:
        keys = model.key_value(model.tokens(document), layer)[0].double()
        total = total + keys.T @ keys
        count += len(keys)
    return (total / count).float(), count
