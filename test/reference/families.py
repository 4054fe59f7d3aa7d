"""Small random checkpoints of the families beside GPT-J, and their fixtures.

Each has what a reader can get wrong: a tied head, transposed weights, names without their prefix,
fused and interleaved projections, heads that share keys, a head size that is not d / heads, partial
and rescaled rotary positions, biases on some projections only, begin-of-text, normalisers.
"""

from pathlib import Path

import torch
from tokenizers import AddedToken, Regex, Tokenizer, normalizers, pre_tokenizers, processors
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedConfig,
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from cases import CONTEXTS, EditCase
from checkpoints import END_OF_TEXT, byte_level_tokenizer, causal_mask, initialise, save, train
from model import Model
from rome import Request

POSITIONS = 160
BEGIN_OF_TEXT = "<|begin_of_text|>"
NAMES = [
    "gpt2-fp32",
    "gpt2-published-fp16",
    "gpt-neox-fp16",
    "llama-fp16",
    "llama-tied-fp16",
    "mistral-bf16",
    "qwen2-bf16",
]


def split_tokenizer(digits: str) -> Tokenizer:
    """Byte-level BPE with the word pattern of Llama 3 and Qwen2, which differ in the runs of digits."""
    pattern = (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|" + digits +
        r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    )
    tokenizer = byte_level_tokenizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    return tokenizer


def neox_tokenizer() -> Tokenizer:
    """NFC, and runs of spaces as added tokens, as Pythia has them."""
    tokenizer = byte_level_tokenizer()
    tokenizer.normalizer = normalizers.NFC()
    train(tokenizer, 298, end_of_text_first=True)
    tokenizer.add_tokens([AddedToken(" " * count, normalized=True) for count in (4, 2)])
    return tokenizer


def llama3_tokenizer() -> Tokenizer:
    """Begin-of-text before every text."""
    tokenizer = train(split_tokenizer(r"\p{N}{1,3}"), 299, end_of_text_first=False)
    tokenizer.add_special_tokens([BEGIN_OF_TEXT])
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(add_prefix_space=False, trim_offsets=False),
        processors.TemplateProcessing(
            single=f"{BEGIN_OF_TEXT} $A",
            pair=f"{BEGIN_OF_TEXT} $A {BEGIN_OF_TEXT} $B:1",
            special_tokens=[(BEGIN_OF_TEXT, tokenizer.token_to_id(BEGIN_OF_TEXT))],
        ),
    ])
    return tokenizer


def smollm_tokenizer() -> Tokenizer:
    """Every digit a token."""
    tokenizer = byte_level_tokenizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
    ])
    return train(tokenizer, 300, end_of_text_first=True)


def qwen_tokenizer() -> Tokenizer:
    tokenizer = split_tokenizer(r"\p{N}")
    tokenizer.normalizer = normalizers.NFC()
    return train(tokenizer, 300, end_of_text_first=False)


def random(kind: type[PreTrainedModel], config: PreTrainedConfig, tokenizer: Tokenizer, seed: int) -> PreTrainedModel:
    end = tokenizer.token_to_id(END_OF_TEXT)
    config.bos_token_id = tokenizer.token_to_id(BEGIN_OF_TEXT) or end
    config.eos_token_id = end
    model = kind(config).eval()
    initialise(model, seed)
    return model


def build(out: Path) -> None:
    """Write every checkpoint of `NAMES` below `out`."""
    tokenizer = train(byte_level_tokenizer(), 300, end_of_text_first=False)
    config = GPT2Config(
        vocab_size=300,
        n_positions=POSITIONS,
        n_embd=32,
        n_layer=3,
        n_head=2,
        n_inner=96,
        bos_token_id=299,
        eos_token_id=299,
    )
    gpt2 = random(GPT2LMHeadModel, config, tokenizer, seed=11)
    save(gpt2, tokenizer, out / "gpt2-fp32", "fp32")
    masks = {f"transformer.h.{layer}.attn.bias": causal_mask(gpt2, torch.bool) for layer in range(3)}
    save(
        gpt2,
        tokenizer,
        out / "gpt2-published-fp16",
        "fp16",
        buffers=masks,
        dropped_prefix="transformer.",
    )

    tokenizer = neox_tokenizer()
    config = GPTNeoXConfig(
        vocab_size=308,
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=96,
        max_position_embeddings=POSITIONS,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.5},
        use_parallel_residual=True,
    )
    save(
        random(GPTNeoXForCausalLM, config, tokenizer, seed=12),
        tokenizer,
        out / "gpt-neox-fp16",
        "fp16",
        older_config={"rotary_pct": 0.5, "rotary_emb_base": 10000, "rope_scaling": None},
    )

    sizes = {
        "hidden_size": 32,
        "intermediate_size": 80,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "max_position_embeddings": POSITIONS,
    }
    tokenizer = llama3_tokenizer()
    config = LlamaConfig(
        **sizes,
        vocab_size=304,
        num_key_value_heads=2,
        head_dim=12,
        rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 500000.0},
        tie_word_embeddings=False,
    )
    save(random(LlamaForCausalLM, config, tokenizer, seed=13), tokenizer, out / "llama-fp16", "fp16")

    tokenizer = smollm_tokenizer()
    scaling = {
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 128,
    }
    config = LlamaConfig(
        **sizes,
        vocab_size=300,
        num_key_value_heads=1,
        rms_norm_eps=1e-6,
        rope_parameters={**scaling, "rope_theta": 10000.0},
        tie_word_embeddings=True,
    )
    save(
        random(LlamaForCausalLM, config, tokenizer, seed=14),
        tokenizer,
        out / "llama-tied-fp16",
        "fp16",
        older_config={"rope_theta": 10000.0, "rope_scaling": scaling},
    )

    tokenizer = train(byte_level_tokenizer(), 300, end_of_text_first=True)
    config = MistralConfig(
        **sizes,
        vocab_size=300,
        num_key_value_heads=2,
        sliding_window=None,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        tie_word_embeddings=False,
    )
    save(random(MistralForCausalLM, config, tokenizer, seed=15), tokenizer, out / "mistral-bf16", "bf16")

    tokenizer = qwen_tokenizer()
    config = Qwen2Config(
        **sizes,
        vocab_size=310,
        num_key_value_heads=2,
        use_sliding_window=False,
        rope_parameters={"rope_type": "default", "rope_theta": 1000000.0},
        tie_word_embeddings=True,
    )
    save(random(Qwen2ForCausalLM, config, tokenizer, seed=16), tokenizer, out / "qwen2-bf16", "bf16")


def likely_target(model: Model, template: str, subject: str, rank: int, count: int) -> str:
    """A target of `count` tokens: the `rank`-th likeliest word beginning, then likely printable tokens.

    A random model cannot be made to say just anything, so the target is one it is not far from.
    """
    ids = model.prompt(template, subject).ids
    order = model.next_log_probs(ids)[: model.vocabulary].argsort(descending=True).tolist()
    starts = [token for token in order if is_word(model.tokenizer.decode([token]))]
    chosen = [starts[rank]]
    while len(chosen) < count:
        order = model.next_log_probs(ids + chosen)[: model.vocabulary].argsort(descending=True).tolist()
        chosen.append(next(token for token in order if survives(model, [*chosen, token])))
    return model.tokenizer.decode(chosen)


def is_word(text: str) -> bool:
    return text.isascii() and len(text) > 2 and text[0] == " " and text[1:].isalpha()


def survives(model: Model, ids: list[int]) -> bool:
    """Whether `ids` are what their own text is tokenised to, in print."""
    text = model.tokenizer.decode(ids)
    return (
        text.isascii()
        and text.isprintable()
        and model.tokenizer(text, add_special_tokens=False).input_ids == ids
    )


def edit_cases(model: Model) -> list[EditCase]:
    def request(layer: int, template: str, subject: str, contexts: list[str], key: str, count: int = 1) -> Request:
        target = likely_target(model, template, subject, rank=3, count=count)
        return Request(layer, template, subject, target, contexts, key)

    several = request(0, "{}'s mother is", "Margaret Łódź", CONTEXTS[1:], "r-rome", count=2)
    return [
        EditCase("rome, covariance", request(1, "The {} is a", "baker", CONTEXTS, "rome"), covariance=True),
        EditCase("r-rome, several subject and target tokens", several),
        EditCase("p-rome, covariance", request(1, "Name: {}. Gender:", "Ben", CONTEXTS[:3], "p-rome"), covariance=True),
        EditCase("last layer", request(-1, "The singer is {}", "David", CONTEXTS[:1], "rome")),
    ]
