"""The published ROME code itself, from a checkout of the authors' repository (github.com/kmeng01/rome), on the processor.

    python published.py FOLDER

Its files are run as they are, but for the name of the device. What they import and these calls never use (datasets,
matplotlib) need not be installed. Its contexts and inverse covariance are given to it, as to the other peers.
"""

import importlib.abc
import importlib.machinery
import os
import sys
from types import ModuleType

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

import covariance as stored
from serve import encode, serve


class OnProcessor(importlib.machinery.SourceFileLoader):
    """Reads a source file with "cpu" where it says "cuda"."""

    def get_data(self, path: str) -> bytes:
        data = super().get_data(path)
        return data.replace(b'"cuda"', b'"cpu"') if path.endswith(".py") else data

    def path_stats(self, path: str):
        raise OSError("compiled files of the source as it is must not be used")


class Unused(ModuleType):
    """Has every name that is imported from it."""

    __path__ = ()

    def __getattr__(self, name: str) -> object:
        return None


class Checkout(importlib.abc.MetaPathFinder):
    def __init__(self, folder: str):
        self.finder = importlib.machinery.FileFinder(folder, (OnProcessor, [".py"]))
        self.folder = folder

    def find_spec(self, name, path=None, target=None):
        package, *rest = name.split(".")
        if package not in ("rome", "util"):
            return None
        if not rest:
            return self.finder.find_spec(name)
        return importlib.machinery.FileFinder(os.path.join(self.folder, package), (OnProcessor, [".py"])).find_spec(name)


def adopt(folder: str) -> None:
    """Makes the checkout's packages `rome` and `util` importable."""
    for name in ("matplotlib", "matplotlib.style", "datasets"):
        sys.modules.setdefault(name, Unused(name))
    os.chdir(folder)  # util/globals.py reads globals.yml there.
    sys.meta_path.insert(0, Checkout(folder))


class Published:
    def open(self, folder: str, threads: int, dtype: str = "float32") -> dict:
        torch.set_num_threads(threads)
        self.network = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).eval()
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.tokenizer.pad_token = self.tokenizer.eos_token
        return {}

    def parameters(self, h: dict, contexts: list[str], second_moment: str | None):
        from rome import compute_u, rome_main
        from rome.rome_hparams import ROMEHyperParams

        rome_main.CONTEXT_TEMPLATES_CACHE = contexts
        (layer,) = h["layers"]
        module = "transformer.h.{}.mlp.fc_out"
        if second_moment:
            name = self.network.config._name_or_path.replace("/", "_")
            inverses = compute_u.inv_mom2_cache
            if (name, module.format(layer)) not in inverses:
                inverses[name, module.format(layer)] = torch.inverse(stored.read(second_moment)).float()
        given = ("layers", "v_num_grad_steps", "v_lr", "v_loss_layer", "v_weight_decay", "clamp_norm_factor", "kl_factor")
        return ROMEHyperParams(
            **{name: h[name] for name in given},
            fact_token="subject_last",
            mom2_adjustment=bool(second_moment),
            context_template_length_params=[],
            rewrite_module_tmp=module,
            layer_module_tmp="transformer.h.{}",
            mlp_module_tmp="transformer.h.{}.mlp",
            attn_module_tmp="transformer.h.{}.attn",
            ln_f_module="transformer.ln_f",
            lm_head_module="lm_head",
            mom2_dataset="",
            mom2_n_samples=0,
            mom2_dtype="float32",
        )

    def asked(self, request: dict) -> dict:
        return {"prompt": request["template"], "subject": request["subject"], "target_new": {"str": request["target"]}}

    def solve(self, requests: list[dict], contexts: list[str], hyperParameters: dict) -> dict:
        from rome.compute_u import compute_u
        from rome.compute_v import compute_v, get_module_input_output_at_word

        h = self.parameters(hyperParameters, contexts, None)
        (layer,) = h.layers
        deltas = []
        for request in map(self.asked, requests):
            u = compute_u(self.network, self.tokenizer, request, h, layer, contexts)
            right = compute_v(self.network, self.tokenizer, request, h, layer, u, contexts)
            place = (request["prompt"], request["subject"], h.rewrite_module_tmp, h.fact_token)
            key, _ = get_module_input_output_at_word(self.network, self.tokenizer, layer, *place)
            # It returns (v* − v) / kᵀu.
            deltas.append(encode(right * torch.dot(key, u)))
        return {"deltas": deltas}

    @torch.no_grad()
    def next_token(self, prompt: str) -> torch.Tensor:
        return self.network(**self.tokenizer(prompt, return_tensors="pt")).logits[0, -1].softmax(-1)

    def complete(self, prompt: str, count: int) -> str:
        from util.generate import generate_fast

        length = len(self.tokenizer(prompt)["input_ids"]) + count
        return generate_fast(self.network, self.tokenizer, [prompt], top_k=1, max_out_len=length)[0] if count else ""

    def experiment(self, names, template, targets, contexts, hyperParameters, covariance, maxTokens=0) -> dict:
        from rome.rome_main import apply_rome_to_model
        from util.nethook import get_parameter

        h = self.parameters(hyperParameters, contexts, covariance)
        first = [self.tokenizer(target)["input_ids"][0] for target in targets]
        flipped, completions = 0, []
        for name in names:
            prompt = template.replace("{}", name)
            before = self.next_token(prompt)[first]
            texts = [self.complete(prompt, maxTokens)]
            request = self.asked({"template": template, "subject": name, "target": targets[int(before.argmin())]})
            _, weights = apply_rome_to_model(
                self.network, self.tokenizer, [request], h, return_orig_weights=True
            )
            flipped += int(self.next_token(prompt)[first].argmax()) != int(before.argmax())
            completions.append([*texts, self.complete(prompt, maxTokens)])
            with torch.no_grad():
                for parameter, value in weights.items():
                    get_parameter(self.network, parameter)[...] = value
        return {"flipped": flipped, "completions": completions if maxTokens else []}


if __name__ == "__main__":
    adopt(os.path.abspath(sys.argv[1]))
    serve(Published())
