"""`pianola key`: makes, lists and revokes the keys of programs, whether Pianola runs or not."""

import json
import subprocess
import threading

import pytest

from bus.clients.file import BadClientFile, add_client, read_clients
from bus.clients.keys import BadKey, digest_of, new_key
from tests.support.command import PIANOLA, pianola
from tests.support.system import ROOT, System


@pytest.fixture
def system():
    with System() as system:
        yield system


def test_a_key_is_shown_once_and_only_its_hash_is_kept(system):
    said = pianola(system, "key", "add", "backup", "--read-only", "--tables", "todo,graph", "--days", "7")
    assert said.returncode == 0, said.stderr
    key = said.stdout.strip()

    file = system.settings.clients_file
    assert file.stat().st_mode & 0o777 == 0o600
    assert key not in file.read_text()
    (kept,) = read_clients(file)
    assert (kept.name, kept.digest) == ("backup", digest_of(key))
    assert (kept.read_only, kept.tables) == (True, ("todo", "graph"))
    assert kept.expires - kept.made == 7 * 86_400
    listed = pianola(system, "key", "list")
    assert "reads todo, graph" in listed.stdout
    (told,) = json.loads(pianola(system, "key", "list", "--json").stdout)
    assert (told["name"], told["valid"]) == ("backup", True)
    assert "digest" not in told


def test_a_key_for_the_calendar_is_an_address(system):
    said = pianola(system, "key", "add", "thunderbird", "--calendar")
    assert said.returncode == 0, said.stderr
    address, _, key = said.stdout.strip().partition("?key=")

    assert address == f"http://127.0.0.1:{system.port}/calendar.ics"
    (kept,) = read_clients(system.settings.clients_file)
    assert (kept.digest, kept.calendar, kept.read_only) == (digest_of(key), True, True)
    assert kept.expires - kept.made == 3_650 * 86_400
    assert "shows what is due in all apps as a calendar" in pianola(system, "key", "list").stdout


def test_a_key_that_could_not_be_shown_is_not_kept(system):
    said = subprocess.run(
        ["bash", "-c", '"$@" > /dev/full', "bash", *PIANOLA, "key", "add", "unseen"],
        cwd=ROOT,
        env=system.environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (said.returncode, "Make room" in said.stderr, "Traceback" in said.stderr) == (3, True, False)
    assert read_clients(system.settings.clients_file) == ()


def test_a_key_of_the_time_before_the_calendar_is_read(tmp_path):
    file = tmp_path / "clients.json"
    add_client(file, kept("one"))
    old = json.loads(file.read_text())
    del old["keys"][0]["calendar"]
    file.write_text(json.dumps(old))

    assert [one.calendar for one in read_clients(file)] == [False]


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
        (["add", "x", "--tables", "todo,nothere"], "there is no table 'nothere'. Tables: "),
        (["add", "x", "--tables", "nothere"], "Tables of apps that you made in the page are known while Pianola runs"),
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
