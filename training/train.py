"""Makes the embedded model from nothing: names, tokenizer, corpus, training, export, figures, model card.

    python training/train.py                               everything
    python training/train.py --steps 30 --unmeasured       a short run that only shows that the parts work
    python training/train.py --checkpoint FILE             export, figures and card again, without training
"""

import argparse

import torch

import evaluate
import export
import interchange
import model_card
import names
import tokenizer as bpe
from corpus import Corpus
from paths import MODEL

STEPS = 1200
SCALE = 0.13
SEED = 1
TOKENIZER_DOCUMENTS = 40_000
HELD_ASIDE_DOCUMENTS = 750


def train_from_nothing(steps: int, seed: int) -> dict[str, torch.Tensor]:
    """Writes the name files, the tokenizer and corpus.txt; returns the trained weights."""
    everybody = names.load()
    names.write_data(everybody)
    plain = Corpus(everybody, None, seed=seed)
    tokenizer = bpe.train([plain.document() for _ in range(TOKENIZER_DOCUMENTS)])
    bpe.save(tokenizer)
    aside = Corpus(everybody, None, seed=seed + 1000)
    documents = [aside.document() for _ in range(HELD_ASIDE_DOCUMENTS)]
    (MODEL / "corpus.txt").write_text("\n".join(documents) + "\n")
    corpus = Corpus(everybody, tokenizer, seed=seed + 1)
    return interchange.train(corpus, steps, seed, interchange.save_checkpoint).state_dict()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--checkpoint", help="weights that a run left in training/.cache")
    parser.add_argument("--unmeasured", action="store_true", help="stop after the export")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    if arguments.checkpoint:
        weights = torch.load(arguments.checkpoint)
    else:
        weights = train_from_nothing(arguments.steps, arguments.seed)
    export.write(weights, SCALE)
    if not arguments.unmeasured:
        evaluate.write(evaluate.measure())
        model_card.write(STEPS, SCALE)


if __name__ == "__main__":
    main()
