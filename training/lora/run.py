"""One run: weights and examples in, `lora-*.npz` and `log.txt` out."""

import time
from argparse import Namespace
from pathlib import Path

import torch

from training.lora.examples import made_examples
from training.lora.model import TaughtModel
from training.lora.teach import Plan, check_model, teach
from training.lora.tokens import tokenizer_of
from training.lora.weights import Weights


class Log:
    """Prints lines, and keeps them in a file."""

    def __init__(self, file: Path) -> None:
        """Begin a file."""
        self._file, self._begun = file, time.monotonic()
        file.write_text("")

    def __call__(self, text: str) -> None:
        """Print a line with the seconds since the beginning."""
        line = f"{time.monotonic() - self._begun:6.0f} s  {text}"
        print(line, flush=True)
        with self._file.open("a") as file:
            file.write(f"{line}\n")


def run(options: Namespace) -> None:
    """Teach what the options say."""
    options.out.mkdir(parents=True, exist_ok=True)
    say = Log(options.out / "log.txt")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    weights = Weights(options.weights)
    model = TaughtModel(weights, rank=options.rank, alpha=options.alpha, device=device, seed=options.seed)
    say(f"{options.weights.name}, {weights.shape}, rank {options.rank}, alpha {options.alpha:g}, on {device}")
    check_model(model, tokenizer_of(weights))
    examples = list(made_examples(options.weights, options.languages, options.examples, options.seed))
    say(f"{len(examples):,} examples, {sum(map(len, examples)):,} tokens")
    plan = Plan(
        seconds=options.seconds,
        steps=options.steps,
        rate=options.rate,
        batch_tokens=options.batch_tokens,
        held=options.held,
        seed=options.seed,
    )
    teach(model, examples, plan, say)
    model.save(options.out)
    say(f"written to {options.out}")
