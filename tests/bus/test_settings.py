"""Settings: a bad value is named in the error, with what to do, and nothing is changed."""

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bus.errors import BadHome, BadSetting
from bus.settings import load, ollama_url
from tests.support.needs import needs


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder whose name is short enough for sockets: pytest's own may be too long."""
    with tempfile.TemporaryDirectory(prefix="p.", dir="/tmp") as folder:
        yield Path(folder)


def test_a_home_that_is_not_there_is_made_private_with_its_folders(tmp_path: Path):
    settings = load({"PIANOLA_HOME": str(tmp_path / "new" / "home")})

    assert {mode(folder) for folder in (settings.home, settings.run, settings.logs)} == {0o700}
    assert settings.publish_endpoint == f"ipc://{tmp_path}/new/home/run/publish"


def test_an_empty_home_that_others_may_enter_is_made_private(tmp_path: Path):
    home = tmp_path / "home"
    home.mkdir(mode=0o755)

    load({"PIANOLA_HOME": str(home)})

    assert mode(home) == 0o700


def test_a_used_home_that_others_may_enter_is_refused(tmp_path: Path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "pianola.db").write_text("data")
    home.chmod(0o755)

    with pytest.raises(BadHome, match=r"mode 0755.*Make it private: chmod 700") as raised:
        load({"PIANOLA_HOME": str(home)})

    assert str(home) in str(raised.value)
    assert [path.name for path in home.iterdir()] == ["pianola.db"]


def test_a_home_too_long_for_a_socket_is_refused(tmp_path: Path):
    home = tmp_path / ("long" * 30)

    with pytest.raises(BadHome, match=r"path of \d+ bytes, and the system allows \d+.*PIANOLA_HOME=~/.pianola"):
        load({"PIANOLA_HOME": str(home)})

    assert not home.exists()


def test_a_home_that_is_a_file_or_a_link_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path)

    with pytest.raises(BadHome, match="cannot be used"):
        load({"PIANOLA_HOME": str(tmp_path / "file")})
    with pytest.raises(BadHome, match="or is a link"):
        load({"PIANOLA_HOME": str(tmp_path / "link")})


def test_a_home_where_nothing_can_be_written_is_refused():
    with pytest.raises(BadHome, match="cannot be used"):
        load({"PIANOLA_HOME": "/proc/pianola"})


def test_a_home_of_another_user_is_refused(tmp_path: Path):
    needs(os.geteuid() == 0, "only root can give a folder away")
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    os.chown(home, 65534, 65534)

    with pytest.raises(BadHome, match="belongs to user 65534, not to you"):
        load({"PIANOLA_HOME": str(home)})


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PIANOLA_PORT", "eighty", "is not a number"),
        ("PIANOLA_PORT", "80", "is not a port from 1024 to 65535"),
        ("PIANOLA_PORT", "99999", "is not a port"),
        ("PIANOLA_IDLE_SECONDS", "0", "is not a positive number"),
        ("PIANOLA_LOG_FORMAT", "yaml", "is no format of logs. Known ones: text, json"),
        ("PIANOLA_IDLE_SECONDS", "nan", "is not a positive number"),
        ("OLLAMA_HOST", "ftp://here", "is not an address of http or https"),
        ("OLLAMA_HOST", "file:///etc/passwd", "is not an address of http or https"),
        ("OLLAMA_HOST", "gopher://here:70/x", "is not an address of http or https"),
        ("OLLAMA_HOST", "socks5://here:1080", "is not an address of http or https"),
        ("OLLAMA_HOST", "http+unix://here", "is not an address of http or https"),
        ("OLLAMA_HOST", "javascript:alert(1)", "cannot be read"),
        ("OLLAMA_HOST", "here:99999", "cannot be read"),
        ("OLLAMA_HOST", "http://[::1", "cannot be read"),
        ("OLLAMA_HOST", "http://me:secret@here", "is not an address"),
        ("OLLAMA_HOST", "http://:secret@here", "is not an address"),
        ("OLLAMA_HOST", "127.0.0.1@here", "is not an address"),
    ],
)
def test_a_setting_with_a_bad_value_is_named(tmp_path: Path, name: str, value: str, sentence: str):
    with pytest.raises(BadSetting, match=sentence) as raised:
        load({"PIANOLA_HOME": str(tmp_path), name: value})

    assert name in str(raised.value)


def test_the_file_sets_what_the_environment_does_not(tmp_path: Path):
    (tmp_path / "pianola.toml").write_text('port = 6001\nmodel = "qwen3:8b"\n')

    settings = load({"PIANOLA_HOME": str(tmp_path), "PIANOLA_PORT": "6002"})

    assert (settings.port, settings.model) == (6002, "qwen3:8b")


@pytest.mark.parametrize(("text", "sentence"), [("port = ", "cannot be read"), ("prot = 1", "is not a setting. Known")])
def test_a_bad_settings_file_is_named(tmp_path: Path, text: str, sentence: str):
    (tmp_path / "pianola.toml").write_text(text)

    with pytest.raises(BadSetting, match=sentence):
        load({"PIANOLA_HOME": str(tmp_path)})


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("example", "http://example:11434"),
        (":8080", "http://127.0.0.1:8080"),
        ("example:1", "http://example:1"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:9", "http://127.0.0.1:9"),
        ("http://example", "http://example:80"),
        ("https://example/ollama/", "https://example:443/ollama"),
        ("[::1]:7", "http://[::1]:7"),
        ("::1", "http://[::1]:11434"),
        ("::", "http://127.0.0.1:11434"),
        ('"1.2.3.4"', "http://1.2.3.4:11434"),
        ("'1.2.3.4:80'", "http://1.2.3.4:80"),
    ],
)
def test_the_address_of_ollama_is_read_as_its_own_tools_do(text: str, url: str):
    assert ollama_url(text) == url
