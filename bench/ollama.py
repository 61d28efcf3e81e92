"""The test double of Ollama in a process of its own, so that it does not share a Python lock with the measurement.

    python -m bench.ollama PORT

The answer depends on the last word of the last message: `burst` gets 2,000 tokens at full speed, `steady` 200 tokens at
50 per second, `first` a few at once. Anything else, for example a remark, gets two words.
"""

import sys
import threading
from typing import Any

from tests.support.ollama_double import Done, OllamaDouble, Say, Script

TOKENS, RATE, BURST = 200, 50.0, 2000
FEW = 5
TOKEN = " t{:04d}"

SPEECHES: dict[str, list[Say]] = {
    "burst": [Say(TOKEN.format(number)) for number in range(BURST)],
    "steady": [Say(TOKEN.format(number), RATE) for number in range(TOKENS)],
    "first": [Say(TOKEN.format(number)) for number in range(FEW)],
}
REMARK = [Say("Very well.")]


def compose(asked: dict[str, Any]) -> Script:
    words = str(asked["messages"][-1]["content"]).split()
    return [*SPEECHES.get(words[-1] if words else "", REMARK), Done()]


def main() -> None:
    with OllamaDouble(port=int(sys.argv[1]), respond=compose):
        threading.Event().wait()


if __name__ == "__main__":
    main()
