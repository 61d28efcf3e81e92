"""`pianola mcp add`, `list` and `remove`: servers of tools, named by the user alone."""

import json
import os

import pytest

from bus.mcp.servers import servers_in
from tests.services.test_cli import pianola
from tests.support.system import System


@pytest.fixture
def home():
    with System() as system:
        yield system


def done(system, *words):
    said = pianola(system, "mcp", *words)
    assert said.returncode == 0, said.stderr
    return said.stdout


def refused(system, *words):
    said = pianola(system, "mcp", *words)
    assert (said.returncode, said.stdout) == (3, ""), said
    return said.stderr


def test_a_program_and_an_address_are_added_listed_and_removed(home):
    assert "asks you before each call" in done(home, "add", "files", "npx", "-y", "server", "--root", "/home/me")
    done(home, "add", "--environment", "KEY=a=b", "notes", "--", "notes-server", "--quiet")
    done(home, "add", "weather", "https://example.org")

    files, notes, weather = servers_in(home.settings.mcp_file)
    assert files.command == ("npx", "-y", "server", "--root", "/home/me")
    assert (notes.command, dict(notes.environment)) == (("notes-server", "--quiet"), {"KEY": "a=b"})
    assert weather.url == "https://example.org/mcp"
    assert os.stat(home.settings.mcp_file).st_mode & 0o777 == 0o600
    assert "npx -y server --root /home/me" in done(home, "list")
    listed = json.loads(done(home, "list", "--json"))
    assert [one["name"] for one in listed] == ["files", "notes", "weather"]
    assert "a=b" not in json.dumps(listed)

    done(home, "remove", "notes")
    assert [one.name for one in servers_in(home.settings.mcp_file)] == ["files", "weather"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["add", "files"], "write the server's command, or its address"),
        (["add", "Files!", "npx"], "cannot be the name of a server"),
        (["add", "files", "http://"], "is not an address of http or https"),
        (["add", "--environment", "KEY", "files", "npx"], "sets no variable"),
        (["remove", "files"], "there is no server 'files' that was added"),
    ],
)
def test_what_cannot_be_added_or_removed_is_said(home, words, sentence):
    assert sentence in refused(home, *words)
    assert servers_in(home.settings.mcp_file) == ()


def test_a_name_is_taken_once_also_by_the_users_own_file(home):
    home.settings.settings_file.write_text('[mcp.files]\ncommand = ["npx"]\n')
    done(home, "add", "weather", "https://example.org")

    assert "there is a server weather already" in refused(home, "add", "weather", "npx")
    assert "there is a server files already" in refused(home, "add", "files", "npx")
    assert "It stands in" in refused(home, "remove", "files")
    assert [one["file"] for one in json.loads(done(home, "list", "--json"))] == ["pianola.toml", "mcp.toml"]


def test_a_mistake_in_the_users_own_file_is_said(home):
    home.settings.settings_file.write_text('[mcp.files]\ncommand = "npx -y server"\n')

    assert "is no command. Write command = [" in refused(home, "list")
