"""The command `pianola`, run to its end.

A copy of a template does it where it can (see prefork.py): that takes a tenth of the processor time.
"""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from tempfile import TemporaryFile
from typing import IO, Protocol

from tests.support import prefork
from tests.support.system import PATIENCE_SECONDS, ROOT, Process

PIANOLA = [sys.executable, "-m", prefork.COMMAND_LINE]
"""What runs it in a process of its own, for tests that need its pipes or end it."""

Ran = subprocess.CompletedProcess[str]
Streams = tuple[IO[bytes] | None, IO[bytes], IO[bytes]]
"""Input, output and errors."""


class Home(Protocol):
    """What has an environment for the command, as a `System`."""

    environment: dict[str, str]


def pianola(home: Home, *words: str, given: str | None = None) -> Ran:
    """Run the command where its system runs. `given`: what comes from its input, if there is any."""
    return run(home.environment, *words, given=given)


def run(environment: Mapping[str, str], *words: str, given: str | None = None) -> Ran:
    """Run the command; return its exit code and what it printed."""
    with TemporaryFile() as output, TemporaryFile() as problems, TemporaryFile() as source:
        source.write((given or "").encode())
        source.seek(0)
        process = _started(words, environment, (None if given is None else source, output, problems))
        try:
            code = process.wait(PATIENCE_SECONDS)
        finally:
            process.kill()
        return Ran([*PIANOLA, *words], code, _text_of(output), _text_of(problems))


def _started(words: Sequence[str], environment: Mapping[str, str], streams: Streams) -> Process:
    given, output, problems = streams
    if prefork.serves(environment):
        template = prefork.template_of(prefork.COMMAND_LINE, ROOT)
        return template.start(words, environment, output, problems=problems, given=given)
    return subprocess.Popen(
        [*PIANOLA, *words],
        cwd=ROOT,
        env=environment,
        stdin=given or subprocess.DEVNULL,
        stdout=output,
        stderr=problems,
    )


def _text_of(file: IO[bytes]) -> str:
    """Return what was printed, with the ends of lines that `subprocess` makes of them."""
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")
