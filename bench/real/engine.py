"""The engine: llama.cpp's own server with one GGUF file, in a process of its own on loopback."""

import subprocess
import time
from pathlib import Path
from typing import Self

import httpx

from bus.errors import PianolaError
from llm_worker.player_cards import PlayerCard
from tests.support.system import free_port

SCRIPT = Path(__file__).parent / "engine_process.py"
CONTEXT_TOKENS = 8_192
LOAD_SECONDS = 300.0
"""Longest wait until a model is loaded and has answered once."""


class NoEngine(PianolaError):
    """The engine does not start."""

    def __init__(self, python: str, printed: str) -> None:
        last = printed.strip().splitlines()[-1:] or ["it printed nothing"]
        super().__init__(
            f"the engine did not start with {python}: {last[0]:.200}. It needs the package xllamacpp: install "
            f"it there, or name another Python with ENGINE=path/to/python."
        )


class Engine:
    """Started by `with`; stopped at its end. `address`: where it listens."""

    def __init__(self, model: Path, python: str, threads: int, log: Path, player: PlayerCard | None = None) -> None:
        """`python`: an interpreter that can import xllamacpp; `log`: the file for what the engine prints.

        `player`: its adapter is loaded beside the model, which then has the player's name.
        """
        self._served = [player.name, str(player.adapter_path)] if player else [model.stem]
        self._model, self._python, self._threads, self._log = model, python, threads, log
        self._port = free_port()
        self.address = f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        numbers = self._port, self._threads, CONTEXT_TOKENS
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [self._python, str(SCRIPT), str(self._model), *map(str, numbers), *self._served],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
        try:
            self._wait_until_loaded()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process; it ends when its standard input is closed."""
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _wait_until_loaded(self) -> None:
        deadline = time.monotonic() + LOAD_SECONDS
        while not self._is_loaded():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise NoEngine(self._python, self._log.read_text(errors="replace"))
            time.sleep(0.1)

    def _is_loaded(self) -> bool:
        try:
            return httpx.get(f"{self.address}/health", trust_env=False, timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def count_tokens(self, text: str) -> int:
        """Return how many tokens a text has for this model."""
        asked = {"content": text, "add_special": False}
        answer = httpx.post(f"{self.address}/tokenize", json=asked, trust_env=False, timeout=60)
        return len(answer.raise_for_status().json()["tokens"])
