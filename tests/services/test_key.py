"""`pianola key`: makes, lists and revokes the keys of programs, whether Pianola runs or not."""

import json
import threading

import pytest

from bus.clients.file import BadClientFile, add_client, read_clients
from bus.clients.keys import BadKey, digest_of, new_key
from tests.support.command import pianola
from tests.support.system import System


@pytest.fixture
def system():
    with System() as system:
        yield system


def test_a_key_is_shown_once_and_only_its_hash_is_kept(system):
    said = pianola(system, "key", "add", "backup", "--read-only", "--tables", "todo,links", "--days", "7")
    assert said.returncode == 0, said.stderr
    key = said.stdout.strip()

    file = system.settings.clients_file
    assert file.stat().st_mode & 0o777 == 0o600
    assert key not in file.read_text()
    (kept,) = read_clients(file)
    assert (kept.name, kept.digest) == ("backup", digest_of(key))
    assert (kept.read_only, kept.tables) == (True, ("todo", "links"))
    assert kept.expires - kept.made == 7 * 86_400
    listed = pianola(system, "key", "list")
    assert "reads todo, links" in listed.stdout
    (told,) = json.loads(pianola(system, "key", "list", "--json").stdout)
    assert (told["name"], told["valid"]) == ("backup", True)
    assert "digest" not in told


def test_a_revoked_key_is_gone_and_its_name_is_free(system):
    for _ in range(2):
        assert pianola(system, "key", "add", "one").returncode == 0
        assert pianola(system, "key", "revoke", "one").returncode == 0
    assert read_clients(system.settings.clients_file) == ()
    assert pianola(system, "key", "list").stdout == "There are no keys. `pianola key add NAME` makes one.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["add", "Two Words"], "'Two Words' cannot be the name of a key."),
        (["add", "x", "--days", "0"], "a key cannot be valid for 0 days."),
        (["add", "x", "--tables", "todo;drop"], "'todo;drop' is not the name of a table."),
        (["revoke", "nobody"], "there is no key 'nobody'. Keys: none."),
    ],
    ids=str,
)
def test_a_bad_wish_is_refused_with_a_sentence(system, words, sentence):
    said = pianola(system, "key", *words)

    assert said.returncode == 3
    assert sentence in said.stderr
    assert not said.stdout


def kept(name):
    return new_key(name, read_only=False, tables=(), days=1, now=0.0)[1]


def test_there_are_no_two_keys_of_one_name(tmp_path):
    add_client(tmp_path / "clients.json", kept("one"))

    with pytest.raises(BadKey, match="there is a key one already"):
        add_client(tmp_path / "clients.json", kept("one"))


def test_keys_that_are_made_at_the_same_time_are_all_kept(tmp_path):
    file = tmp_path / "clients.json"
    threads = [threading.Thread(target=add_client, args=(file, kept(f"n{number}"))) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(read_clients(file)) == 20


@pytest.mark.parametrize("text", ["", "{", "[]", '{"keys": [{}]}', '{"keys": [{"name": 1}]}', "\x00"])
def test_a_file_that_holds_no_keys_is_refused_and_left_as_it_is(tmp_path, text):
    file = tmp_path / "clients.json"
    file.write_text(text)
    file.chmod(0o600)

    with pytest.raises(BadClientFile, match="does not hold keys"):
        add_client(file, kept("one"))
    assert file.read_text() == text


def test_a_file_that_others_can_read_is_refused(tmp_path):
    file = tmp_path / "clients.json"
    add_client(file, kept("one"))
    file.chmod(0o640)

    with pytest.raises(BadClientFile, match=r"mode 0640.*chmod 600"):
        read_clients(file)
