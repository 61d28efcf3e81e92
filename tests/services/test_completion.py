"""The command line: its version, the help of each command, and completion in the shells that are there."""

import argparse
import os
import pty
import shlex
import shutil
import signal
import subprocess
import time

import pytest

from bus.code.version import version
from services.cli.completion import command, tree
from services.cli.parser import parsed, parser
from tests.support.command import run
from tests.support.needs import needs

CASES = {
    "re": ["restart", "restore"],
    "up --n": ["--no-browser"],
    "app ": ["disable", "enable", "list", "remove"],
    "app disable --": ["--help"],
    "completion ": ["bash", "fish", "zsh"],
    "service in": ["install"],
}
"""What was typed behind `pianola `, and what can stand there."""


@pytest.fixture
def script(tmp_path):
    def write(shell):
        file = tmp_path / f"completion.{shell}"
        file.write_text(run(os.environ, "completion", shell).stdout)
        return file

    return write


def test_it_says_its_version():
    said = run(os.environ, "--version")

    assert (said.returncode, said.stdout) == (0, f"pianola {version()}\n")


@pytest.mark.parametrize(
    "node", [node for node in tree.nodes(parser()) if node.path], ids=lambda one: " ".join(one.path)
)
def test_the_help_of_each_command_has_an_example_that_can_be_parsed(node, capsys):
    with pytest.raises(SystemExit):
        parser().parse_args([*node.path, "--help"])

    example = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("Example: pianola "))
    words = shlex.split(example.removeprefix("Example: pianola ").partition(" >")[0])
    assert words[: len(node.path)] == list(node.path) or len(node.path) == 1
    assert isinstance(parsed(words), argparse.Namespace)


@pytest.mark.parametrize("shell", command.SCRIPTS)
def test_a_script_holds_every_command_and_option(shell):
    said = run(os.environ, "completion", shell).stdout

    for node in tree.nodes(parser()):
        for word in (*node.choices, *node.options):
            assert word.text.lstrip("-") in said


@pytest.mark.parametrize("typed", CASES)
def test_bash_completes(typed, script):
    bash = needs(shutil.which("bash"), "bash is not here")
    words = ["pianola", *typed.split(" ")]
    ask = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pianola; printf "%s\\n" "${COMPREPLY[@]}"'
    asked = subprocess.run(
        [bash, "--norc", "-c", ask, "bash", str(script("bash")), *words], capture_output=True, text=True, check=True
    )

    assert sorted(asked.stdout.split()) == CASES[typed]
    assert not asked.stderr


@pytest.mark.parametrize("typed", CASES)
def test_fish_completes(typed, script):
    fish = shutil.which("fish") or pytest.skip("fish is not here")
    ask = f"source {script('fish')}; complete -C'pianola {typed}'"
    asked = subprocess.run([fish, "--no-config", "-c", ask], capture_output=True, text=True, check=True)

    assert sorted(line.partition("\t")[0] for line in asked.stdout.splitlines()) == CASES[typed]


@pytest.mark.parametrize("typed", CASES)
def test_zsh_completes(typed, script):
    zsh = shutil.which("zsh") or pytest.skip("zsh is not here")
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(zsh, [zsh, "-f", "-i"], os.environ | {"TERM": "dumb"})
    start = f"PS1='> '; autoload -Uz compinit; compinit -u -D; source {script('zsh')}; echo rea''dy\n"
    os.write(terminal, start.encode())
    _until(terminal, lambda text: "ready" in text)
    os.write(terminal, f"pianola {typed}\t\t".encode())
    wanted = [word.removeprefix(typed.split(" ")[-1]) for word in CASES[typed]]  # zsh writes only what is missing
    try:
        said = _until(terminal, lambda text: all(one in text for one in wanted))
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)

    assert all(word in said for word in wanted)


def _until(terminal, holds):
    """Return what the terminal shows once something holds for it."""
    text, deadline = "", time.monotonic() + 30
    while not holds(text):
        assert time.monotonic() < deadline, text
        text += os.read(terminal, 65536).decode(errors="replace")
    return text


def test_a_help_text_with_signs_of_the_shell_is_made_harmless():
    assert tree.plain("`a` 'b' \"c\" $d [e]: f") == "a b c d e, f"
