"""Greedy completions of Hugging Face folders by transformers, as JSON: python complete.py PROMPT TOKENS FOLDER..."""

import json
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

prompt, tokens, *folders = sys.argv[1:]
torch.manual_seed(0)
found = []
for folder in folders:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    ids = tokenizer(prompt, return_tensors="pt").input_ids
    with torch.no_grad():
        probabilities = model(ids).logits[0, -1].softmax(-1)
        out = model.generate(ids, max_new_tokens=int(tokens), do_sample=False, pad_token_id=0, eos_token_id=None)
    best = probabilities.max()
    found.append({"ids": out[0, ids.shape[1] :].tolist(), "best": best.item()})
print(json.dumps(found))
