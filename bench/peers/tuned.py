"""
ROME in PyTorch, as fast as we can make it: lower layers once, keys and values of what stands before the lookup
position cached (prefix contexts once for all names), positions from the lookup on only, names × contexts in one batch,
names that are done leave it, the head only where its logits are needed, gradients for δ alone.
"""

import json
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

import covariance
import gated
import gptj
from prompts import Prompts, Row
from serve import encode, serve

STOP_BELOW = 0.05


class Tuned:
    def open(self, folder: str, threads: int, batch: int = 16) -> dict:
        torch.set_num_threads(threads)
        family = json.loads((Path(folder) / "config.json").read_text())["model_type"]
        self.network = (gptj if family == "gptj" else gated).Network(folder)
        self.prompts, self.batch = Prompts(folder), batch
        self.factors: dict[str, Tensor] = {}
        return {}

    # --- Tokens -----------------------------------------------------------------------------------------------------

    def padded(self, rows: list[list[int]], left: bool) -> tuple[Tensor, Tensor]:
        """Token ids and which of them are tokens [rows, n]."""
        longest = max(len(row) for row in rows)
        pad = [longest - len(row) for row in rows]
        ids = [[0] * p + row if left else row + [0] * p for row, p in zip(rows, pad)]
        valid = [[False] * p + [True] * len(r) if left else [True] * len(r) + [False] * p for r, p in zip(rows, pad)]
        return torch.tensor(ids), torch.tensor(valid)

    def places(self, seen: Tensor | None, valid: Tensor) -> tuple[Tensor, Tensor]:
        """Positions [rows, n] and the mask [rows, 1, n, past + n]."""
        whole = valid if seen is None else torch.cat([seen, valid], 1)
        n, total = valid.shape[1], whole.shape[1]
        positions = (whole.cumsum(1) - 1).clamp(min=0)[:, total - n :]
        visible = torch.ones(n, total, dtype=torch.bool).tril(total - n) & whole[:, None, :]
        return positions, torch.where(visible, 0.0, -1e9)[:, None]

    def read(self, rows: list[list[int]], past, seen, left=True, layers=None, before=None):
        """Runs tokens through blocks; past and seen grow by them."""
        net = self.network
        ids, valid = self.padded(rows, left)
        positions, mask = self.places(seen, valid)
        x = net.embedding[ids].float()
        x, presents, key = net.run(x, positions, mask, past, layers or range(net.layers), before)
        joined = [
            (torch.cat([past[i][0], k], 2), torch.cat([past[i][1], v], 2)) if past else (k, v)
            for i, (k, v) in enumerate(presents)
        ]
        return x, key, joined, valid if seen is None else torch.cat([seen, valid], 1), valid

    # --- Δv ---------------------------------------------------------------------------------------------------------

    @torch.inference_mode()
    def lower(self, rows: list[Row], groups: list[int], layer: int) -> dict:
        """All that the solve needs: stream after the edit layer, cache before the lookup position, keys, values."""
        count = max(groups) + 1
        shared: list[list[int]] = []
        for group in range(count):
            members = [row.ids[: row.lookup] for row, g in zip(rows, groups) if g == group]
            length = min(len(member) for member in members)
            first = members[0]
            while any(member[:length] != first[:length] for member in members):
                length -= 1
            shared.append(first[:length])
        past = seen = None
        if any(shared):
            _, _, past, seen, _ = self.read(shared, None, None)
            index = torch.tensor(groups)
            past, seen = [(k[index], v[index]) for k, v in past], seen[index]
        leads = [row.ids[len(shared[g]) : row.lookup] for row, g in zip(rows, groups)]
        if any(leads):
            _, _, past, seen, _ = self.read(leads, past, seen)
        tails = [row.ids[row.lookup :] for row in rows]
        x, key, _, _, valid = self.read(tails, past, seen, left=False, layers=range(layer + 1))
        key = key[:, 0]
        value = functional.linear(key, *self.network.blocks[layer].out)
        positions, mask = self.places(seen, valid)
        return {"x": x, "past": past, "positions": positions, "mask": mask, "key": key, "value": value}

    def values(self, requests: list[dict], contexts: list[str], h: dict) -> list[dict]:
        """Δv, v, mean key, the bare prompt's key and value, and the evaluations of each request."""
        net, layer = self.network, h["layers"][0]
        rows, groups, per = [], [], len(contexts) + 1
        targets = []
        for request in requests:
            of_contexts, kl_row, _, target = self.prompts.rows(contexts, request)
            rows += [*of_contexts, kl_row]
            groups += range(per)
            targets.append(target)
        bare = contexts.index("{}")
        low = self.lower(rows, groups, layer)
        origin = low["value"][::per]
        norms = origin.norm(dim=1)
        selected = [
            [(c, len(row.ids) - len(target) - row.lookup + j) for c, row in enumerate(rows[i * per : i * per + per - 1])
             for j in range(len(target))]
            for i, target in enumerate(targets)
        ]
        delta = torch.zeros(len(requests), net.d)
        mean, square = torch.zeros_like(delta), torch.zeros_like(delta)
        base = torch.zeros(len(requests), net.head.shape[0])
        evaluations = [0] * len(requests)
        active = list(range(len(requests)))
        current = None
        for step in range(1, h["v_num_grad_steps"] + 1):
            if current != active:
                current = list(active)
                which = torch.tensor([r for i in active for r in range(i * per, (i + 1) * per)])
                x, positions, mask = (low[part][which].clone() for part in ("x", "positions", "mask"))
                past = {l: tuple(t[which].clone() for t in low["past"][l]) for l in range(layer + 1, net.layers)}
                n = x.shape[1]
                at = torch.tensor([(s * per + c) * n + p for s, i in enumerate(active) for c, p in selected[i]]
                                  + [(s * per + per - 1) * n for s in range(len(active))])
                wanted = torch.tensor([t for i in active for _ in contexts for t in targets[i]])
                owner = torch.tensor([s for s, i in enumerate(active) for _ in selected[i]])
                share = torch.tensor([1 / len(selected[i]) for i in active])
                sub = torch.tensor(active)
            d = delta[sub].requires_grad_()
            shifted = torch.cat([x[:, :1] + d.repeat_interleave(per, 0)[:, None], x[:, 1:]], 1)
            stream, _, _ = net.run(shifted, positions, mask, past, range(layer + 1, net.layers))
            logits = net.logits(stream.flatten(0, 1)[at])
            now = logits[len(wanted) :].log_softmax(-1)
            picked = logits[: len(wanted)].gather(1, wanted[:, None])[:, 0] - logits[: len(wanted)].logsumexp(1)
            nll = -torch.zeros(len(active)).index_add(0, owner, picked) * share
            if step == 1:
                base[sub] = now.detach()
            kl = h["kl_factor"] * (now.exp() * (now - base[sub])).sum(1)
            length = d.detach().norm(dim=1)
            decay = h["v_weight_decay"] * length / norms[sub] ** 2
            total = (nll + kl).detach() + decay
            done = (total < STOP_BELOW).tolist()
            for i in active:
                evaluations[i] += 1
            if step == h["v_num_grad_steps"] or all(done):
                break
            (gradient,) = torch.autograd.grad((nll + kl).sum(), d)
            with torch.inference_mode():
                safe = torch.where(length > 0, length, 1.0)
                gradient = gradient + (h["v_weight_decay"] / (safe * norms[sub] ** 2))[:, None] * d
                go = torch.tensor([not over for over in done])
                moving = sub[go]
                g = gradient[go]
                mean[moving] = 0.9 * mean[moving] + 0.1 * g
                square[moving] = 0.999 * square[moving] + 0.001 * g * g
                move = mean[moving] / (1 - 0.9**step) / ((square[moving] / (1 - 0.999**step)).sqrt() + 1e-8)
                new = delta[moving] - h["v_lr"] * move
                limit = h["clamp_norm_factor"] * norms[moving]
                delta[moving] = new * (limit / new.norm(dim=1)).clamp(max=1)[:, None]
                active = moving.tolist()
        key = low["key"].view(len(requests), per, -1)
        return [
            {
                "delta": delta[i],
                "value": origin[i],
                "mean_key": key[i, :-1].mean(0),
                "key": key[i, bare],
                "current": low["value"].view(len(requests), per, -1)[i, bare],
                "evaluations": evaluations[i],
            }
            for i in range(len(requests))
        ]

    def batches(self, requests: list[dict], contexts: list[str], h: dict) -> list[dict]:
        starts = range(0, len(requests), self.batch)
        return [found for s in starts for found in self.values(requests[s : s + self.batch], contexts, h)]

    def solve(self, requests: list[dict], contexts: list[str], hyperParameters: dict) -> dict:
        found = self.batches(requests, contexts, hyperParameters)
        return {"deltas": [encode(f["delta"]) for f in found], "evaluations": [f["evaluations"] for f in found]}

    # --- Edits ------------------------------------------------------------------------------------------------------

    @torch.inference_mode()
    def edits(self, found: list[dict], second_moment: str | None) -> tuple[Tensor, Tensor]:
        """u [names, m] and r [names, d] of y += r (uᵀk)."""
        u, key = torch.stack([f["mean_key"] for f in found]), torch.stack([f["key"] for f in found])
        if second_moment:
            if second_moment not in self.factors:
                self.factors[second_moment] = torch.linalg.cholesky(covariance.read(second_moment))
            u = torch.cholesky_solve(u.double().T, self.factors[second_moment]).T.float()
        u = u / u.norm(dim=1, keepdim=True)
        right = torch.stack([f["value"] + f["delta"] - f["current"] for f in found])
        return u, right / (key * u).sum(1, keepdim=True)

    @torch.inference_mode()
    def ask(self, prompts: list[str], first: list[int], max_tokens: int, layer=0, edits=None) -> tuple[Tensor, list]:
        """Probability of each target's first token, and completions; an edit a row where given."""
        net = self.network

        def edit(at: int, key: Tensor, x: Tensor) -> Tensor:
            if at != layer or edits is None:
                return x
            u, r = edits
            return x + (key * u[:, None]).sum(2, keepdim=True) * r[:, None]

        rows = [self.prompts.encode(prompt) for prompt in prompts]
        x, _, past, seen, _ = self.read(rows, None, None, before=edit)
        logits = net.logits(x[:, -1])
        probability = logits.softmax(-1)[:, first]
        texts: list[list[int]] = [[] for _ in prompts]
        ended = [False] * len(prompts)
        for step in range(max_tokens):
            chosen = logits[:, : self.prompts.size].argmax(1).tolist()
            for i, token in enumerate(chosen):
                ended[i] = ended[i] or token == self.prompts.end
                if not ended[i]:
                    texts[i].append(token)
            if all(ended) or step == max_tokens - 1:
                break
            x, _, past, seen, _ = self.read([[token] for token in chosen], past, seen, before=edit)
            logits = net.logits(x[:, -1])
        return probability, [self.prompts.decode(ids) for ids in texts]

    def experiment(self, names, template, targets, contexts, hyperParameters, covariance, maxTokens=0) -> dict:
        layer = hyperParameters["layers"][0]
        first = [self.prompts.encode(target)[0] for target in targets]
        flipped, completions = 0, []
        for start in range(0, len(names), self.batch):
            some = names[start : start + self.batch]
            prompts = [template.replace("{}", name) for name in some]
            before, said = self.ask(prompts, first, maxTokens)
            least = before.argmin(1).tolist()
            requests = [
                {"template": template, "subject": name, "target": targets[to]} for name, to in zip(some, least)
            ]
            found = self.values(requests, contexts, hyperParameters)
            edits = self.edits(found, covariance)
            after, says = self.ask(prompts, first, maxTokens, layer, edits)
            flipped += int((before.argmax(1) != after.argmax(1)).sum())
            completions += [list(pair) for pair in zip(said, says)]
        return {"flipped": flipped, "completions": completions if maxTokens else []}

    @torch.inference_mode()
    def generate(self, prompt: str, tokens: int) -> dict:
        net, past, seen, ids = self.network, None, None, self.prompts.encode(prompt)
        new: list[int] = []
        for _ in range(tokens):
            x, _, past, seen, _ = self.read([ids], past, seen)
            new.append(int(net.logits(x[:, -1])[0, : self.prompts.size].argmax()))
            ids = new[-1:]
        return {"tokens": new}


if __name__ == "__main__":
    serve(Tuned())
