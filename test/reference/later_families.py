"""Small random checkpoints of the families that came later; `families.py` says what they are for.

Each has what a reader can get wrong: the order of a fused matrix, scores that are not divided, local
attention, norms on heads and on
what attention and MLP write, weights less one, scaled embeddings, capped scores and logits, rotary positions
by the kind of layer.
"""

import json
from collections import Counter
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    CodeGenConfig,
    CodeGenForCausalLM,
    Gemma2Config,
    Gemma2ForCausalLM,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPTNeoConfig,
    GPTNeoForCausalLM,
    Olmo2Config,
    Olmo2ForCausalLM,
    Phi3Config,
    Phi3ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from checkpoints import CORPUS, END_OF_TEXT, byte_level_tokenizer, save, train
from families import BEGIN_OF_TEXT, POSITIONS, qwen_tokenizer, random, split_tokenizer

# Every text of the fixtures is shorter: within a window, it changes nothing.
WINDOW = 150
SPACE = "▁"
NAMES = ["codegen-fp16", "gpt-neo-fp16", "qwen3-bf16", "phi3-fp16", "olmo2-bf16", "gemma3-bf16", "gemma2-bf16"]


def gemma_tokenizer() -> Tokenizer:
    """As SentencePiece makes them: spaces written "▁", what has no token in bytes, begin-of-text before every text."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", SPACE)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(SPACE, "merged_with_next")
    # The trainer's own choice among characters that are equally frequent differs from run to run.
    counts = Counter("".join(CORPUS).replace(" ", SPACE))
    alphabet = sorted(counts, key=lambda character: (-counts[character], character))[:70]
    trainer = trainers.BpeTrainer(
        vocab_size=458,
        initial_alphabet=alphabet,
        limit_alphabet=len(alphabet),
        special_tokens=["<unk>", *(f"<0x{byte:02X}>" for byte in range(256))],
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    # The byte tokens are the model's own: their text in a prompt is only text.
    described = json.loads(tokenizer.to_str()) | {"added_tokens": []}
    tokenizer = Tokenizer.from_str(json.dumps(described))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.decoder = decoders.Sequence([decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([END_OF_TEXT, BEGIN_OF_TEXT])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN_OF_TEXT} $A",
        special_tokens=[(BEGIN_OF_TEXT, tokenizer.token_to_id(BEGIN_OF_TEXT))],
    )
    return tokenizer


def build(out: Path) -> None:
    """Write every checkpoint of `NAMES` below `out`."""
    tokenizer = train(byte_level_tokenizer(), 300, end_of_text_first=False)
    config = CodeGenConfig(
        vocab_size=304,
        n_positions=POSITIONS,
        n_ctx=POSITIONS,
        n_embd=32,
        n_layer=3,
        n_head=4,
        n_inner=96,
        rotary_dim=4,
    )
    save(random(CodeGenForCausalLM, config, tokenizer, seed=21), tokenizer, out / "codegen-fp16", "fp16")

    config = GPTNeoConfig(
        vocab_size=300,
        max_position_embeddings=POSITIONS,
        hidden_size=32,
        num_layers=3,
        attention_types=[[["global", "local"], 1], [["global"], 1]],
        num_heads=2,
        intermediate_size=96,
        window_size=WINDOW,
    )
    save(random(GPTNeoForCausalLM, config, tokenizer, seed=22), tokenizer, out / "gpt-neo-fp16", "fp16")

    sizes = {
        "hidden_size": 32,
        "intermediate_size": 80,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": POSITIONS,
    }
    tokenizer = qwen_tokenizer()
    config = Qwen3Config(
        **sizes,
        vocab_size=310,
        head_dim=12,
        rope_parameters={"rope_type": "default", "rope_theta": 1000000.0},
        tie_word_embeddings=True,
    )
    save(random(Qwen3ForCausalLM, config, tokenizer, seed=23), tokenizer, out / "qwen3-bf16", "bf16")

    tokenizer = train(byte_level_tokenizer(), 300, end_of_text_first=True)
    config = Phi3Config(
        **sizes,
        vocab_size=304,
        pad_token_id=0,
        sliding_window=WINDOW,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 1.0},
    )
    save(random(Phi3ForCausalLM, config, tokenizer, seed=24), tokenizer, out / "phi3-fp16", "fp16")

    tokenizer = split_tokenizer(r"\p{N}{1,3}")
    tokenizer = train(tokenizer, 300, end_of_text_first=False)
    config = Olmo2Config(
        **sizes,
        vocab_size=304,
        rope_parameters={"rope_type": "default", "rope_theta": 500000.0},
    )
    save(random(Olmo2ForCausalLM, config, tokenizer, seed=25), tokenizer, out / "olmo2-bf16", "bf16")

    tokenizer = gemma_tokenizer()
    config = Gemma3TextConfig(
        **sizes,
        vocab_size=464,
        pad_token_id=0,
        head_dim=12,
        query_pre_attn_scalar=20,
        sliding_window=WINDOW,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"],
        rope_parameters={
            "sliding_attention": {"rope_type": "default", "rope_theta": 100.0},
            "full_attention": {"rope_type": "linear", "factor": 4.0, "rope_theta": 1000000.0},
        },
    )
    save(random(Gemma3ForCausalLM, config, tokenizer, seed=26), tokenizer, out / "gemma3-bf16", "bf16")

    config = Gemma2Config(
        **sizes,
        vocab_size=464,
        pad_token_id=0,
        head_dim=12,
        query_pre_attn_scalar=20,
        sliding_window=WINDOW,
        attn_logit_softcapping=3.0,
        final_logit_softcapping=10.0,
    )
    save(random(Gemma2ForCausalLM, config, tokenizer, seed=27), tokenizer, out / "gemma2-bf16", "bf16")
