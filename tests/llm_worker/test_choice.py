"""Which model plays when nobody chose one."""

from datetime import UTC, datetime

import pytest

from llm_worker.choice import best
from llm_worker.contract import Model

GB = 1024**3
MEMORY = 16 * GB
CHAT = ("completion", "tools")


def model(name: str, gigabytes: float = 1.0, **fields) -> Model:
    return Model(name, **{"size": int(gigabytes * GB), "capabilities": CHAT} | fields)


SMALL, MIDDLE, LARGE, HUGE = model("a:1b", 0.8), model("b:4b", 2.5), model("c:14b", 9.0), model("d:70b", 42.0)
NEW = datetime(2026, 11, 1, tzinfo=UTC)
CHOICES = {
    "the largest that answers in time": ([SMALL, MIDDLE, LARGE, HUGE], "b:4b"),
    "one that fits before one that does not": ([HUGE, LARGE], "c:14b"),
    "the one there is, also when it is too large": ([HUGE], "d:70b"),
    "a loaded one before all others": ([MIDDLE, model("x:1b", 0.5, loaded=True)], "x:1b"),
    "an ordinary one before one for code": ([SMALL, model("qwen2.5-coder:7b", 4.7)], "a:1b"),
    "one for code before none": ([model("qwen2.5-coder:7b", 4.7)], "qwen2.5-coder:7b"),
    "not one that reads pictures": ([SMALL, model("deepseek-ocr:3b", 3.0), model("moondream:2b", 1.7)], "a:1b"),
    "not one that only continues a text": ([SMALL, model("llama3:8b-text", 4.7), model("g:2b-base", 1.6)], "a:1b"),
    "one that answers at once before one that thinks": (
        [model("qwen3:4b", 2.6, capabilities=(*CHAT, "thinking")), model("qwen3:4b-instruct", 2.5)],
        "qwen3:4b-instruct",
    ),
    "the newest of the same size": ([model("old:4b", 2.5), model("new:4b", 2.5, modified=NEW)], "new:4b"),
    "a player of our own before a general model that understands no more": (
        [model("b:3b", 1.1), model("player", 0.5, comparable_bytes=int(1.4 * GB))],
        "player",
    ),
    "a much larger general model before a player of our own": (
        [MIDDLE, model("player", 0.5, comparable_bytes=int(1.4 * GB))],
        "b:4b",
    ),
    "never one that embeds": ([model("e:1b", capabilities=("embedding",))], None),
    "nor one that embeds by its name alone": ([model("nomic-embed-text", capabilities=())], None),
    "one of which nothing is known": ([model("z:1b", capabilities=())], "z:1b"),
    "never one in the cloud": ([model("big:cloud", 0, local=False, cloud=True)], None),
    "none": ([], None),
}


@pytest.mark.parametrize("name", CHOICES)
def test_the_best_model_is_chosen_by_kind_and_size(name):
    models, expected = CHOICES[name]

    found = best(models, MEMORY)

    assert (found.name if found else None) == expected


def test_without_knowing_the_memory_every_model_fits():
    assert best([LARGE, HUGE], 0) == LARGE
