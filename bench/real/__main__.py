"""Measure the product with a real model: `python -m bench.real [PART …]`, or `make real` and `make real-all`.

Parts: orders (the default) and those in `bench/real/parts/`; `all` is every one. Variables of the environment:

MODEL   a GGUF file, the name of a model in `bench/real/weights.py`, or `rehearsal` (the built-in player)
OUT     folder for results (build/real)          CACHE   folder for downloaded weights (build/weights)
ENGINE  a Python that has xllamacpp (this one)   LIMIT   at most so many orders, spread evenly (all)
ONLY    a kind, language, app or id of orders; several with commas (all)
PLAYER  the player of `players/` whose adapter is loaded beside MODEL (none)
PLAY    text or tools: the path (as the product decides)
PATIENCE  after so many seconds an answer is stopped (300)
TURNS   most turns of the parts reading and first-word (all)
THREADS threads of the engine (2)                WORST   how many of the worst orders are printed (10)
"""

import argparse
import signal
import sys

from bench.real.parts import PARTS
from bench.real.session import read_options, session
from bus.errors import PianolaError


def main() -> int:
    """Run the parts; print their tables and write their figures. Return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, "all", []], metavar="PART")
    parts = parser.parse_args().parts or ["orders"]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C: the orders so far are reported
    try:
        run(list(PARTS) if "all" in parts else parts)
    except PianolaError as problem:
        print(f"bench.real: {problem}", file=sys.stderr)
        return 1
    return 0


def run(parts: list[str]) -> None:
    """Run the parts with the model that the environment names."""
    options = read_options()
    with session(options) as running:
        for part in parts:
            print(f"\n== {part}: {running.model}\n")
            running.write(f"{part}.json", {"model": running.model} | PARTS[part](running))


if __name__ == "__main__":
    sys.exit(main())
