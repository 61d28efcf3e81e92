"""Tables of servers in pianola.toml: a bad one is named, with what to do."""

import tomllib
from pathlib import Path

import pytest

from bus.errors import BadSetting
from bus.servers.keys import save_keys
from bus.servers.tables import ServerTable, api_url, is_loopback, merged, read_servers, save_servers, servers_in


def servers(text: str):
    return read_servers(tomllib.loads(text)["servers"])


def test_a_table_is_read():
    (lab, far) = servers(
        '[servers.lab]\naddress = "http://127.0.0.1:8080/"\nkind = "openai"\nmodels = ["a", "b", "a"]\n'
        '[servers.far-1]\naddress = "https://api.example.com/api/v1"\n'
    )

    assert (lab.name, lab.address, lab.kind, lab.models, lab.local) == (
        "lab",
        "http://127.0.0.1:8080/v1",
        "openai",
        ("a", "b"),
        True,
    )
    assert (far.name, far.address, far.models, far.local) == ("far-1", "https://api.example.com/api/v1", (), False)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("servers = 7", "are no tables of servers"),
        ("[servers]\nlab = 7", r"Write \[servers.lab\]"),
        ("[servers.ollama]\naddress = 'http://a'", "cannot be the name of a server"),
        ("[servers.rehearsal]\naddress = 'http://a'", "cannot be the name of a server"),
        ("[servers.'My Lab']\naddress = 'http://a'", "lower-case letters"),
        ("[servers.'a/b']\naddress = 'http://a'", "cannot be the name of a server"),
        ("[servers.'']\naddress = 'http://a'", "cannot be the name of a server"),
        ("[servers.lab]", "servers.lab.address.*is not an address"),
        ("[servers.lab]\naddress = 7", "is not an address"),
        ("[servers.lab]\naddress = '127.0.0.1:8080'", "Write it as http://host:port"),
        ("[servers.lab]\naddress = 'ftp://a'", "is not an address of http or https"),
        ("[servers.lab]\naddress = 'http://a:99999'", "cannot be read"),
        ("[servers.lab]\naddress = 'http://a/?x=1'", "is not an address of http or https"),
        ("[servers.lab]\naddress = 'http://sk-123@a'", "A key belongs into keys.toml"),
        ("[servers.lab]\naddress = 'http://a'\nkind = 'ollama'", "servers.lab.kind"),
        ("[servers.lab]\naddress = 'http://a'\nmodels = 'one'", "is not a list of names"),
        ("[servers.lab]\naddress = 'http://a'\nmodels = ['']", "is not a list of names"),
        ("[servers.lab]\naddress = 'http://a'\nadress = 'b'", "is not known. Known ones: address, kind, models"),
        ("[servers.lab]\naddress = 'http://a'\napi_key = 'sk-123'", "A key belongs into keys.toml"),
    ],
)
def test_a_bad_table_is_named(text: str, sentence: str):
    with pytest.raises(BadSetting, match=sentence) as raised:
        servers(text)

    assert "sk-123" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8080/v1", True),
        ("http://127.8.0.1", True),
        ("http://localhost:1", True),
        ("http://[::1]:8080", True),
        ("http://192.168.1.5:8080", False),
        ("http://0.0.0.0:8080", False),
        ("https://api.example.com", False),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1.example.com", False),
    ],
)
def test_only_a_loopback_address_is_on_this_machine(url: str, local: bool):
    assert is_loopback(api_url(url, "address")) is local


TABLES = (ServerTable("lab", "http://127.0.0.1:1/v1"), ServerTable("far", "https://x/v1", models=('a "b" \\ ü', "c")))


def test_what_is_saved_can_be_read(tmp_path: Path):
    save_servers(tmp_path / "servers.toml", TABLES)

    assert servers_in(tmp_path / "servers.toml") == TABLES
    assert servers_in(tmp_path / "absent.toml") == ()


def test_keys_are_saved_for_this_user_alone_also_over_an_open_file(tmp_path: Path):
    file = tmp_path / "keys.toml"
    file.write_text("old")
    file.chmod(0o644)
    keys = {"lab": 'k"e\\y', "far": "\x7f#"}

    save_keys(file, keys)

    assert file.stat().st_mode & 0o777 == 0o600
    assert tomllib.loads(file.read_text()) == keys
    assert [one.name for one in tmp_path.iterdir()] == ["keys.toml"]


def test_of_two_servers_with_one_name_the_first_wins():
    other = ServerTable("lab", "http://127.0.0.1:2/v1")

    assert merged(TABLES, [other]) == TABLES


def test_a_file_that_is_no_toml_is_named(tmp_path: Path):
    (tmp_path / "servers.toml").write_text("servers = ")

    with pytest.raises(BadSetting, match=r"servers.toml.*cannot be read"):
        servers_in(tmp_path / "servers.toml")
