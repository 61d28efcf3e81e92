"""Pianola stays when its terminal goes: `up --background`, `restart`, `service`; and commands find what runs."""

import json
import os
import plistlib
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from bus.code.state import code_state
from bus.role import lock_role
from bus.settings import Settings, default_home, load
from services.cli.service import launchd, systemd
from services.cli.service.manager import service_name
from services.supervise.notify import READY, Notifier
from services.supervise.running import Run, note_run, running, setting_variables
from tests.support.command import run
from tests.support.needs import needs
from tests.support.system import NO_OLLAMA, PATIENCE_SECONDS, free_port


class Terminal:
    """A data folder, and a terminal that knows only it: commands find all else by themselves."""

    def __init__(self):
        self.home = Path(tempfile.mkdtemp(prefix="p.", dir="/tmp"))
        self.port = free_port()
        hidden = ("PIANOLA_", "OLLAMA_", "DISPLAY")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        self.environment |= {"PIANOLA_HOME": str(self.home), "OLLAMA_HOST": NO_OLLAMA}

    def run(self, *words, **more):
        return run(self.environment | more, *words)

    def status(self):
        return json.loads(self.run("status", "--json").stdout)

    def pids(self):
        return {one["process"]: one["pid"] for one in self.status()["processes"]}

    def end(self):
        self.run("down")
        shutil.rmtree(self.home, ignore_errors=True)


@pytest.fixture
def terminal():
    terminal = Terminal()
    try:
        yield terminal
    finally:
        terminal.end()


@pytest.fixture(scope="module")
def started():
    """One that runs in the background, started with a port that later commands are not told."""
    terminal = Terminal()
    try:
        terminal.up = terminal.run("up", "--background", "--no-browser", PIANOLA_PORT=str(terminal.port))
        yield terminal
    finally:
        terminal.end()


def test_up_in_the_background_returns_when_everything_is_ready(started):
    assert started.up.returncode == 0, started.up.stderr
    assert "Pianola is ready" in started.up.stdout
    assert started.run("status").returncode == 0


def test_what_it_prints_into_its_log_does_not_let_anybody_in(started):
    log = started.home / "logs" / "up.log"

    assert (started.home / "token").read_text().strip() not in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_terminal_that_does_not_know_the_port_finds_the_page(started):
    assert started.status()["url"] == f"http://127.0.0.1:{started.port}/"
    assert f":{started.port}/?ticket=" in started.run("url").stdout


def test_a_second_start_in_the_background_is_refused_with_the_page_of_the_first(started):
    second = started.run("up", "--background", "--no-browser", PIANOLA_PORT=str(free_port()))

    assert second.returncode == 3
    assert f"http://127.0.0.1:{started.port}/" in second.stdout


def test_one_process_is_restarted_and_no_other(started):
    before = started.pids()

    said = started.run("restart", "agent")

    now = started.pids()
    assert said.returncode == 0, said.stdout
    assert said.stdout == f"agent is ready again (process {now['agent']}).\n"
    assert {name for name in now if now[name] != before[name]} == {"agent"}


def test_a_process_that_there_is_not_is_refused_with_those_that_there_are(started):
    said = started.run("restart", "pianist")

    assert said.returncode == 3
    assert "broker" in said.stderr


def test_restart_ends_everything_and_starts_it_with_the_port_of_before(started):
    before = started.pids()

    said = started.run("restart")

    now = started.pids()
    assert said.returncode == 0, said.stdout
    assert not set(before.values()) & set(now.values())
    assert started.status()["url"] == f"http://127.0.0.1:{started.port}/"


def test_a_start_in_the_background_that_is_refused_says_why(terminal):
    with socket.create_server(("127.0.0.1", terminal.port)):
        said = terminal.run("up", "--background", "--no-browser", PIANOLA_PORT=str(terminal.port))

    assert said.returncode == 3
    assert f"PIANOLA_PORT={terminal.port} is taken" in said.stdout


def test_without_a_named_home_a_command_says_that_it_looked_in_the_default_one():
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PIANOLA_")}
    with tempfile.TemporaryDirectory(prefix="p.", dir="/tmp") as folder:  # the path of a socket must not be long
        environment = inherited | {"XDG_DATA_HOME": folder, "HOME": folder}
        said = run(environment, "status")

    assert said.returncode == 4
    assert "(the default folder; PIANOLA_HOME names another one)" in said.stderr


@pytest.fixture
def settings(tmp_path_factory):
    home = Path(tempfile.mkdtemp(prefix="p.", dir="/tmp"))
    yield load({"PIANOLA_HOME": str(home)})
    shutil.rmtree(home)


def test_what_an_earlier_run_noted_does_not_count(settings):
    with lock_role("supervisor", settings.run):
        note_run(settings, ["--lab"], {"PIANOLA_PORT": "5007", "PIANOLA_SERVICE": "systemd", "SECRET": "1"})
        noted = running(settings)

    assert noted == Run(os.getpid(), 5001, ["--lab"], "systemd", {"PIANOLA_PORT": "5007"}, code_state())
    assert running(settings) is None


def test_the_state_of_the_code_changes_with_each_file(tmp_path):
    (tmp_path / "Procfile").touch()
    (tmp_path / "bus").mkdir()
    first = code_state(tmp_path)
    (tmp_path / "bus" / "new.py").touch()

    assert code_state(tmp_path) != first


def test_nobody_hears_that_it_is_ready_where_nobody_listens(monkeypatch, tmp_path):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    Notifier().send(READY)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    Notifier().send(READY)

    assert "NOTIFY_SOCKET" not in os.environ


# --- the service ---

WORDS = ["/opt/my python/bin/python", "-m", "services.cli.main", "up"]
VARIABLES = {"PIANOLA_HOME": '/home/anna/100 % "mine"', "PYTHONPATH": "/opt/$pianola"}


@pytest.fixture
def double(tmp_path):
    """A `systemctl` that writes down what it is told, and fails when a file `fails` lies beside it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    told = folder / "told"
    (folder / "systemctl").write_text(f'#!/bin/sh\necho "$@" >> {told}\ntest ! -e {folder}/fails\n')
    (folder / "systemctl").chmod(0o700)
    return folder


@pytest.fixture
def at_login(terminal, double, tmp_path):
    terminal.environment |= {"XDG_CONFIG_HOME": str(tmp_path), "PATH": f"{double}:{os.environ['PATH']}"}
    return terminal


def units(tmp_path):
    return list((tmp_path / "systemd" / "user").glob("*.service"))


@pytest.mark.skipif(sys.platform != "linux", reason="systemd is on Linux only")
def test_the_service_is_installed_for_its_home_and_removed(at_login, double, tmp_path):
    said = at_login.run("service", "install", PIANOLA_PORT="5077")
    (unit,) = units(tmp_path)
    text = unit.read_text()
    removed = at_login.run("service", "remove")

    assert (said.returncode, removed.returncode) == (0, 0)
    assert f'Environment="PIANOLA_HOME={at_login.home}"' in text
    assert 'Environment="PIANOLA_PORT=5077"' in text
    assert (double / "told").read_text().splitlines() == [
        "--user daemon-reload",
        f"--user enable --now {unit.name}",
        f"--user disable --now {unit.name}",
    ]
    assert not units(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="systemd is on Linux only")
def test_a_service_manager_that_cannot_be_told_is_named_with_what_to_do(at_login, double, tmp_path):
    (double / "fails").touch()

    said = at_login.run("service", "install")

    assert said.returncode == 1
    assert "failed with exit code 1" in said.stdout
    assert f"systemctl --user enable --now {units(tmp_path)[0].name}" in said.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="systemd is on Linux only")
def test_the_command_of_the_unit_starts_pianola_and_says_that_it_is_ready(at_login, tmp_path):
    """systemd itself does not run here: this does what the unit tells it to do."""
    at_login.run("service", "install", PIANOLA_PORT=str(at_login.port))
    lines = units(tmp_path)[0].read_text().splitlines()
    command = shlex.split(next(line for line in lines if line.startswith("ExecStart=")).removeprefix("ExecStart="))
    given = [shlex.split(line.removeprefix("Environment="))[0] for line in lines if line.startswith("Environment=")]
    heard = at_login.home / "heard"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(heard))
        listener.settimeout(PATIENCE_SECONDS)
        environment = {"PATH": os.environ["PATH"], "NOTIFY_SOCKET": str(heard)} | dict(
            one.split("=", 1) for one in given
        )
        process = subprocess.Popen(command, cwd="/", env=environment, stdout=subprocess.DEVNULL)
        try:
            ready = listener.recv(100)
            by = json.loads((at_login.home / "run" / "up.json").read_text())["by"]
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(PATIENCE_SECONDS)

    assert (ready, by, code) == (b"READY=1", "systemd", 0)


def test_systemd_finds_no_mistake_in_the_unit(tmp_path):
    analyze = needs(shutil.which("systemd-analyze"), "systemd-analyze is not here")
    file = tmp_path / "pianola.service"
    file.write_text(systemd.text([sys.executable, *WORDS[1:]], VARIABLES))
    environment = os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)}
    looked = subprocess.run(
        [analyze, "--user", "verify", str(file)], env=environment, capture_output=True, text=True, check=False
    )

    assert (looked.returncode, looked.stderr) == (0, "")


def test_a_unit_keeps_spaces_quotes_and_signs_of_systemd():
    text = systemd.text(WORDS, VARIABLES)

    assert 'ExecStart="/opt/my python/bin/python" "-m"' in text
    assert r'Environment="PIANOLA_HOME=/home/anna/100 %% \"mine\""' in text
    assert 'Environment="PYTHONPATH=/opt/$pianola"' in text


def test_the_agent_of_launchd_is_a_property_list_with_the_same(tmp_path):
    """macOS is not here: nobody has run it there."""
    found = plistlib.loads(launchd.text("pianola", WORDS, VARIABLES, tmp_path / "up.log"))

    assert found["ProgramArguments"] == WORDS
    assert found["EnvironmentVariables"] == VARIABLES
    assert found["Label"] == launchd.file_of("pianola", tmp_path).stem
    assert found["RunAtLoad"]


def test_each_data_folder_has_a_service_of_its_own():
    names = {service_name(Settings(home)) for home in (default_home(), Path("/tmp/one"), Path("/tmp/two"))}

    assert "pianola" in names
    assert len(names) == 3


def test_the_service_is_not_installed_beside_one_that_runs(started):
    said = started.run("service", "install", XDG_CONFIG_HOME=str(started.home / "config"))

    assert said.returncode == 1
    assert "pianola down" in said.stdout


def test_settings_of_the_terminal_go_with_the_service():
    found = setting_variables({"PIANOLA_PORT": "5005", "OLLAMA_HOST": "x", "PIANOLA_SERVICE": "systemd", "HOME": "/"})

    assert found == {"PIANOLA_PORT": "5005", "OLLAMA_HOST": "x"}


def test_down_ends_what_runs_in_the_background(started):
    """The last one with what was started for all."""
    assert started.run("down").stdout == "Pianola has stopped.\n"
    assert started.run("status").returncode == 4
