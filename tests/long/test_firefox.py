"""Ten ways through the page in Firefox, as Debian packages it: by keyboard where there is a key, without an error."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browser import EVERYTHING
from tests.support.model_replies import adding
from tests.support.needs import needs
from tests.support.ollama_double import Done, OllamaDouble, Say, Step, speech, words_of
from tests.support.system import System

FOLDER = Path(__file__).parent / "firefox"
FIREFOX = ("firefox-esr", "firefox")
LONGEST_SECONDS = 600
FLOWS = 10
NUMBERS = ("one", "two", "three", "four", "five")
WORDS_A_SECOND = 2.0
NPM = ("ci", "--no-audit", "--no-fund", "--ignore-scripts")


def reply(body: dict[str, object]) -> list[Step]:
    """Play what flows.mjs expects of the model."""
    words = words_of(body)
    if words.startswith("add "):
        return speech(adding(words.removeprefix("add ")))
    if words.startswith("count"):
        return [*(Say(f"{word} ", WORDS_A_SECOND) for word in NUMBERS * 20), Done()]
    return speech(f"Heard {words}.")


@pytest.fixture(scope="module")
def puppeteer() -> Path:
    """The package that drives Firefox, as its lock file pins it."""
    npm = needs(shutil.which("npm"), "there is no npm", long=True)
    subprocess.run([npm, *NPM], cwd=FOLDER, check=True, capture_output=True)
    return FOLDER


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a running system, with its token."""
    with OllamaDouble() as ollama, System({"OLLAMA_HOST": ollama.url}) as system:
        ollama.respond = reply
        system.start(*EVERYTHING)
        yield f"http://127.0.0.1:{system.port}/?token={system.settings.token_file.read_text().strip()}"


def test_ten_flows_end_well_in_firefox(puppeteer: Path, address: str):
    node = needs(shutil.which("node"), "there is no node", long=True)
    there = next(filter(None, map(shutil.which, FIREFOX)), None)
    firefox = needs(there, "there is no Firefox (apt-get install firefox-esr)", long=True)
    command = [node, str(puppeteer / "flows.mjs"), firefox, address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False)

    ends = [json.loads(line) for line in done.stdout.splitlines()]
    failed = "\n".join(f"{one['name']}: {one['problem']}" for one in ends if one["problem"])
    assert not failed, failed
    assert len(ends) == FLOWS, done.stderr
