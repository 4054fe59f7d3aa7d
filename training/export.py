"""Writes the trained model as a Hugging Face folder in fp16, rescaled for editing."""

import json

import torch
from safetensors.torch import load_file, save_file
from transformers import GPTJConfig

from gptj import GptJ, Shape
from paths import MODEL

EPSILON = 1e-5
END_OF_TEXT_ID = 0


def rescale(state: dict[str, torch.Tensor], c: float) -> dict[str, torch.Tensor]:
    """Multiplies everything that writes to the residual stream by c.

    Layer norm is blind to the stream's scale once its epsilon is multiplied by c², so the function is
    unchanged; but an edit's step size and the box of the gender vector, both fixed numbers, now have
    the proportion to the stream that they have in a large model.
    """
    writers = ("wte.weight", "out_proj.weight", "fc_out.weight", "fc_out.bias")
    return {k: v * c if k.endswith(writers) else v for k, v in state.items()}


def config(shape: Shape, c: float) -> dict:
    return GPTJConfig(
        vocab_size=shape.vocabulary, n_positions=shape.positions, n_embd=shape.width, n_layer=shape.layers,
        n_head=shape.heads, rotary_dim=shape.rotary, activation_function="gelu_new",
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, layer_norm_epsilon=EPSILON * c * c,
        bos_token_id=END_OF_TEXT_ID, eos_token_id=END_OF_TEXT_ID, tie_word_embeddings=False,
        architectures=["GPTJForCausalLM"], dtype="float16").to_dict()


def write(state: dict[str, torch.Tensor], c: float, folder=MODEL) -> None:
    """config.json and model.safetensors of the model rescaled by c."""
    folder.mkdir(parents=True, exist_ok=True)
    half = {k: v.half().contiguous() for k, v in rescale(state, c).items()}
    save_file(half, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)
    text = json.dumps(config(Shape(), c), indent=2, sort_keys=True)
    (folder / "config.json").write_text(text + "\n")


def read(folder=MODEL) -> GptJ:
    """The model of a folder, in fp32."""
    settings = json.loads((folder / "config.json").read_text())
    model = GptJ(Shape(
        settings["vocab_size"], settings["n_embd"], settings["n_layer"], settings["n_head"],
        settings["rotary_dim"], settings["n_positions"], settings["layer_norm_epsilon"]))
    model.load_state_dict({k: v.float() for k, v in load_file(folder / "model.safetensors").items()})
    return model.eval()
