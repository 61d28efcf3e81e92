"""`pianola doctor`: each check on a real data folder in the state that it is for. It changes nothing."""

import json
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import namedtuple
from contextlib import closing
from dataclasses import replace

import pytest

from services.cli.doctor import command, folder, machine, processes
from services.supervise.ports import open_addresses
from tests.support.command import PIANOLA, pianola, run
from tests.support.launched import Launched
from tests.support.ollama_double import Model, OllamaDouble
from tests.support.system import ROOT, System

Answer = namedtuple("Answer", "code found")


def doctor(environment, **more):
    """Run the command; return its exit code and what it found, by the names of the checks."""
    words = "doctor", "--json"
    if more:
        command = [*PIANOLA, *words]
        ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, **more)
    else:
        ran = run(environment, *words)
    assert not ran.stderr, ran.stderr
    return Answer(ran.returncode, {one["name"]: one for one in json.loads(ran.stdout)})


def patient(system, **environment):
    return command.patient_of(system.environment | environment)


def files_in(home):
    """Return what lies in a folder: kind, mode, time and contents of each file."""
    seen = {}
    for path in sorted(home.rglob("*")):
        found = path.lstat()
        seen[str(path.relative_to(home))] = found.st_mode, found.st_mtime_ns, path.is_file() and path.read_bytes()
    return seen


@pytest.fixture
def system():
    with System() as system:
        yield system


@pytest.fixture(scope="module")
def launched():
    with Launched() as launched:
        yield launched


@pytest.fixture
def used():
    """A system that was used: there is a database; nothing runs any more."""
    with System() as system:
        system.start("broker", "store")
        system.stop()
        yield system


def test_where_nothing_was_ever_started_all_is_well_and_nothing_is_made(tmp_path):
    home = tmp_path / "h"

    code, found = doctor(os.environ | {"PIANOLA_HOME": str(home), "OLLAMA_HOST": "127.0.0.1:9"})

    assert code == 0, found
    assert "does not exist yet" in found["home"]["text"]
    assert "pianola up" in found["processes"]["remedy"]
    assert not home.exists()


def test_while_everything_runs_all_is_well(launched):
    code, found = doctor(launched.environment)

    assert code == 0, [one for one in found.values() if not one["ok"]]
    assert "All 7 are ready" in found["processes"]["text"]
    assert f":{launched.port}/" in found["port"]["text"]
    assert found["database"]["text"].startswith("All pages and indexes are whole")
    assert launched.wait_ready()


def test_it_writes_nothing_whether_it_runs_or_not(used):
    before = files_in(used.home)

    doctor(used.environment)

    assert files_in(used.home) == before


def test_it_makes_no_token_while_there_is_none(system):
    system.start("broker", "store")

    doctor(system.environment)

    assert not system.settings.token_file.exists()


def test_people_get_a_line_for_each_check_and_what_to_do(tmp_path):
    environment = os.environ | {"PIANOLA_HOME": str(tmp_path / "h")}
    said = run(environment, "doctor").stdout

    lines = said.splitlines()
    assert len([line for line in lines if line.startswith("ok ")]) == len(command.CHECKS)
    assert "                  `pianola up` starts it." in lines


def test_files_that_others_can_read_are_named_with_the_command_that_mends_it(used):
    os.chmod(used.settings.database, 0o644)
    os.chmod(used.settings.logs, 0o755)

    code, found = doctor(used.environment)
    subprocess.run(found["modes"]["remedy"], shell=True, check=True)

    assert code == 1
    assert str(used.settings.database) in found["modes"]["text"]
    assert doctor(used.environment).found["modes"]["ok"]


def test_a_setting_that_cannot_be_used_is_told_and_the_rest_is_still_checked(used):
    used.settings.settings_file.write_text('port = "many"\n')
    environment = {name: value for name, value in used.environment.items() if name != "PIANOLA_PORT"}

    code, found = doctor(environment)

    assert code == 1
    assert "PIANOLA_PORT='many'" in found["settings"]["text"]
    assert found["database"]["ok"]


def test_a_home_with_a_path_that_is_too_long_for_sockets(tmp_path):
    code, found = doctor(os.environ | {"PIANOLA_HOME": str(tmp_path / ("h" * 100))})

    assert code == 1
    assert "too long" in found["home"]["text"]


def test_too_little_room_on_the_disk(system, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(folder.shutil, "disk_usage", lambda _path: usage(10**9, 10**9, 10**6))

    found = folder.disk(patient(system))

    assert not found.ok
    assert "0.2 GB are needed" in found.text


def test_too_few_open_files(system):
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))

    code, found = doctor(system.environment, preexec_fn=limit)

    assert code == 1
    assert "Only 100 open files" in found["open files"]["text"]
    assert "ulimit -n" in found["open files"]["remedy"]


def test_a_taken_port_is_named_with_its_holder(system):
    with socket.create_server(("127.0.0.1", system.port)):
        code, found = doctor(system.environment)

    assert code == 1
    assert f"(process {os.getpid()})" in found["port"]["text"]


def test_sockets_at_which_nobody_listens(system):
    found = processes.sockets(replace(patient(system), pid=os.getpid()))

    assert not found.ok
    assert "publish, subscribe, supervisor.sock" in found.text


def test_a_process_that_is_not_ready_is_named_with_its_reason(system):
    (system.settings.run / "store.problem").write_text("the database is locked\n")
    ready = [{"process": name, "state": "ready"} for name in ("broker", "web", "llm_worker", "agent", "jobs", "logger")]

    found = processes.processes(replace(patient(system), pid=os.getpid(), health={"processes": ready}))

    assert not found.ok
    assert found.text == "Not ready: store (the database is locked)."


def test_processes_of_an_earlier_run_are_named(system):
    system.start("broker")

    code, found = doctor(system.environment)

    assert code == 1
    assert f"broker (process {system.processes['broker'].pid})" in found["leftovers"]["text"]


def test_a_damaged_database(used):
    file = used.settings.database
    with file.open("r+b") as opened:
        opened.seek(4096 * 3)
        opened.write(b"\xff" * 4096 * 4)
    before = file.read_bytes()

    code, found = doctor(used.environment)

    assert code == 1
    assert "is damaged" in found["database"]["text"]
    assert "pianola restore" in found["database"]["text"]
    assert file.read_bytes() == before


def test_a_database_of_a_newer_version(used):
    with closing(sqlite3.connect(used.settings.database)) as connection:
        connection.execute("pragma user_version=99")

    assert "newer Pianola" in doctor(used.environment).found["database"]["text"]


def test_what_a_killed_store_left_is_checked_and_stays_as_it_is(system):
    system.start("broker", "store")
    system.kill("store", signal.SIGKILL)
    system.stop()
    wal = system.home / "pianola.db-wal"
    assert wal.stat().st_size
    before = files_in(system.home)

    found = doctor(system.environment).found

    assert found["database"]["text"].startswith("All pages and indexes are whole")
    assert files_in(system.home) == before


def test_days_of_changes_without_a_backup(used):
    settings = used.settings
    old = time.strftime("%Y%m%d-%H%M%S", time.localtime(time.time() - 9 * 86_400))
    settings.backups.mkdir(mode=0o700)
    (settings.backups / f"pianola-daily-{old}.db").touch(0o600)

    code, found = doctor(used.environment)

    assert code == 1
    assert "9 days of changes" in found["backups"]["text"]
    assert "pianola backup" in found["backups"]["remedy"]


def test_a_backup_that_is_as_new_as_the_data(used):
    pianola(used, "backup").check_returncode()

    found = doctor(used.environment).found

    assert found["backups"]["ok"]
    assert "The newest is of" in found["backups"]["text"]


def test_the_models_of_ollama_and_one_that_is_wanted_and_missing(system):
    double = OllamaDouble(Model("small:1b"), Model("large:70b"))
    double.start()
    try:
        there = doctor(system.environment | {"OLLAMA_HOST": double.url})
        missing = doctor(system.environment | {"OLLAMA_HOST": double.url, "PIANOLA_MODEL": "huge"})
    finally:
        double.stop()

    assert there.code == 0, there.found
    assert "small:1b, large:70b" in there.found["models"]["text"]
    assert missing.code == 1
    assert "ollama pull huge" in missing.found["models"]["remedy"]


def test_servers_elsewhere_are_listed(system):
    system.settings.settings_file.write_text('[servers.lab]\naddress = "https://models.example.com"\n')

    found = doctor(system.environment).found

    assert "lab at https://models.example.com" in found["outside"]["text"]
    assert "leaves this machine" in found["outside"]["remedy"]


@pytest.mark.parametrize(("address", "open_to"), [("127.0.0.1", []), ("0.0.0.0", ["0.0.0.0"])])
def test_what_listens_for_other_machines_is_found(address, open_to):
    with socket.create_server((address, 0)) as server:
        assert open_addresses(server.getsockname()[1]) == open_to


def test_another_program_of_our_name_comes_first(system, tmp_path):
    other, ours = tmp_path / "other", tmp_path / "ours"
    for place, text in ((other, "#!/bin/sh\necho piano\n"), (ours, "#!/bin/sh\n# pianola_workbench\n")):
        place.mkdir()
        (place / "pianola").write_text(text)
        (place / "pianola").chmod(0o700)

    wrong = doctor(system.environment | {"PATH": f"{other}:{ours}"})
    right = doctor(system.environment | {"PATH": f"{ours}:{other}"})

    assert wrong.code == 1
    assert str(other / "pianola") in wrong.found["command"]["text"]
    assert right.found["command"]["ok"]


def test_an_update_that_is_not_finished(launched):
    file = launched.settings.run / "up.json"
    noted = file.read_text()
    file.write_text(json.dumps(json.loads(noted) | {"code": "of last week"}))
    try:
        code, found = doctor(launched.environment)
        status = pianola(launched, "status")
    finally:
        file.write_text(noted)

    assert code == 1
    assert "pianola restart" in found["versions"]["remedy"]
    assert "`pianola restart` finishes the update" in status.stdout


def test_a_check_that_fails_says_so_and_the_others_go_on(system, monkeypatch):
    def broken(_patient):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(command, "CHECKS", (broken, folder.home))

    first, second = command.examine(patient(system))

    assert not first.ok
    assert "Input/output error" in first.text
    assert second.ok


def test_it_says_whether_the_desktop_can_be_told_what_is_due(system, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "there is no `notify-send`" in machine.reminders(patient(system)).text

    (tmp_path / "notify-send").touch(mode=0o755)
    found = machine.reminders(patient(system))
    assert found.ok
    assert str(tmp_path / "notify-send") in found.text
