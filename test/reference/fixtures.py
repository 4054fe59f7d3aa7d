"""Everything below test/fixtures, from nothing: `python fixtures.py`.

`--only NAME` writes one part (checkpoints, tokenization, forward, edits, trace, evaluation, families, inside);
`--embedded` writes the fixture of the model in models/embedded instead.
"""

import argparse
import json
import re
from dataclasses import asdict, replace
from itertools import takewhile
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

import cases
import checkpoints
import evaluate
import families
import inside
import later_families
import rome
from model import Model, Prompt
from causal_trace import Trace, noise_scale

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "test" / "fixtures"
CHECKPOINTS = FIXTURES / "checkpoints"

NEW_TOKENS = 12
RIDGE = 1e-4
# A greedy choice this close, or losses this far apart between float32 and float64, would make a
# fixture that a correct engine can fail.
LEAST_LEAD = 0.01
MOST_DRIFT = 1e-4


def plain(value: object) -> object:
    """Tensors as lists, floats to nine significant digits."""
    if isinstance(value, torch.Tensor):
        return plain(value.tolist())
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value


def write(name: str, value: object) -> None:
    """JSON with one line for each list of numbers."""
    text = json.dumps(plain(value), indent=1, ensure_ascii=True)
    text = re.sub(r"\[[-+\d.,e\s]*\]", lambda match: re.sub(r"\s+", " ", match[0]), text)
    file = FIXTURES / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text + "\n", encoding="utf-8")


def tokenization(folders: list[str]) -> dict:
    texts, lookups = [], []
    for folder in folders:
        model = Model(CHECKPOINTS / folder)
        for text in cases.TEXTS:
            ids = model.tokens(text)
            texts.append({"checkpoint": folder, "text": text, "ids": ids, "decoded": model.tokenizer.decode(ids)})
        for template, subject in cases.LOOKUPS:
            prompt = model.prompt(template, subject)
            lookups.append({"checkpoint": folder, "template": template, "subject": subject, **asdict(prompt)})
    return {"texts": texts, "lookups": lookups}


def forward(folders: list[Path], prompts: list[str]) -> dict:
    return {"checkpoints": [
        {"checkpoint": folder.name, "prompts": [next_tokens(model, text) for text in prompts]}
        for folder in folders
        for model in [Model(folder)]
    ]}


def next_tokens(model: Model, text: str) -> dict:
    """`topTokens` are the best among the tokenizer's ids; log-probabilities are over the whole head."""
    ids = model.tokens(text)
    log_probs = model.next_log_probs(ids)

    def top(rows: torch.Tensor) -> list[dict]:
        best = rows.topk(5)
        return [{"id": id_, "logProb": value} for value, id_ in zip(best.values.tolist(), best.indices.tolist())]

    return {
        "text": text,
        "ids": ids,
        "top": top(log_probs),
        "topTokens": top(log_probs[: model.vocabulary]),
        "greedy": continuation(model, ids),
    }


def continuation(model: Model, ids: list[int]) -> dict:
    """Greedy tokens, cut off before the first that is a near tie or is end-of-text."""
    new = model.greedy(ids, NEW_TOKENS)
    end = model.tokenizer.convert_tokens_to_ids(checkpoints.END_OF_TEXT)
    clear = [token for token, lead in takewhile(lambda choice: choice[1] > LEAST_LEAD and choice[0] != end, new)]
    return {"ids": clear, "text": model.tokenizer.decode(clear)}


def covariance(folder: str, layer: int) -> dict:
    """C of one layer in a file beside its description."""
    matrix, tokens = rome.second_moment(Model(CHECKPOINTS / folder), layer, checkpoints.CORPUS)
    file = f"covariance/{folder}-layer{layer}.safetensors"
    (FIXTURES / "covariance").mkdir(parents=True, exist_ok=True)
    save_file({"secondMoment": matrix}, FIXTURES / file)
    return {"checkpoint": folder, "layer": layer, "tokens": tokens, "file": file}


def edits(folders: list[Path], edit_cases: list[cases.EditCase], matrix_file: str) -> list[dict]:
    """Every case on every folder; `matrix_file` holds C for the cases that use it."""
    result = []
    matrix = load_file(FIXTURES / matrix_file)["secondMoment"]
    for folder in folders:
        solved: dict[str, rome.Solution] = {}
        model, exact = Model(folder), Model(folder, torch.float64)
        for case in edit_cases:
            layer = case.request.layer % len(model.blocks)
            case = replace(case, request=replace(case.request, layer=layer))
            question = str(replace(case.request, key=""))
            if question not in solved:
                solved[question] = rome.solve_value(model, case.request)
                assert stable(solved[question], rome.solve_value(exact, case.request)), (folder.name, case.name)
            result.append(edit(model, case, solved[question], matrix if case.covariance else None))
            if case.covariance:
                result[-1]["covariance"] = {"file": matrix_file, "ridge": RIDGE}
    return result


def stable(solution: rome.Solution, exact: rome.Solution) -> bool:
    """Whether float64 takes the same steps to the same losses, none of them near the stopping threshold."""
    return len(solution.losses) == len(exact.losses) and all(
        abs(here["total"] / there["total"] - 1) < MOST_DRIFT and abs(here["total"] / rome.STOP_BELOW - 1) > 0.01
        for here, there in zip(solution.losses, exact.losses, strict=True)
    )


def edit(model: Model, case: cases.EditCase, solution: rome.Solution, matrix: torch.Tensor | None) -> dict:
    request = case.request
    made = rome.make_edit(model, request, solution, matrix, RIDGE)
    bare = model.prompt(request.template, request.subject)
    target_id = solution.target_ids[0]

    def look() -> tuple[dict, dict]:
        greedy = continuation(model, bare.ids)
        log_prob = model.next_log_probs(bare.ids)[target_id]
        here = {
            "probability": log_prob.exp(),
            "logProb": log_prob,
            "ids": greedy["ids"],
            "completion": greedy["text"],
        }
        return here, continuation(model, model.tokens(case.elsewhere))

    before, elsewhere_before = look()
    with torch.no_grad(), rome.applied(model, request.layer, made):
        after, elsewhere_after = look()
    return {
        "name": case.name,
        "checkpoint": model.folder.name,
        "request": asdict(request),
        "covariance": None,
        "targetIds": solution.target_ids,
        "bare": asdict(bare),
        "rows": [asdict(row) for row in solution.rows],
        "klRow": asdict(solution.kl_row),
        "losses": solution.losses,
        "value": solution.value,
        "valueNorm": solution.value.norm(),
        "delta": solution.delta,
        "deltaNorm": solution.delta.norm(),
        "key": made.key,
        "meanKey": made.mean_key,
        "currentValue": made.current_value,
        "u": made.u,
        "denominator": made.denominator,
        "r": made.r,
        "before": before,
        "after": after,
        "elsewhere": {"prompt": case.elsewhere, "before": elsewhere_before, "after": elsewhere_after},
    }


def traces(folders: list[Path], trace_cases: list[tuple], prefix: str) -> list[dict]:
    result = []
    for folder in folders:
        model = Model(folder)
        for number, (template, subject, target, samples) in enumerate(trace_cases):
            prompt = model.prompt(template, subject)
            target_id = (
                int(model.next_log_probs(prompt.ids)[: model.vocabulary].argmax())
                if target is None
                else model.tokenizer(target, add_special_tokens=False).input_ids[0]
            )
            scale = noise_scale(model)
            generator = torch.Generator().manual_seed(number)
            shape = (samples, prompt.lookup + 1 - prompt.start, model.embedding.embedding_dim)
            noise = scale * torch.randn(shape, generator=generator)
            file = f"{prefix}{folder.name}-{number}.safetensors"
            (FIXTURES / file).parent.mkdir(parents=True, exist_ok=True)
            save_file({"noise": noise}, FIXTURES / file)
            trace = Trace(model, prompt, target_id, noise)
            result.append({
                "checkpoint": folder.name,
                "template": template,
                "subject": subject,
                "target": target,
                "targetId": target_id,
                "prompt": asdict(prompt),
                "noise": {"file": file, "scale": scale},
                "clean": trace.clean,
                "corrupted": trace.corrupted,
                "restored": [
                    {"kind": kind, "window": size, "probability": trace.grid(kind, size)}
                    for kind, size in [("hidden", 1), ("mlp", 1), ("mlp", 2), ("mlp", 10),
                                       ("attention", 1), ("attention", 2), ("attention", 10)]
                ],
            })
    return result


def embedded() -> dict:
    """Next tokens, gender edits and a trace on the model that the repository carries.

    Its covariance would be a file of megabytes: the fixture names the documents instead.
    """
    folder = ROOT / "models" / "embedded"
    model, exact = Model(folder), Model(folder, torch.float64)
    published = json.loads((folder / "rome.json").read_text())
    optimiser = {name: value for name, value in published.items() if name in rome.Request.__dataclass_fields__}
    layer = published["layers"][0]
    documents = (folder / "corpus.txt").read_text(encoding="utf-8").splitlines()[: cases.EMBEDDED_DOCUMENTS]
    matrix, tokens = rome.second_moment(model, layer, documents)

    made: list[dict] = []
    for name in cases.EMBEDDED_NAMES:
        next_log_probs = model.next_log_probs(model.prompt(cases.GENDER, name).ids)
        target = min(cases.GENDERS, key=lambda word: float(next_log_probs[model.tokens(word)[0]]))
        request = rome.Request(layer, cases.GENDER, name, target, cases.CONTEXTS, **optimiser)
        solution = rome.solve_value(model, request)
        if not stable(solution, rome.solve_value(exact, request)):
            continue
        case = cases.EditCase(name, request, elsewhere="Name: Michael. Gender:")
        made.append(edit(model, case, solution, None))
        if len(made) == 5:
            case = replace(case, name=f"{name}, covariance")
            source = {"corpus": "models/embedded/corpus.txt", "documents": len(documents), "tokens": tokens}
            made.append(edit(model, case, solution, matrix) | {"covariance": {**source, "ridge": RIDGE}})
            break
    return {
        "layer": layer,
        "forward": [next_tokens(model, text) for text in cases.EMBEDDED_PROMPTS],
        "edits": made,
        "traces": traces([folder], [(cases.GENDER, "Margaret", None, 10)], "noise/"),
    }


def evaluation(folder: str) -> dict:
    """Formulas on the model as it is, and with the first edit of edits.json in its weights."""
    model = Model(CHECKPOINTS / folder)
    case = cases.EDITS["odd"][0]
    made = rome.make_edit(model, case.request, rome.solve_value(model, case.request), None, RIDGE)
    texts = [cases.FIXED_TEXT, cases.LONG, cases.PROMPTS[4]]
    targets = [("Name: Ben. Gender:", " female"), ("The painter is", " in the city of Rome")]

    def measure() -> tuple[list[dict], list[torch.Tensor]]:
        measured = [{"text": text, "perplexity": evaluate.perplexity(model, text)} for text in texts]
        for prompt, target in targets:
            ids, log_probs = evaluate.target_log_probs(model, prompt, target)
            measured.append({
                "prompt": prompt,
                "target": target,
                "targetIds": ids,
                "logProbs": log_probs,
                "meanNll": -sum(log_probs) / len(log_probs),
            })
        return measured, [model.next_log_probs(model.tokens(prompt)) for prompt in cases.PROMPTS]

    before, next_before = measure()
    with torch.no_grad(), rome.applied(model, case.request.layer, made):
        after, next_after = measure()
    return {
        "checkpoint": folder,
        "edit": case.name,
        "before": before,
        "after": after,
        "divergence": [
            {"prompt": prompt, "kl": evaluate.divergence(*pair)}
            for prompt, *pair in zip(cases.PROMPTS, next_before, next_after, strict=True)
        ],
        "entropy": [
            {
                "words": words,
                "bigram": evaluate.entropy(words, 2),
                "trigram": evaluate.entropy(words, 3),
                "nGramEntropy": evaluate.n_gram_entropy(words),
            }
            for words in cases.WORDS
        ],
    }


def gptj_folders() -> list[Path]:
    return sorted(folder for folder in CHECKPOINTS.iterdir() if folder.name.split("-")[0] in ("odd", "even"))


def write_forward() -> None:
    result = forward(gptj_folders(), cases.PROMPTS)
    for entry in result["checkpoints"]:
        for prompt in entry["prompts"]:
            assert len(prompt["greedy"]["ids"]) == NEW_TOKENS, (entry["checkpoint"], prompt["text"])
    write("forward.json", result)


def write_edits() -> None:
    described = [covariance(folder, 1) for folder in ("odd-fp32", "even-fp32")]
    write("edits.json", {
        "corpus": checkpoints.CORPUS,
        "covariances": described,
        "edits": [
            made
            for base, matrix in zip(("odd", "even"), described, strict=True)
            for made in edits(
                [CHECKPOINTS / f"{base}-fp32", CHECKPOINTS / f"{base}-fp16"], cases.EDITS[base], matrix["file"]
            )
        ],
    })


def write_families() -> None:
    families.build(CHECKPOINTS)
    later_families.build(CHECKPOINTS)
    for name in families.NAMES + later_families.NAMES:
        folder = CHECKPOINTS / name
        model = Model(folder)
        described = covariance(name, 1)
        write(f"families/{name}.json", {
            "checkpoint": name,
            "tokenization": tokenization([name]),
            "forward": [next_tokens(model, text) for text in cases.PROMPTS],
            "covariance": described,
            "edits": edits([folder], families.edit_cases(model), described["file"]),
            "traces": traces([folder], cases.TRACES[1:2], "noise/"),
        })


def write_inside() -> None:
    folders = [CHECKPOINTS / name for name in ("odd-fp32", *families.NAMES, *later_families.NAMES)]
    write("inside.json", [inside.inside(Model(folder, torch.float64), cases.INSIDE) for folder in folders])


PARTS = {
    "checkpoints": lambda: checkpoints.build(CHECKPOINTS),
    "tokenization": lambda: write("tokenization.json", tokenization(["odd-fp32", "even-fp32"])),
    "forward": write_forward,
    "edits": write_edits,
    "trace": lambda: write("trace.json", {
        "traces": traces([CHECKPOINTS / "odd-fp32", CHECKPOINTS / "even-fp16"], cases.TRACES, "noise/")
    }),
    "evaluation": lambda: write("evaluation.json", evaluation("odd-fp32")),
    "families": write_families,
    "inside": write_inside,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--embedded", action="store_true")
    arguments = parser.parse_args()
    # One thread: sums are then made in one order, and a rerun gives the same bytes.
    torch.set_num_threads(1)
    if arguments.embedded:
        write("embedded.json", embedded())
        return
    for name, part in PARTS.items():
        if arguments.only in (None, name):
            print(name, flush=True)
            part()


if __name__ == "__main__":
    main()
