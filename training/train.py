"""Makes the embedded model from nothing: names, tokenizer, corpus, training, export, evaluation, model card.

    python train.py                 everything
    python train.py --steps 30      a short run that only shows that all parts work
"""

import argparse

import torch

import export
import interchange
import names
import tokenizer as bpe
from corpus import Corpus
from paths import MODEL

STEPS = 1400
SCALE = 0.13
SEED = 1
TOKENIZER_DOCUMENTS = 40_000
HELD_ASIDE_DOCUMENTS = 750


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    torch.set_num_threads(2)

    everybody = names.load()
    names.write_data(everybody)
    plain = Corpus(everybody, None, seed=arguments.seed)
    tokenizer = bpe.train([plain.document() for _ in range(TOKENIZER_DOCUMENTS)])
    bpe.save(tokenizer)
    aside = Corpus(everybody, None, seed=arguments.seed + 1000)
    documents = [aside.document() for _ in range(HELD_ASIDE_DOCUMENTS)]
    (MODEL / "corpus.txt").write_text("\n".join(documents) + "\n")

    corpus = Corpus(everybody, tokenizer, seed=arguments.seed + 1)
    model = interchange.train(corpus, arguments.steps, arguments.seed, interchange.save_checkpoint)
    export.write(model.state_dict(), SCALE, corpus.end_of_text)


if __name__ == "__main__":
    main()
