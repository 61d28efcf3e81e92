"""The whole system as a user starts it: `pianola up`, with supervisord and the watchdog."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import httpx

from bus.settings import Settings, load
from tests.support.system import NO_OLLAMA, PATIENCE_SECONDS, ROOT, free_port


class Launched:
    """Started by its command, ended by SIGINT, as with Ctrl-C; must then leave with exit code 0."""

    def __init__(
        self,
        ollama: str = NO_OLLAMA,
        home: Path | None = None,
        options: Sequence[str] = (),
        root: Path = ROOT,
        **environment: str,
    ) -> None:
        """`home`: an earlier one, which is kept; else a new one, removed at the end.

        `options`: of `pianola up`. `root`: the folder with the code. `environment`: further variables.
        """
        self._options = options
        self._root = root
        self._removes_home = home is None
        self.home = home or Path(tempfile.mkdtemp(prefix="p.", dir="/tmp"))
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PIANOLA_", "OLLAMA_"))}
        ours = {"PIANOLA_HOME": str(self.home), "PIANOLA_PORT": str(free_port()), "OLLAMA_HOST": ollama}
        self.environment = inherited | ours | environment
        self.settings: Settings = load(self.environment)
        self.port = self.settings.port
        # One client for all questions: making one takes longer than the answer, since it reads all certificates.
        self._client = httpx.Client(trust_env=False, timeout=PATIENCE_SECONDS)

    def __enter__(self) -> Self:
        self._printed = (self.home / "printed").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "services.cli.main", "up", "--no-browser", *self._options],
            cwd=self._root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self._printed,
            stderr=self._printed,
        )
        self.wait_ready()
        return self

    def end(self) -> None:
        """End it as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(PATIENCE_SECONDS)
        assert code == 0, f"exit code {code}\n{self.printed()}"

    def __exit__(self, *_: object) -> None:
        try:
            if self.process.poll() is None:
                self.end()
        finally:
            self.process.kill()
            self._printed.close()
            self._client.close()
            if self._removes_home:
                shutil.rmtree(self.home, ignore_errors=True)

    def printed(self) -> str:
        """Return what the command has printed so far."""
        return (self.home / "printed").read_text(errors="replace")

    def wait_printed(self, text: str) -> str:
        """Wait until the command has printed a text; return all that it has printed."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while text not in (printed := self.printed()):
            assert time.monotonic() < deadline, f"{text!r} was not printed\n{printed}"
            time.sleep(0.05)
        return printed

    def health(self) -> dict[str, Any]:
        """Return what `/healthz` answers to a client with the token, {} if nothing answers."""
        token = self.settings.token_file
        script = {"Authorization": f"Bearer {token.read_text().strip()}"} if token.exists() else {}
        try:
            answer = self._client.get(f"http://127.0.0.1:{self.port}/healthz", headers=script)
        except httpx.TransportError:
            return {}
        found: dict[str, Any] = answer.json()
        return found

    def wait_ready(self, but: dict[str, str] | None = None) -> dict[str, str]:
        """Wait until all are ready; those in `but` in a new run. Return the run of each process."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            assert self.process.poll() is None, f"it ended with {self.process.returncode}\n{self.printed()}"
            health = self.health()
            runs = {one["process"]: one["run"] for one in health.get("processes", [])}
            if health.get("status") == "ok" and not any(runs.get(name) == run for name, run in (but or {}).items()):
                return runs
            assert time.monotonic() < deadline, f"not ready: {health}\n{self.printed()}"
            time.sleep(0.05)

    def kill(self, name: str) -> dict[str, str]:
        """Kill a process with -9; return its run, for `wait_ready`."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (
            found := [one for one in self.health().get("processes", []) if one["process"] == name and one["pid"]]
        ):
            assert time.monotonic() < deadline, f"{name} is not known\n{self.printed()}"
            time.sleep(0.05)
        os.kill(found[0]["pid"], signal.SIGKILL)
        return {name: found[0]["run"]}
