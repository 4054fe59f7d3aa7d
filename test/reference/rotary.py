"""Rotary frequencies of transformers for each kind of scaling: test/fixtures/rotary.json.

    python rotary.py
"""

import json
from pathlib import Path

from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

LONG = {"factor": 4.0, "original_max_position_embeddings": 64}
KINDS = [
    {"rope_type": "default"},
    {"rope_type": "linear", "factor": 2.5},
    {"rope_type": "dynamic", "factor": 2.0},
    {"rope_type": "llama3", "low_freq_factor": 1.0, "high_freq_factor": 4.0, **LONG},
    {"rope_type": "yarn", **LONG},
    {"rope_type": "yarn", "beta_fast": 16.0, "beta_slow": 2.0, "truncate": False, **LONG},
    {"rope_type": "yarn", "mscale": 0.7, "mscale_all_dim": 1.3, **LONG},
    {"rope_type": "yarn", "attention_factor": 1.25, **LONG},
]


def main() -> None:
    cases = []
    for kind in KINDS:
        parameters = {**kind, "rope_theta": 10000.0}
        config = LlamaConfig(
            hidden_size=64,
            num_attention_heads=2,
            num_hidden_layers=1,
            max_position_embeddings=256,
            rope_parameters=dict(parameters),
        )
        rotary = LlamaRotaryEmbedding(config)
        cases.append({
            "config": {"max_position_embeddings": 256, "rope_parameters": parameters},
            "headSize": 32,
            "values": rotary.inv_freq.tolist(),
            "amplitude": float(rotary.attention_scaling),
        })
    path = Path(__file__).parents[1] / "fixtures" / "rotary.json"
    path.write_text(json.dumps(cases, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
