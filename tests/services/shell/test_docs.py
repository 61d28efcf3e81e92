"""The commands in docs/shell.md do, in their order, what stands below them."""

import re
import subprocess

import pytest

from bus.messages import StoreOrder
from services.cli import turn
from services.cli.parser import ORDER_VERBS, parser
from services.shell.order import VERBS
from tests.support.command import PIANOLA
from tests.support.system import PATIENCE_SECONDS, ROOT, System

PAGE = (ROOT / "docs" / "shell.md").read_text()
ANYTHING = "…"


def commands():
    """Yield each command of the page with the lines below it."""
    for block in re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        for part in block.split("$ ")[1:]:
            command, printed = part.partition("\n")[::2]
            while command.count('"') % 2:  # a query of several lines
                line, _, printed = printed.partition("\n")
                command += f"\n{line}"
            yield command, printed


@pytest.fixture
def system():
    with System({"PIANOLA_TITLE_SECONDS": "0"}) as system:
        system.start("broker", "store", "llm_worker", "agent")
        system.visit(be_quiet)
        yield system


async def be_quiet(guest):
    """Have no remarks made."""
    order = StoreOrder(verb="update", table="setting", id="mode", values={"value": "quiet"})
    assert (await guest.bus.ask(order, "setting")).message.ok


def test_each_command_prints_what_stands_below_it(system, tmp_path):
    program = tmp_path / "pianola"
    program.write_text(f'#!/bin/sh\nexport PYTHONPATH="{ROOT}"\nexec {PIANOLA[0]} -m {PIANOLA[2]} "$@"\n')
    program.chmod(0o755)
    environment = {**system.environment, "PATH": f"{tmp_path}:{system.environment['PATH']}", "LC_ALL": "C.UTF-8"}
    played = 0
    for command, printed in commands():
        said = subprocess.run(
            ["bash", "-c", command],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        played += 1
        if printed.strip() == ANYTHING:
            assert said.returncode == 0, (command, said)
        else:
            code = f"[{said.returncode}]\n" if said.returncode else ""
            told = said.stderr if said.returncode else ""
            assert said.stdout + told + code == printed, (command, said)

    assert played > 15


def test_the_help_names_the_verbs_and_the_page_the_exit_codes():
    assert set(ORDER_VERBS) == set(VERBS)
    for code in (0, 1, 3, 4, turn.EXIT_WAITS_FOR_CONSENT, turn.EXIT_CHANGE_REFUSED):
        assert f"\n| {code} |" in PAGE


def test_each_of_these_commands_stands_in_the_page():
    known = next(action for action in parser()._actions if action.dest == "command").choices
    for name in ("order", "rows", "search", "sql", "ask", "chat"):
        assert name in known
        assert f"`pianola {name}`" in PAGE
