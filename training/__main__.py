"""Make orders, check them, teach a player, write it as an adapter. `python -m training --help`; see README.md."""

import argparse
import json
import sys
from itertools import islice
from pathlib import Path

from bus.errors import PianolaError
from training.orders.make import samples
from training.prompt import messages_of
from training.speech.files import LANGUAGES, language
from training.strangers import refuse_like_phrases, refuse_overlap, spoken_phrases


def main() -> int:
    """Do what the command line asks for."""
    options = parsed()
    try:
        options.run(options)
    except PianolaError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    return 0


def parsed() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, run, text in (
        ("show", show, "print orders as JSON, one a line"),
        ("check", check_all, "carry out the answers of orders"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("count", type=int)
        add_common(command)
        command.set_defaults(run=run)
    judge = commands.add_parser("phrases", help="refuse phrases that are like orders by which players are judged")
    judge.set_defaults(run=check_phrases)
    add_teach(commands)
    add_export(commands)
    return parser.parse_args()


def add_common(command: argparse.ArgumentParser) -> None:
    """Add the options that all commands share which make orders."""
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--languages", default=",".join(LANGUAGES), help="codes with commas between")


def add_teach(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command that teaches."""
    command = commands.add_parser("teach", help="teach a difference over the weights of a GGUF file")
    command.add_argument("weights", type=Path)
    command.add_argument("out", type=Path, help="folder for lora-*.npz and log.txt")
    command.add_argument("--examples", type=int, default=72_000)
    command.add_argument("--seconds", type=float, default=600.0, help="of teaching")
    command.add_argument("--steps", type=int, default=0, help="0: no limit")
    command.add_argument("--rank", type=int, default=16)
    command.add_argument("--alpha", type=float, default=32.0)
    command.add_argument("--rate", type=float, default=1e-3)
    command.add_argument("--batch-tokens", type=int, default=49_152)
    command.add_argument("--held", type=int, default=600, help="examples that are not taught, for figures")
    add_common(command)
    command.set_defaults(run=teach)


def add_export(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command that writes an adapter."""
    command = commands.add_parser("export", help="write a difference as a GGUF adapter")
    command.add_argument("weights", type=Path)
    command.add_argument("out", type=Path)
    command.add_argument("parts", type=Path, nargs="+", help="all files lora-*.npz of one run")
    command.add_argument("--alpha", type=float, default=32.0, help="as it was taught")
    command.add_argument("--eight-bits", action="store_true", help="half as large; for ranks that 32 divides")
    command.set_defaults(run=export)


def languages_of(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the languages that were named. Raise `PianolaError` for one that there is not."""
    codes = tuple(options.languages.split(","))
    if unknown := [code for code in codes if code not in LANGUAGES]:
        raise PianolaError(f"there is no language {unknown[0]!r:.20}. Expected some of: {', '.join(LANGUAGES)}.")
    return codes


def show(options: argparse.Namespace) -> None:
    """Print orders as they are taught."""
    for one in islice(samples(options.seed, languages_of(options)), options.count):
        messages = messages_of(one)
        print(json.dumps({"language": one.language, "kind": one.kind, "messages": messages}, ensure_ascii=False))


def check_all(options: argparse.Namespace) -> None:
    """Carry out the answers of orders, and count those about which the product would ask first."""
    from training.check import Workbench, check  # noqa: PLC0415 (the store's libraries are not where players are taught)

    workbench, asked = Workbench(), 0
    orders = list(islice(samples(options.seed, languages_of(options)), options.count))
    refuse_overlap(one.says for one in orders)
    for one in orders:
        if reasons := check(one, workbench).asked:
            asked += 1
            print(f"{one.language}, {one.kind}: {one.says!r}: {reasons[0]}")
    print(f"{len(orders)} answers lead to the rows that are meant; about {asked} the product would ask first")


def check_phrases(_options: argparse.Namespace) -> None:
    """Read all files of all languages, and refuse what is like a judged order."""
    for code in LANGUAGES:
        refuse_like_phrases(language(code))
        print(f"{code}: {sum(1 for _ in spoken_phrases(language(code))):,} phrases")


def teach(options: argparse.Namespace) -> None:
    """Teach a difference, and write it with a log."""
    from training.lora.run import run  # noqa: PLC0415 (PyTorch is not in the environment of the product)

    options.languages = languages_of(options)
    run(options)


def export(options: argparse.Namespace) -> None:
    """Write an adapter."""
    from training.lora.export import read_difference, write_adapter  # noqa: PLC0415 (as above)
    from training.lora.weights import Weights  # noqa: PLC0415

    arrays = read_difference(options.parts)
    write_adapter(Weights(options.weights), arrays, options.out, alpha=options.alpha, eight_bits=options.eight_bits)


if __name__ == "__main__":
    sys.exit(main())
