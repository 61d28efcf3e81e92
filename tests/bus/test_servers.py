"""Tables of servers in pianola.toml: a bad one is named, with what to do."""

import tomllib

import pytest

from bus.errors import BadSetting
from bus.servers import api_url, is_loopback, read_servers


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
