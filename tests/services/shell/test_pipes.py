"""A reader that leaves ends each command quietly, whatever it prints."""

import subprocess

import pytest

from tests.support.command import PIANOLA
from tests.support.system import PATIENCE_SECONDS, ROOT

COMMANDS = [
    "--help",
    "--version",
    "order --help",
    "completion bash",
    "backups",
    "app list",
    "order todo insert title=milk",
    "order todo insert title=milk --json",
    "rows change",
    "search milk",
    'sql "select 1"',
    "tail",
    "status",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_pipe_that_is_closed_is_no_reason_to_complain(command, terminal):
    said = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f'"$@" {command} | true', "bash", *PIANOLA],
        cwd=ROOT,
        env=terminal.system.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    lines = [line for line in said.stderr.splitlines() if not line.startswith("pianola: ")]
    assert lines == []
    assert said.returncode in (0, 141, *((4,) if command == "status" else ()))


@pytest.mark.parametrize("command", ["rows todo", "rows todo --csv", "search milk", 'sql "select 1"'])
def test_an_output_that_is_full_is_a_sentence(command, terminal):
    terminal.done("order", "todo", "insert", "title=milk")
    said = subprocess.run(
        ["bash", "-c", f'"$@" {command} > /dev/full', "bash", *PIANOLA],
        cwd=ROOT,
        env=terminal.system.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert said.stderr.splitlines()[-1] == "pianola: the output cannot be written whole: No space left on device."
    assert "Traceback" not in said.stderr
    assert said.returncode == 3
