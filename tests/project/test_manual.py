"""The generated pages say what the code says, and nothing is left out of them."""

import subprocess
from dataclasses import fields

import pytest

from bus import manual
from bus.messages import CATALOGUE
from bus.settings import Settings
from services.cli.parser import parser
from tests.support.system import ROOT


@pytest.mark.parametrize("file", manual.pages(), ids=lambda file: file.name)
def test_a_generated_page_is_what_the_code_makes(file):
    assert file.read_text() == manual.pages()[file], "run: python -m bus.manual"


@pytest.mark.parametrize("kind", CATALOGUE)
def test_every_kind_and_field_stands_in_the_manual(kind):
    page = manual.messages_page()

    assert f"## `{kind}`" in page
    assert len(CATALOGUE[kind].__doc__) > 40
    for one in fields(CATALOGUE[kind]):
        assert f"| `{one.name}` |" in page


def test_every_setting_stands_in_the_manual_with_its_default():
    page = manual.settings_page()

    for one in fields(Settings):
        assert f"`{one.metadata['variable']}`" in page
        assert one.metadata["manual"] in page


def test_every_command_stands_in_the_architecture_page():
    page = (ROOT / "docs" / "architecture.md").read_text()
    commands = next(action for action in parser()._actions if action.dest == "command")

    for command in commands.choices:
        assert f"`pianola {command}" in page


def test_the_makefile_explains_each_of_its_targets():
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    for target in ("up", "test", "test-fast", "test-long", "check", "clean", "help"):
        assert f"make {target}\t" in shown


def test_the_flake_serves_linux_and_macos_from_a_single_input():
    """Evaluating it takes Nix: tests/support/check_flake.sh, run by hand; see docs/architecture.md."""
    flake = (ROOT / "flake.nix").read_text()
    assert flake.count("inputs.") == 1
    for system in ("x86_64-linux", "aarch64-linux", "x86_64-darwin", "aarch64-darwin"):
        assert f'"{system}"' in flake
