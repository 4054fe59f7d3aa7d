"""English for the second moment of the keys: Python's own documentation, a paragraph a line.

    python corpus.py OUT.txt
"""

import re
import sys
from pathlib import Path
from pydoc_data import topics

paragraphs = [re.sub(r"\s+", " ", text).strip() for topic in topics.topics.values() for text in topic.split("\n\n")]
Path(sys.argv[1]).write_text("\n".join(text for text in paragraphs if len(text) > 80) + "\n", encoding="utf-8")
