"""Prints the bytes that PyTorch, transformers and what they need take when installed, without NVIDIA's packages."""

import re
from importlib.metadata import PackageNotFoundError, distribution

todo, seen, total = ["torch", "transformers", "safetensors", "tokenizers", "numpy"], set(), 0
while todo:
    name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
    if name in seen or re.match("nvidia|triton|cuda", name):
        continue
    seen.add(name)
    try:
        found = distribution(name)
    except PackageNotFoundError:
        continue
    paths = [file.locate() for file in found.files or []]
    total += sum(path.stat().st_size for path in paths if path.exists())
    todo += [re.match(r"[\w.-]+", wanted)[0] for wanted in found.requires or [] if "extra ==" not in wanted]
print(total)
