"""GGUF fixtures, by the Python package `gguf`: `python gguf_files.py`, after `fixtures.py`.

`blocks.json` holds random blocks of every type and the numbers that the package makes of them. The `.gguf` files hold
small checkpoints of test/fixtures as llama.cpp's converter lays them out; `models.json` says what a Hugging Face folder
of each must hold, and what transformers says to its prompts.
"""

import base64
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Type
from safetensors.torch import load_file, save_file

import cases
from fixtures import CHECKPOINTS, FIXTURES, next_tokens, write
from model import Model

OUT = FIXTURES / "gguf"
BLOCKS = 4
TYPES = ["F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"]
# Where a type's blocks hold float16 scales: random bytes there could be no number.
SCALES = {"Q4_1": [0, 2], "Q5_1": [0, 2], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208]}
# Rows of a size that no type with blocks divides are stored like this.
ODD_ROWS = "F16"


def blocks() -> dict:
    random = np.random.default_rng(1)
    result = {}
    for name in TYPES:
        elements, size = gguf.GGML_QUANT_SIZES[Type[name]]
        if elements == 1:
            numbers = random.normal(size=64).astype(np.float32)
            numbers[:3] = [0, -0.0, 1e-6]
            stored = gguf.quantize(numbers, Type[name]).view(np.uint8)
        else:
            stored = random.integers(0, 256, size=(BLOCKS, size), dtype=np.uint8)
            for at in SCALES.get(name, [0]):
                scale = random.normal(size=(BLOCKS, 1)).astype(np.float16)
                scale[-1] = 3e-7  # a subnormal
                stored[:, at : at + 2] = scale.view(np.uint8)
        numbers = gguf.dequantize(stored, Type[name]).astype(np.float32)
        assert np.isfinite(numbers).all()
        result[name] = {"bytes": encoded(stored), "numbers": encoded(numbers)}
    return result


def encoded(array: np.ndarray) -> str:
    return base64.b64encode(array.tobytes()).decode()


# By family: the prefix and the names of a layer's parts (GGUF: Hugging Face), and those of the rest.
LLAMA = (
    "model.layers.",
    {
        "attn_norm": "input_layernorm",
        "attn_q": "self_attn.q_proj",
        "attn_k": "self_attn.k_proj",
        "attn_v": "self_attn.v_proj",
        "attn_q_norm": "self_attn.q_norm",
        "attn_k_norm": "self_attn.k_norm",
        "attn_output": "self_attn.o_proj",
        "ffn_norm": "post_attention_layernorm",
        "ffn_gate": "mlp.gate_proj",
        "ffn_up": "mlp.up_proj",
        "ffn_down": "mlp.down_proj",
    },
    {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"},
)
GPT2 = (
    "transformer.h.",
    {
        "attn_norm": "ln_1",
        "attn_qkv": "attn.c_attn",
        "attn_output": "attn.c_proj",
        "ffn_norm": "ln_2",
        "ffn_up": "mlp.c_fc",
        "ffn_down": "mlp.c_proj",
    },
    {"token_embd": "transformer.wte", "position_embd": "transformer.wpe", "output_norm": "transformer.ln_f"},
)
NEOX = (
    "gpt_neox.layers.",
    {
        "attn_norm": "input_layernorm",
        "attn_qkv": "attention.query_key_value",
        "attn_output": "attention.dense",
        "ffn_norm": "post_attention_layernorm",
        "ffn_up": "mlp.dense_h_to_4h",
        "ffn_down": "mlp.dense_4h_to_h",
    },
    {"token_embd": "gpt_neox.embed_in", "output_norm": "gpt_neox.final_layer_norm", "output": "lm_head"},
)
NAMES = {"llama": LLAMA, "qwen2": LLAMA, "qwen3": LLAMA, "gpt2": GPT2, "gpt_neox": NEOX}


def name_in_gguf(family: str, name: str) -> str:
    prefix, parts, rest = NAMES[family]
    stem, kind = name.rsplit(".", 1)
    for there, here in rest.items():
        if stem == here:
            return f"{there}.{kind}"
    layer, part = stem.removeprefix(prefix).split(".", 1)
    return next(f"blk.{layer}.{there}.{kind}" for there, here in parts.items() if part == here)


def arranged(config: dict, name: str, tensor: np.ndarray) -> np.ndarray:
    """As llama.cpp's converter arranges a tensor of a Hugging Face folder."""
    family = config["model_type"]
    if family == "llama" and (".attn_q." in name or ".attn_k." in name):
        heads = config["num_attention_heads"] if ".attn_q." in name else config["num_key_value_heads"]
        return tensor.reshape(heads, 2, -1, tensor.shape[-1]).swapaxes(1, 2).reshape(tensor.shape)
    if family == "gpt2" and tensor.ndim == 2 and name.startswith("blk."):
        return tensor.T
    if family == "gpt_neox" and ".attn_qkv." in name:
        heads = config["num_attention_heads"]
        return tensor.reshape(heads, 3, -1, *tensor.shape[1:]).swapaxes(0, 1).reshape(tensor.shape)
    return tensor


def tokenizer(writer: gguf.GGUFWriter, folder: Path, rows: int, pre: str) -> None:
    file = json.loads((folder / "tokenizer.json").read_text())
    added = {token["id"]: token for token in file["added_tokens"]}
    texts = {id_: text for text, id_ in file["model"]["vocab"].items()}
    texts |= {id_: token["content"] for id_, token in added.items()}
    tokens, types = [], []
    for id_ in range(rows):
        tokens.append(texts.get(id_, f"[PAD{id_}]"))
        kind = gguf.TokenType.NORMAL if id_ in texts else gguf.TokenType.UNUSED
        if id_ in added:
            kind = gguf.TokenType.CONTROL if added[id_]["special"] else gguf.TokenType.USER_DEFINED
        types.append(kind)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    merges = file["model"]["merges"]
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in merges])
    end = next(id_ for id_, token in added.items() if token["content"] == "<|endoftext|>")
    begin = next((id_ for id_, token in added.items() if token["content"] == "<|begin_of_text|>"), None)
    writer.add_eos_token_id(end)
    writer.add_bos_token_id(end if begin is None else begin)
    if begin is None:
        writer.add_add_bos_token(False)


def metadata(writer: gguf.GGUFWriter, config: dict) -> None:
    family = config["model_type"]
    if family == "gpt2":
        writer.add_block_count(config["n_layer"])
        writer.add_context_length(config["n_positions"])
        writer.add_embedding_length(config["n_embd"])
        writer.add_feed_forward_length(config["n_inner"])
        writer.add_head_count(config["n_head"])
        writer.add_layer_norm_eps(config.get("layer_norm_epsilon", 1e-5))
        return
    heads = config["num_attention_heads"]
    head_size = config.get("head_dim") or config["hidden_size"] // heads
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    if family == "gpt_neox":
        writer.add_rope_dimension_count(int(config["rotary_pct"] * head_size))
        writer.add_parallel_residual(True)
        writer.add_layer_norm_eps(config.get("layer_norm_eps", 1e-5))
        return
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config.get("rms_norm_eps", 1e-6))
    rope = config.get("rope_parameters") or config
    writer.add_rope_freq_base(rope["rope_theta"])
    if family == "llama":
        writer.add_rope_dimension_count(head_size)
    if family != "qwen2":
        writer.add_key_length(head_size)
        writer.add_value_length(head_size)
    scaling = config.get("rope_scaling")
    if scaling:
        writer.add_tensor("rope_freqs.weight", rope_factors(scaling, rope["rope_theta"], head_size))


def rope_factors(scaling: dict, base: float, head_size: int) -> np.ndarray:
    """What llama.cpp divides each pair's frequency by, as its converter finds it from Llama 3.1's config."""
    factors = []
    length = scaling["original_max_position_embeddings"]
    low, high, factor = scaling["low_freq_factor"], scaling["high_freq_factor"], scaling["factor"]
    for pair in range(head_size // 2):
        wavelength = 2 * np.pi * base ** (2 * pair / head_size)
        if wavelength < length / high:
            factors.append(1)
        elif wavelength > length / low:
            factors.append(factor)
        else:
            smooth = (length / wavelength - low) / (high - low)
            factors.append(1 / ((1 - smooth) / factor + smooth))
    return np.array(factors, dtype=np.float32)


def model(twin: str, name: str, pre: str, types: dict[str, str], file_type: gguf.LlamaFileType, head: bool) -> dict:
    """One GGUF of the checkpoint `twin`; `types` by the GGUF's name of the part, "" for the rest; vectors are F32.

    With `head`, an output head that the checkpoint has not is stored apart from the embedding.
    """
    folder = CHECKPOINTS / twin
    config = json.loads((folder / "config.json").read_text())
    family = config["model_type"]
    tensors = {key: value.float().numpy() for key, value in load_file(folder / "model.safetensors").items()}
    if head:
        random = np.random.default_rng(2)
        table = tensors["model.embed_tokens.weight"]
        noise = 0.2 * random.normal(size=table.shape)
        tensors["lm_head.weight"] = (table + noise).astype(np.float32)
        config["tie_word_embeddings"] = False
    writer = gguf.GGUFWriter(OUT / f"{name}.gguf", {"gpt_neox": "gptneox"}.get(family, family))
    writer.add_name(f"Tiny {twin}")
    writer.add_file_type(file_type)
    metadata(writer, config)
    rows = next(value for key, value in tensors.items() if name_in_gguf(family, key) == "token_embd.weight").shape[0]
    tokenizer(writer, folder, rows, pre)
    expected = {}
    for key, tensor in tensors.items():
        here = name_in_gguf(family, key)
        part = here.removesuffix(".weight").split(".")[-1]
        wanted = "F32" if tensor.ndim == 1 else types.get(part, types[""])
        kind = Type[wanted if tensor.shape[-1] % gguf.GGML_QUANT_SIZES[Type[wanted]][0] == 0 else ODD_ROWS]
        # Blocks lie within rows, so that what becomes of the numbers does not depend on how the rows are arranged.
        expected[key] = gguf.dequantize(gguf.quantize(tensor, kind), kind).reshape(tensor.shape).astype(np.float16)
        stored = gguf.quantize(np.ascontiguousarray(arranged(config, here, tensor)), kind)
        writer.add_tensor(here, stored, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    # The published files' name, which newer versions of transformers read, too, but do not write.
    published = {"lm_head.weight": "embed_out.weight"} if family == "gpt_neox" else {}
    weights = {
        published.get(key, key): {"shape": value.shape, "sha256": hashlib.sha256(value.tobytes()).hexdigest()}
        for key, value in expected.items()
    }
    return {"file": f"{name}.gguf", "twin": twin, "weights": weights, "prompts": prompts(folder, config, expected)}


def prompts(twin: Path, config: dict, weights: dict[str, np.ndarray]) -> list[dict]:
    """What transformers says to the prompts with these weights."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(twin / "tokenizer.json", folder)
        shutil.copy(twin / "tokenizer_config.json", folder)
        (Path(folder) / "config.json").write_text(json.dumps(config))
        tensors = {key: torch.from_numpy(value.copy()) for key, value in weights.items()}
        save_file(tensors, Path(folder) / "model.safetensors", {"format": "pt"})
        loaded = Model(Path(folder))
        return [next_tokens(loaded, text) for text in cases.PROMPTS[:4]]


def main() -> None:
    torch.set_num_threads(1)
    OUT.mkdir(parents=True, exist_ok=True)
    write("gguf/blocks.json", blocks())
    mixed = {
        "token_embd": "Q5_0",
        "output": "Q8_0",
        "attn_v": "Q4_1",
        "ffn_up": "Q5_1",
        "ffn_gate": "Q4_0",
        "": "BF16",
    }
    kinds = gguf.LlamaFileType
    models = [
        model("llama-fp16", "llama-f16", "llama-bpe", {"": "F16"}, kinds.MOSTLY_F16, False),
        model("llama-tied-fp16", "llama-tied-q8_0", "smollm", {"": "Q8_0"}, kinds.MOSTLY_Q8_0, False),
        model("qwen2-bf16", "qwen2-mixed", "qwen2", mixed, kinds.MOSTLY_Q4_0, True),
        model("qwen3-bf16", "qwen3-bf16", "qwen2", {"": "BF16"}, kinds.MOSTLY_BF16, False),
        model("gpt2-fp32", "gpt2-f16", "gpt-2", {"": "F16"}, kinds.MOSTLY_F16, False),
        model("gpt-neox-fp16", "gptneox-f16", "olmo", {"": "F16"}, kinds.MOSTLY_F16, False),
    ]
    write("gguf/models.json", models)


if __name__ == "__main__":
    main()
