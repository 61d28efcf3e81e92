"""What a shell offers behind `pianola order`, `rows`, `search` and `ask`: tables, fields, choices and apps."""

import os
import pty
import shutil
import signal
import subprocess

import pytest

from services.cli.completion import command
from tests.services.test_completion import _until
from tests.support.command import PIANOLA
from tests.support.needs import needs
from tests.support.system import ROOT

CASES = {
    "order tod": ["todo"],
    "order todo ins": ["insert"],
    "order todo insert ti": ["title="],
    "order todo toggle d": ["done"],
    "rows todo --where du": ["due="],
    "rows todo --order ti": ["title"],
    "search --in tod": ["todo"],
    "ask --app sim": ["simulator"],
}
"""What was typed behind `pianola `, and what can stand there."""


@pytest.fixture
def shell(terminal, tmp_path):
    """The environment of a shell in which `pianola` is a command, and a function that writes a script."""
    own = tmp_path / "bin"
    own.mkdir()
    (own / "pianola").write_text(f'#!/bin/sh\nexport PYTHONPATH="{ROOT}"\nexec {PIANOLA[0]} -m {PIANOLA[2]} "$@"\n')
    (own / "pianola").chmod(0o755)
    environment = {**terminal.system.environment, "PATH": f"{own}:{os.environ['PATH']}", "TERM": "dumb"}

    def write(kind):
        file = tmp_path / f"completion.{kind}"
        file.write_text(subprocess.check_output([*PIANOLA, "completion", kind], cwd=ROOT, text=True))
        return file

    return environment, write


@pytest.mark.parametrize("typed", CASES)
def test_the_words_are_found(typed, terminal):
    *before, last = typed.split(" ")

    said = terminal.done("--complete", *before, last).split()

    assert [word for word in said if word.startswith(last)] == CASES[typed]


def test_the_values_of_a_field_are_found_and_rows_that_are_not_changed_here_are_not(terminal):
    assert terminal.done("--complete", "order", "todo", "insert", "done=").split() == ["done=true", "done=false"]
    assert "message" not in terminal.done("--complete", "order", "").split()
    assert "message" in terminal.done("--complete", "rows", "").split()


def test_where_nothing_runs_nothing_is_offered_and_nothing_is_said(terminal, tmp_path):
    environment = {**terminal.system.environment, "PIANOLA_HOME": str(tmp_path / "home")}

    said = subprocess.run(
        [*PIANOLA, "--complete", "order", ""], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


@pytest.mark.parametrize("typed", CASES)
def test_bash_completes(typed, shell):
    bash = needs(shutil.which("bash"), "bash is not here")
    environment, write = shell
    ask = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pianola; printf "%s\\n" "${COMPREPLY[@]}"'
    words = ["pianola", *typed.split(" ")]

    asked = subprocess.run(
        [bash, "--norc", "-c", ask, "bash", str(write("bash")), *words],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert asked.stdout.split() == CASES[typed]
    assert not asked.stderr


@pytest.mark.parametrize("typed", CASES)
def test_fish_completes(typed, shell):
    fish = shutil.which("fish") or pytest.skip("fish is not here")
    environment, write = shell
    ask = f"source {write('fish')}; complete -C'pianola {typed}'"

    asked = subprocess.run(
        [fish, "--no-config", "-c", ask], env=environment, capture_output=True, text=True, check=True
    )

    assert [line.partition("\t")[0] for line in asked.stdout.splitlines()] == CASES[typed]


@pytest.mark.parametrize("typed", CASES)
def test_zsh_completes(typed, shell):
    zsh = shutil.which("zsh") or pytest.skip("zsh is not here")
    environment, write = shell
    script = write("zsh")
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(zsh, [zsh, "-f", "-i"], environment)
    os.write(terminal, f"PS1='> '; autoload -Uz compinit; compinit -u -D; source {script}; echo rea''dy\n".encode())
    _until(terminal, lambda text: "ready" in text)
    os.write(terminal, f"pianola {typed}\t".encode())
    (wanted,) = CASES[typed]
    try:
        _until(terminal, lambda text: wanted.removeprefix(typed.split(" ")[-1]) in text)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def test_bash_offers_the_rest_of_a_value_because_it_takes_the_word_apart(shell):
    bash = needs(shutil.which("bash"), "bash is not here")
    environment, write = shell
    ask = (
        'source "$1"; COMP_LINE="pianola order todo insert done=f"; COMP_POINT=${#COMP_LINE}; '
        'COMP_WORDBREAKS=" ="; COMP_WORDS=(pianola order todo insert done = f); COMP_CWORD=6; '
        '_pianola; printf "%s\\n" "${COMPREPLY[@]}"'
    )

    asked = subprocess.check_output([bash, "--norc", "-c", ask, "bash", str(write("bash"))], env=environment, text=True)

    assert asked.split() == ["false"]


def test_each_shell_has_a_script_that_asks():
    for kind in command.SCRIPTS:
        script = subprocess.check_output([*PIANOLA, "completion", kind], cwd=ROOT, text=True)
        assert "pianola --complete" in script
