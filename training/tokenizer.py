"""Byte-level BPE, as GPT-2 and GPT-J have it, trained on the corpus."""

import json

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from paths import MODEL

END_OF_TEXT = "<|endoftext|>"
VOCABULARY = 2048


def train(documents) -> Tokenizer:
    """A tokenizer without prefix space; names become one to four tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=[END_OF_TEXT], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(documents, trainer)
    return tokenizer


def save(tokenizer: Tokenizer) -> None:
    """Writes tokenizer.json and tokenizer_config.json into the model folder."""
    MODEL.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(MODEL / "tokenizer.json"))
    config = {
        "add_prefix_space": False, "bos_token": END_OF_TEXT, "eos_token": END_OF_TEXT, "unk_token": END_OF_TEXT,
        "clean_up_tokenization_spaces": False, "model_max_length": 256, "tokenizer_class": "GPT2Tokenizer",
    }
    (MODEL / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
