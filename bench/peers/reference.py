"""ROME as published (Meng et al. 2022), on a transformers model.

One name at a time; all contexts and the KL row padded as one batch; whole sequences through the whole network and its
head at every step; gradients by autograd; the key by the inverse covariance; the edit written into the weights;
completions by a loop of its own.
"""

from contextlib import contextmanager

import torch
from torch.nn import functional
from transformers import AutoModelForCausalLM

import covariance
from prompts import Prompts, Row
from serve import encode, serve

STOP_BELOW = 0.05


class Reference:
    def open(self, folder: str, threads: int, dtype: str = "float32") -> dict:
        torch.set_num_threads(threads)
        self.network = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).eval()
        self.network.requires_grad_(False)
        self.prompts = Prompts(folder)
        self.inverses: dict[str, torch.Tensor] = {}
        return {}

    def edited(self, layer: int) -> torch.nn.Linear:
        return self.network.transformer.h[layer].mlp.fc_out

    def padded(self, rows: list[Row]) -> dict[str, torch.Tensor]:
        longest = max(len(row.ids) for row in rows)
        return {
            "input_ids": torch.tensor([row.ids + [0] * (longest - len(row.ids)) for row in rows]),
            "attention_mask": torch.tensor(
                [[1] * len(row.ids) + [0] * (longest - len(row.ids)) for row in rows]
            ),
        }

    @torch.no_grad()
    def keys(self, rows: list[Row], layer: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Input [rows, m] and output [rows, d] of the edited matrix at the lookup positions."""
        seen = []
        handle = self.edited(layer).register_forward_hook(lambda _, x, y: seen.append((x[0], y)))
        self.network(**self.padded(rows), use_cache=False)
        handle.remove()
        at = torch.arange(len(rows)), torch.tensor([row.lookup for row in rows])
        return seen[0][0][at], seen[0][1][at]

    def value(self, request: dict, contexts: list[str], h: dict) -> tuple[torch.Tensor, torch.Tensor, int]:
        """Δv, v, and the number of evaluations."""
        rows, kl_row, _, target = self.prompts.rows(contexts, request)
        batch = [*rows, kl_row]
        inputs = self.padded(batch)
        every = torch.arange(len(batch))
        lookups = torch.tensor([row.lookup for row in batch])
        labels = torch.full(inputs["input_ids"].shape, -100)[: len(rows)]
        for i, row in enumerate(rows):
            labels[i, len(row.ids) - len(target) : len(row.ids)] = torch.tensor(target)
        wanted = labels != -100
        delta = torch.zeros(self.network.config.n_embd, requires_grad=True)
        optimizer = torch.optim.Adam([delta], lr=h["v_lr"])
        origin = base = None

        def add(_module, _inputs, output):
            nonlocal origin
            if origin is None:
                origin = output[0, lookups[0]].detach().clone()
            output[every, lookups] += delta
            return output

        for step in range(h["v_num_grad_steps"]):
            optimizer.zero_grad()
            handle = self.edited(h["layers"][0]).register_forward_hook(add)
            logits = self.network(**inputs, use_cache=False).logits
            handle.remove()
            now = functional.log_softmax(logits[-1, kl_row.lookup], dim=0)
            if base is None:
                base = now.detach().clone()
            log_probs = functional.log_softmax(logits, dim=2)[: len(rows)]
            picked = log_probs.gather(2, labels.clamp(min=0).unsqueeze(2)).squeeze(2)
            nll = (-(picked * wanted).sum(1) / len(target)).mean()
            kl = h["kl_factor"] * functional.kl_div(base, now, log_target=True, reduction="sum")
            decay = h["v_weight_decay"] * delta.norm() / origin.norm() ** 2
            loss = nll + kl + decay
            if loss < STOP_BELOW or step == h["v_num_grad_steps"] - 1:
                break
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                limit = h["clamp_norm_factor"] * origin.norm()
                if delta.norm() > limit:
                    delta.mul_(limit / delta.norm())
        return delta.detach(), origin, step + 1

    def solve(self, requests: list[dict], contexts: list[str], hyperParameters: dict) -> dict:
        found = [self.value(request, contexts, hyperParameters) for request in requests]
        return {"deltas": [encode(delta) for delta, _, _ in found], "evaluations": [n for _, _, n in found]}

    def update(self, request, contexts, h, second_moment) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """r, u of W′ = W + r uᵀ, and Δv."""
        layer = h["layers"][0]
        rows, _, bare, _ = self.prompts.rows(contexts, request)
        u = self.keys(rows, layer)[0].mean(0)
        if second_moment:
            if second_moment not in self.inverses:
                self.inverses[second_moment] = torch.inverse(covariance.read(second_moment)).float()
            u = self.inverses[second_moment] @ u
        u = u / u.norm()
        delta, value, _ = self.value(request, contexts, h)
        (key,), (current,) = self.keys([bare], layer)
        return (value + delta - current) / torch.dot(key, u), u, delta

    @torch.no_grad()
    def next_token(self, prompt: str) -> torch.Tensor:
        ids = torch.tensor([self.prompts.encode(prompt)])
        return self.network(ids, use_cache=False).logits[0, -1].softmax(-1)

    @contextmanager
    def written(self, request, contexts, h, second_moment):
        """The edit stands in the weights inside."""
        r, u, _ = self.update(request, contexts, h, second_moment)
        weight = self.edited(h["layers"][0]).weight
        stored = weight.detach().clone()
        with torch.no_grad():
            weight += torch.outer(r, u)
        try:
            yield
        finally:
            with torch.no_grad():
                weight.copy_(stored)

    def one(self, name, template, targets, contexts, h, second_moment, max_tokens) -> dict:
        """Before, the edit towards the label that the model does not give, after."""
        prompt = template.replace("{}", name)
        first = [self.prompts.encode(target)[0] for target in targets]
        before = self.next_token(prompt)[first]
        completions = [self.complete(prompt, max_tokens)]
        target = targets[int(before.argmin())]
        request = {"template": template, "subject": name, "target": target}
        with self.written(request, contexts, h, second_moment):
            after = self.next_token(prompt)[first]
            completions.append(self.complete(prompt, max_tokens))
        return {"flipped": int(after.argmax()) != int(before.argmax()), "completions": completions}

    def experiment(self, names, template, targets, contexts, hyperParameters, covariance, maxTokens=0) -> dict:
        rest = (template, targets, contexts, hyperParameters, covariance, maxTokens)
        outcomes = [self.one(name, *rest) for name in names]
        return {
            "flipped": sum(outcome["flipped"] for outcome in outcomes),
            "completions": [outcome["completions"] for outcome in outcomes] if maxTokens else [],
        }

    def evaluate(self, people, concept, contexts, hyperParameters, covariance) -> dict:
        """CounterFact's measures of each name's edit, as published: without the edit and with it, one name after another."""
        wanted = []
        texts = {target["label"]: target["text"] for target in concept["targets"]}
        first = [self.prompts.encode(text)[0] for text in texts.values()]
        for person in people:
            prompt = concept["prompt"].replace("{}", person["name"])
            least = int(self.next_token(prompt)[first].argmin())
            goal, old = list(texts)[least], list(texts)[1 - least]
            request = {"template": concept["prompt"], "subject": person["name"], "target": texts[goal]}
            self.measure(person, concept, texts, goal, old)
            with self.written(request, contexts, hyperParameters, covariance):
                wanted.append(float(self.measure(person, concept, texts, goal, old)[0]))
        return {"wanted": wanted}

    def measure(self, person: dict, concept: dict, texts: dict, goal: str, old: str) -> list[bool]:
        """Of each prompt whether the wanted text is the likelier; beside it, what is written after facts and openings."""
        ways = [{"template": concept["prompt"]}, *concept["paraphrases"]]
        asked = [(way["template"].replace("{}", person["name"]), way.get("texts", texts), goal, old) for way in ways]
        asked += [(concept["prompt"].replace("{}", one), texts, old, goal) for one in person["neighbours"]]
        for fact in concept["facts"]:
            for name in [person["name"], *person["neighbours"]]:
                self.complete(fact["template"].replace("{}", name), 3)
        for opening in concept["generations"]:
            self.complete(opening.replace("{}", person["name"]), 30)
        return [better > worse for better, worse in self.likelihoods(asked)]

    @torch.no_grad()
    def likelihoods(self, asked: list[tuple]) -> list[tuple[float, float]]:
        """Mean log-probability of both texts' tokens after each prompt, in one batch."""
        pairs = [
            (self.prompts.encode(prompt), self.prompts.encode(texts[label]))
            for prompt, texts, *labels in asked
            for label in labels
        ]
        logits = self.network(**self.padded([Row([*ids, *text], 0) for ids, text in pairs]), use_cache=False).logits
        found = []
        for of_row, (ids, text) in zip(logits.log_softmax(-1), pairs):
            at = torch.arange(len(ids) - 1, len(ids) - 1 + len(text))
            found.append(float(of_row[at, torch.tensor(text)].mean()))
        return list(zip(found[::2], found[1::2]))

    @torch.no_grad()
    def trace(self, template: str, subject: str, samples: int, window: int = 10) -> dict:
        """Causal tracing as published: for each token and layer a run of its own, with the clean sequence as the first row."""
        row, net = self.prompts.row(template, subject), self.network.transformer
        first = len(self.prompts.encode(template.split("{}")[0]))
        ids = torch.tensor([row.ids] * (1 + samples))
        noise = 3 * net.wte.weight.std() * torch.randn(samples, row.lookup + 1 - first, net.wte.weight.shape[1])
        target = int(self.network(ids[:1], use_cache=False).logits[0, -1].argmax())

        def corrupt(_module, _inputs, output):
            output[1:, first : row.lookup + 1] += noise

        def restore(token):
            def hook(_module, _inputs, output):
                states = output[0] if isinstance(output, tuple) else output
                states[1:, token] = states[0, token]

            return hook

        def run(modules, token) -> float:
            handles = [net.wte.register_forward_hook(corrupt)]
            handles += [module.register_forward_hook(restore(token)) for module in modules]
            logits = self.network(ids, use_cache=False).logits[1:, -1]
            for handle in handles:
                handle.remove()
            return float(logits.softmax(-1)[:, target].mean())

        blocks, half = list(net.h), window // 2
        kinds = [
            lambda layer: [blocks[layer]],
            lambda layer: [block.mlp for block in blocks[max(0, layer - half) : layer + half]],
            lambda layer: [block.attn for block in blocks[max(0, layer - half) : layer + half]],
        ]
        return {
            "scores": [
                [[run(of(layer), token) for layer in range(len(blocks))] for token in range(len(row.ids))] for of in kinds
            ]
        }

    @torch.no_grad()
    def complete(self, prompt: str, max_tokens: int) -> str:
        return self.prompts.decode(self.greedy(prompt, max_tokens, self.prompts.end)) if max_tokens else ""

    @torch.no_grad()
    def greedy(self, prompt: str, count: int, end: int | None = None) -> list[int]:
        ids, past, new = torch.tensor([self.prompts.encode(prompt)]), None, []
        for _ in range(count):
            out = self.network(ids, past_key_values=past, use_cache=True)
            chosen = int(out.logits[0, -1, : self.prompts.size].argmax())
            if chosen == end:
                break
            new.append(chosen)
            ids, past = torch.tensor([[chosen]]), out.past_key_values
        return new

    @torch.no_grad()
    def next(self, prompt: str) -> dict:
        """Log-probabilities of the next token over the whole head."""
        ids = torch.tensor([self.prompts.encode(prompt)])
        return {"logProbs": encode(self.network(ids, use_cache=False).logits[0, -1].log_softmax(-1))}

    def generate(self, prompt: str, tokens: int) -> dict:
        return {"tokens": self.greedy(prompt, tokens)}


if __name__ == "__main__":
    serve(Reference())
