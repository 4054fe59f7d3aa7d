"""test/fixtures/gguf/control-vector.gguf, by the Python package `gguf`: `python control_vector.py`."""

from pathlib import Path

import gguf
import numpy as np

OUT = Path(__file__).parents[1] / "fixtures" / "gguf" / "control-vector.gguf"

writer = gguf.GGUFWriter(OUT, "controlvector")
writer.add_string("controlvector.model_hint", "gptj")
writer.add_uint32("controlvector.layer_count", 1)
writer.add_tensor("direction.2", np.array([0.5, -1, 2, 0.25, -3, 4, 1.5], dtype=np.float32))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
