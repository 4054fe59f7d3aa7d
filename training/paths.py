"""Where things are read and written, relative to the repository."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
TRAINING = REPOSITORY / "training"
CACHE = TRAINING / ".cache"
MODEL = REPOSITORY / "models" / "embedded"
DATA = REPOSITORY / "data"
FIGURES = TRAINING / "figures.json"
ALL_NAMES = TRAINING / "names.csv"
