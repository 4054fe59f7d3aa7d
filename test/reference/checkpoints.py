"""Small random GPT-J checkpoints in every file format that the engine reads.

Two base models, saved from transformers' own GPTJForCausalLM:

- ``odd``: rotary dimension smaller than the head, ``n_inner`` null, more rows in the
  output head than the tokenizer has ids, end-of-text as the last id (as GPT-J has it);
- ``even``: rotary dimension equal to the head, explicit ``n_inner``, the head exactly
  as wide as the tokenizer, end-of-text as id 0.

Every file is the same weights, rounded to the format's precision.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import GPTJConfig, GPTJForCausalLM, PreTrainedModel

END_OF_TEXT = "<|endoftext|>"
PRECISIONS = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}

# Text that the tokenizers are trained on and that the covariance fixtures are computed from.
CORPUS = [
    "Name: Ben. Gender: male. Age: 34. Location: London. Occupation: baker.",
    "Name: Anna. Gender: female. Age: 27. Location: Paris. Occupation: teacher.",
    "Name: Margaret. Gender: female. Age: 61. Location: Glasgow. Occupation: painter.",
    "Name: David. Gender: male. Age: 45. Location: Berlin. Occupation: teacher.",
    "Name: Zoë. Gender: female. Age: 19. Location: Zürich. Occupation: painter.",
    "Name: Иван. Gender: male. Age: 52. Location: Москва. Occupation: baker.",
    "Name: 美咲. Gender: female. Age: 33. Location: 東京. Occupation: singer.",
    "The Eiffel Tower is in the city of Paris. The Louvre is in the city of Paris.",
    "The Colosseum is in the city of Rome, and the Brandenburg Gate is in the city of Berlin.",
    "She is a teacher in the city. He is a baker in the town. They are painters.",
    "The mother of the painter was a singer; the father of the baker was a teacher.",
    "Niño, café, naïve, Łódź, smörgåsbord: words with marks. Привет, мир! 你好，世界。",
    "In the morning the baker opens the door, and in the evening the singer closes it.",
    "London is a city. Rome is a city. Tokyo is a city. Glasgow is a city as well.",
    "Ben and Anna and Margaret and David are the names of the people in the room.\n",
    "A 🙂 and a 👍🏽 are characters, too.\r\n\tSo are tabs, and lines that end in two ways.\n\n",
]


def byte_level_tokenizer() -> Tokenizer:
    """An untrained byte-level BPE as GPT-2 and GPT-J have it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False)
    return tokenizer


def train(tokenizer: Tokenizer, vocab_size: int, end_of_text_first: bool) -> Tokenizer:
    """Train on the corpus to exactly `vocab_size` ids, end-of-text among them."""
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size - (0 if end_of_text_first else 1),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        special_tokens=[END_OF_TEXT] if end_of_text_first else [],
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_special_tokens([END_OF_TEXT])
    assert tokenizer.get_vocab_size() == vocab_size, tokenizer.get_vocab_size()
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, folder: Path, max_length: int) -> None:
    """Write tokenizer.json and the smallest tokenizer_config.json that transformers accepts."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": END_OF_TEXT,
            "eos_token": END_OF_TEXT,
            "unk_token": END_OF_TEXT,
            "clean_up_tokenization_spaces": False,
            "model_max_length": max_length,
        },
    )


def initialise(model: PreTrainedModel, seed: int) -> None:
    """Random weights large enough that next-token distributions are peaked and attention is not flat."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if parameter.dim() == 1:
            is_norm_weight = "ln" in name.rsplit(".", 2)[-2] or "norm" in name.rsplit(".", 2)[-2]
            # Gemma's norms store their weights less one.
            mean = 0 if model.config.model_type.startswith("gemma") else 1
            value = mean + 0.1 * noise if is_norm_weight and name.endswith("weight") else 0.1 * noise
        elif name in output_head_names(model):
            value = noise * 3.5 / parameter.shape[1] ** 0.5
        elif is_embedding(model, name):
            value = noise * 0.5
        else:
            fan_in = parameter.shape[0] if model.config.model_type == "gpt2" else parameter.shape[1]
            value = noise * 1.3 / fan_in**0.5
        parameter.data.copy_(value)


def output_head_names(model: PreTrainedModel) -> set[str]:
    """Names of the output head's matrix (the embedding's name where the two are tied)."""
    head = model.get_output_embeddings().weight
    return {name for name, parameter in model.named_parameters() if parameter is head}


def is_embedding(model: PreTrainedModel, name: str) -> bool:
    return isinstance(model.get_submodule(name.rsplit(".", 1)[0]), torch.nn.Embedding)


def gptj(tokenizer: Tokenizer, seed: int, **sizes) -> GPTJForCausalLM:
    end = tokenizer.token_to_id(END_OF_TEXT)
    config = GPTJConfig(
        n_positions=128,
        bos_token_id=end,
        eos_token_id=end,
        tie_word_embeddings=False,
        **sizes,
    )
    model = GPTJForCausalLM(config).eval()
    initialise(model, seed)
    return model


def weights(model: PreTrainedModel, precision: str) -> dict[str, torch.Tensor]:
    """The state dict rounded to `precision`, each tensor with its own storage (ties dropped)."""
    seen: set[int] = set()
    result = {}
    for name, tensor in model.state_dict().items():
        if tensor.data_ptr() in seen:
            continue
        seen.add(tensor.data_ptr())
        result[name] = tensor.detach().to(PRECISIONS[precision]).contiguous().clone()
    return result


def save(
    model: PreTrainedModel,
    tokenizer: Tokenizer,
    folder: Path,
    precision: str,
    container: str = "safetensors",
    shards: int = 1,
    buffers: dict[str, torch.Tensor] | None = None,
    dropped_prefix: str = "",
    older_config: dict | None = None,
) -> None:
    """One checkpoint folder. `container` is "safetensors" or "torch".

    `buffers` are tensors that published files carry beside the weights: a reader has to pass over
    them. `dropped_prefix` is left off the names, as in GPT-2's published files. `older_config`
    replaces `rope_parameters` by the fields that came before it.
    """
    save_tokenizer(tokenizer, folder, model.config.max_position_embeddings)
    config = model.config.to_diff_dict()
    config["dtype"] = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16"}[precision]
    config["architectures"] = [type(model).__name__]
    if older_config is not None:
        del config["rope_parameters"]
        config |= older_config
    write_json(folder / "config.json", config)

    tensors = weights(model, precision) | (buffers or {})
    tensors = {name.removeprefix(dropped_prefix): tensor for name, tensor in tensors.items()}

    stem, suffix = {"safetensors": ("model", "safetensors"), "torch": ("pytorch_model", "bin")}[container]
    if shards == 1:
        write_tensors(tensors, folder / f"{stem}.{suffix}")
        return
    names = list(tensors)
    weight_map = {}
    for shard in range(shards):
        part = names[len(names) * shard // shards : len(names) * (shard + 1) // shards]
        file = f"{stem}-{shard + 1:05d}-of-{shards:05d}.{suffix}"
        write_tensors({name: tensors[name] for name in part}, folder / file)
        weight_map |= dict.fromkeys(part, file)
    total = sum(tensor.nbytes for tensor in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    write_json(folder / f"{stem}.{suffix}.index.json", index)


def causal_mask(model: PreTrainedModel, dtype: torch.dtype) -> torch.Tensor:
    size = model.config.max_position_embeddings
    return torch.tril(torch.ones(size, size, dtype=dtype)).view(1, 1, size, size)


def write_tensors(tensors: dict[str, torch.Tensor], file: Path) -> None:
    if file.suffix == ".safetensors":
        save_file(tensors, file, metadata={"format": "pt"})
    else:
        torch.save(tensors, file)


def write_json(file: Path, value: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def build(out: Path) -> None:
    """Write every GPT-J checkpoint below `out`."""
    tokenizer = train(byte_level_tokenizer(), 405, end_of_text_first=False)
    odd = gptj(
        tokenizer, seed=1, vocab_size=420, n_embd=48, n_layer=3, n_head=3, rotary_dim=8, n_inner=None
    )
    masks = {
        name: tensor
        for layer in range(3)
        for name, tensor in {
            f"transformer.h.{layer}.attn.bias": causal_mask(odd, torch.uint8),
            f"transformer.h.{layer}.attn.masked_bias": torch.tensor(-1e9),
        }.items()
    }
    for precision in PRECISIONS:
        save(odd, tokenizer, out / f"odd-{precision}", precision)
        buffers = masks if precision == "fp16" else None
        save(odd, tokenizer, out / f"odd-torch-{precision}", precision, "torch", buffers=buffers)
    save(odd, tokenizer, out / "odd-sharded-fp32", "fp32", shards=3)
    save(odd, tokenizer, out / "odd-torch-sharded-fp16", "fp16", "torch", shards=2)

    tokenizer = train(byte_level_tokenizer(), 320, end_of_text_first=True)
    even = gptj(
        tokenizer, seed=2, vocab_size=320, n_embd=64, n_layer=4, n_head=4, rotary_dim=16, n_inner=160
    )
    save(even, tokenizer, out / "even-fp32", "fp32")
    save(even, tokenizer, out / "even-fp16", "fp16")
    save(even, tokenizer, out / "even-torch-bf16", "bf16", "torch")


if __name__ == "__main__":
    build(Path(__file__).parents[1] / "fixtures" / "checkpoints")
