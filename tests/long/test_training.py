"""The smallest model is taught for some steps on a CPU, and llama.cpp loads what comes of it.

Needs a Python with PyTorch: `PIANOLA_TRAINING_PYTHON=build/training/venv/bin/python` (training/README.md).
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from bench.real.engine import Engine
from llm_worker.player_cards import PlayerCard
from tests.support.needs import needs
from tests.support.real_engine import weights
from tests.support.system import ROOT

PYTHON = os.environ.get("PIANOLA_TRAINING_PYTHON", "")
TEACHING = (
    "--examples",
    "8",
    "--held",
    "2",
    "--steps",
    "3",
    "--batch-tokens",
    "600",
    "--seconds",
    "3000",
    "--languages",
    "en",
)
TEXTS = ("Äpfel 1,200 kaufen, s’il te plaît 🙏\n", 'Rows of todo:\n3: "milk", done: no', "don't  forget  12:30 …")

TOKENS = """
import json, sys
from pathlib import Path
from training.lora.tokens import tokenizer_of
from training.lora.weights import Weights
tokenizer = tokenizer_of(Weights(Path(sys.argv[1])))
print(json.dumps([tokenizer.encode(one).ids for one in json.loads(sys.argv[2])]))
"""


def taught(*arguments: str) -> str:
    """Return what the trainer's Python prints."""
    ran = subprocess.run([PYTHON, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def adapter(tmp_path_factory):
    """An adapter that was taught for some steps."""
    needs(
        PYTHON,
        "PIANOLA_TRAINING_PYTHON names no Python with PyTorch: training/README.md says how to make one",
        long=True,
    )
    out = tmp_path_factory.mktemp("taught")
    taught("-m", "training", "teach", str(weights()), str(out), *TEACHING)
    parts = [str(one) for one in sorted(out.glob("lora-*.npz"))]
    taught("-m", "training", "export", str(weights()), str(out / "adapter.gguf"), *parts)
    return out / "adapter.gguf"


@pytest.mark.timeout(3_600)
def test_some_steps_of_teaching_are_logged_and_leave_a_difference_in_two_parts(adapter):
    log = (adapter.parent / "log.txt").read_text()

    assert [one.name for one in sorted(adapter.parent.glob("lora-*.npz"))] == ["lora-0.npz", "lora-1.npz"]
    assert "3 steps" in log
    assert "held out after: Figures(loss=" in log


@pytest.mark.timeout(3_600)
def test_the_engine_loads_the_adapter_and_divides_texts_as_the_trainer_does(adapter, tmp_path):
    with Engine(weights(), sys.executable, 1, tmp_path / "engine.log", player_with(adapter)) as engine:
        loaded = httpx.get(f"{engine.address}/lora-adapters").json()
        divided = [tokens(engine.address, one) for one in TEXTS]

    assert [one["path"] for one in loaded] == [str(adapter)]
    assert json.loads(taught("-c", TOKENS, str(weights()), json.dumps(TEXTS))) == divided


def tokens(address: str, text: str) -> list[int]:
    """Return the tokens of a text as the engine makes them."""
    answer = httpx.post(f"{address}/tokenize", json={"content": text, "parse_special": True}, timeout=60)
    found: list[int] = answer.json()["tokens"]
    return found


def player_with(adapter: Path) -> PlayerCard:
    """Return what the engine asks of a player: its name, and where its adapter is."""

    class Card:
        name = "taught"
        adapter_path = adapter

    return Card()  # type: ignore[return-value]
