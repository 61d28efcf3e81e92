"""`pianola up` as the user runs it: everything starts, keeps running and stops, also when a process is killed."""

import json
import os
import pty
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from services.supervise import configuration, procfile
from tests.support.command import PIANOLA, run
from tests.support.system import NO_OLLAMA, ROOT, free_port

pytestmark = pytest.mark.supervisor

READY = "Pianola is ready"
SECONDS = 60.0


class Installation:
    """A data folder, a port, and `pianola` commands that use them."""

    def __init__(self):
        self.home = Path(tempfile.mkdtemp(prefix="p.", dir="/tmp"))
        self.port = free_port()
        ours = {"PIANOLA_HOME": str(self.home), "PIANOLA_PORT": str(self.port), "OLLAMA_HOST": NO_OLLAMA}
        self.environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"} | ours
        self.launcher = None
        self._client = httpx.Client(trust_env=False, timeout=SECONDS)

    def command(self, *words, **more):
        return run(self.environment | more, *words)

    def begin(self, *, terminal=True):
        """Start. `terminal`: whether Ctrl-C can come."""
        self.launcher = subprocess.Popen(
            [*PIANOLA, "up"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            start_new_session=not terminal,
        )

    def up(self, *, terminal=True):
        """Start, and wait until it prints that it is ready; return all that it printed."""
        self.begin(terminal=terminal)
        printed = []
        while not any(READY in line for line in printed):
            line = self.launcher.stdout.readline()
            assert line, f"it ended before it was ready: {printed}"
            printed.append(line)
        while "Stop" not in line:
            line = self.launcher.stdout.readline()
            printed.append(line)
        return "".join(printed)

    def reads_until(self, text):
        """Return the line with this text that `pianola up` prints."""
        while text not in (line := self.launcher.stdout.readline()):
            assert line, f"it ended without {text!r}"
        return line

    def status(self):
        return json.loads(self.command("status", "--json").stdout)["processes"]

    def state_of_store(self):
        """Return what `pianola status` says about the store."""
        return next(line for line in self.status() if line["process"] == "store")

    def pid(self, process):
        """Return the id of a process, 0 if it has not said it yet. (The command would take ten times as long.)"""
        script = {"Authorization": f"Bearer {(self.home / 'token').read_text().strip()}"}
        found = self._client.get(f"http://127.0.0.1:{self.port}/healthz", headers=script).json()["processes"]
        return next(one["pid"] for one in found if one["process"] == process)

    def victim(self, process):
        """Return the id of a process that shall get a signal: never 0, which would be ourselves."""
        self.until(lambda: self.pid(process), f"{process} says its id")
        return self.pid(process)

    def until(self, condition, what):
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"not within {SECONDS} s: {what}\n{self.logs()}"
            time.sleep(0.05)

    def logs(self):
        return "".join(f"--- {file.name}\n{file.read_text()[-2000:]}" for file in (self.home / "logs").iterdir())

    def left_over(self):
        """Return the command line of each process that runs with our data folder, by process id."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if f"PIANOLA_HOME={self.home}".encode() in (process / "environ").read_bytes().split(b"\0"):
                    found[int(process.name)] = (process / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
        return found

    def end(self):
        if self.launcher and self.launcher.poll() is None:
            self.launcher.terminate()
            self.launcher.wait(SECONDS)
        if self.launcher:
            self.launcher.stdout.close()
        self._client.close()
        for pid in self.left_over():
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.home, ignore_errors=True)


@pytest.fixture
def installation():
    installation = Installation()
    try:
        yield installation
    finally:
        installation.end()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """One that runs, for the tests that do not end it: with a browser, and started by somebody who hides no files."""
    installation = Installation()
    browser, opened = tmp_path_factory.mktemp("browser") / "browser", installation.home / "opened"
    browser.write_text(f'#!/bin/sh\necho "$@" > {opened}.new && mv {opened}.new {opened}\n')
    browser.chmod(0o700)
    installation.environment |= {"DISPLAY": ":9", "BROWSER": f"{browser} %s", "UMASK": "000"}
    try:
        old = os.umask(0)
        try:
            installation.up()
        finally:
            os.umask(old)
        yield installation
    finally:
        installation.end()


def test_everything_starts_says_where_it_is_and_ends_with_nothing_left(installation):
    printed = installation.up(terminal=False)

    token = (installation.home / "token").read_text().strip()
    assert f"http://127.0.0.1:{installation.port}/?token={token}" in printed
    assert "rehearsal" in printed
    assert "GET /apps/{name}" in printed
    assert "GET /events" in printed
    assert "pianola tail" in printed
    assert "\n  Stop     `pianola down`\n" in printed, "it promises a Ctrl-C that cannot come"
    assert installation.launcher.stdout.readline() == "\n"
    assert "no browser was opened" in installation.launcher.stdout.readline()
    wanted = {*procfile.read(), *({"mcp"} & procfile.beside().keys())}
    assert sorted(line["process"] for line in installation.status()) == sorted(wanted)

    assert installation.command("down").returncode == 0
    assert installation.launcher.wait(SECONDS) == 0
    assert installation.left_over() == {}
    assert installation.command("down").stdout == f"Nothing is running in {installation.home}.\n"
    assert installation.command("status").returncode == 4


def test_the_browser_is_opened_with_a_ticket_that_others_may_read(running):
    opened = running.home / "opened"

    running.until(opened.exists, "a browser was opened")
    address = opened.read_text().strip()
    assert (running.home / "token").read_text().strip() not in address
    assert httpx.get(address, trust_env=False).status_code == 303


def test_files_of_the_run_are_private(running):
    for file in (
        running.home / "run" / "supervisord.conf",
        running.home / "token",
        *(running.home / "logs").iterdir(),
    ):
        assert file.stat().st_mode & 0o077 == 0, file
    assert (running.home / "run" / "supervisor.sock").stat().st_mode & 0o777 == 0o700


def test_status_shows_each_process_ready_with_memory_and_the_bus(running):
    running.until(lambda: running.command("status").returncode == 0, "all ready")
    running.until(lambda: "forwarded" in running.command("status").stdout, "the broker has counted")

    printed = running.command("status", "--json").stdout

    status = json.loads(printed)
    assert all(line["state"] == "ready" and line["memory_bytes"] > 2**20 for line in status["processes"])
    assert status["bus"]["forwarded"] > 0
    assert (running.home / "token").read_text().strip() not in printed


def test_a_second_up_is_refused_and_shows_where_the_first_is(running):
    second = running.command("up")

    assert second.returncode == 3
    assert f"http://127.0.0.1:{running.port}/" in second.stdout
    assert running.launcher.poll() is None


def test_a_killed_process_is_back_at_once_and_counted(running):
    before = running.victim("logger")

    os.kill(before, signal.SIGKILL)

    running.until(lambda: running.pid("logger") not in (0, before), "the logger is restarted")
    assert next(line["restarts"] for line in running.status() if line["process"] == "logger") == 1


def test_a_process_that_hangs_is_restarted(running):
    before = running.victim("jobs")

    os.kill(before, signal.SIGSTOP)

    running.until(lambda: running.pid("jobs") not in (0, before), "the watchdog kills the stopped process of jobs")


def test_ctrl_c_in_a_terminal_ends_make_with_success(installation):
    makefile = installation.home / "Makefile"
    makefile.write_text(f"up:\n\t@{' '.join(PIANOLA)} up --no-browser\n")
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.execvpe("make", ["make", "-f", str(makefile), "up"], installation.environment)
    printed = b""
    while b"Stop" not in printed:
        assert select.select([terminal], [], [], SECONDS)[0], printed
        printed += os.read(terminal, 65536)

    os.write(terminal, b"\x03")

    while True:
        try:
            printed += os.read(terminal, 65536)
        except OSError:  # the last one closed the terminal
            break
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0, printed.decode()
    assert installation.left_over() == {}


@pytest.mark.parametrize(
    "script",
    ["{up} & wait", "nohup {up} 2>&1 | cat"],
    ids=["in the background of a script", "nohup with a pipe"],
)
def test_ctrl_c_ends_it_however_a_script_has_started_it(installation, script):
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        up = " ".join([*PIANOLA, "up", "--no-browser"])
        os.execvpe("sh", ["sh", "-c", script.format(up=up)], installation.environment)
    printed = b""
    while b"Stop " not in printed:
        assert select.select([terminal], [], [], SECONDS)[0], printed
        printed += os.read(terminal, 65536)

    os.write(terminal, b"\x03")

    while b"is stopping" not in printed:
        printed += os.read(terminal, 65536)
    os.waitpid(child, 0)
    os.close(terminal)
    installation.until(lambda: installation.left_over() == {}, "all have ended")


def test_started_by_nohup_it_goes_on_when_its_terminal_is_closed(installation):
    child, terminal = pty.fork()
    if child == 0:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.chdir(ROOT)
        os.execvpe(PIANOLA[0], [*PIANOLA, "up", "--no-browser"], installation.environment)
    printed = b""
    while b"Stop" not in printed:
        assert select.select([terminal], [], [], SECONDS)[0], printed
        printed += os.read(terminal, 65536)
    before = installation.victim("logger")

    os.close(terminal)
    os.kill(child, signal.SIGHUP)
    os.kill(before, signal.SIGKILL)

    installation.until(lambda: installation.pid("logger") not in (0, before), "the logger is restarted")
    assert installation.command("down").returncode == 0
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert installation.left_over() == {}


def test_when_the_launcher_or_supervisord_is_killed_everything_ends_and_the_next_start_works(installation):
    installation.up()

    installation.launcher.kill()
    installation.launcher.wait()
    installation.launcher.stdout.close()

    installation.until(lambda: installation.left_over() == {}, "all have ended")
    assert READY in installation.up()

    os.kill(int((installation.home / "run" / "supervisord.pid").read_text()), signal.SIGKILL)

    assert installation.launcher.wait(SECONDS) == 1
    assert "supervisord ended unexpectedly" in installation.launcher.stdout.read()
    installation.until(lambda: installation.left_over() == {}, "all have ended")


def test_a_taken_port_is_named_with_its_holder_and_nothing_is_started(installation):
    with socket.socket() as other:
        other.bind(("127.0.0.1", installation.port))
        other.listen()

        refused = installation.command("up")

    assert refused.returncode == 3
    assert f"PIANOLA_PORT={installation.port} is taken by" in refused.stderr
    assert f"(process {os.getpid()})" in refused.stderr
    assert not (installation.home / "run" / "supervisord.pid").exists()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"PIANOLA_PORT": "abc"}, "PIANOLA_PORT='abc'"),
        ({"PIANOLA_HOME": "/tmp/" + "x" * 120}, "too long"),
        ({"OLLAMA_HOST": "ftp://here"}, "OLLAMA_HOST"),
    ],
)
def test_a_wrong_setting_is_refused_with_a_sentence(installation, settings, named):
    refused = installation.command("up", **settings)

    assert refused.returncode == 3
    assert named in refused.stderr
    assert "Traceback" not in refused.stderr


def test_why_the_store_does_nothing_is_told_by_up_status_and_healthz_until_it_is_mended(installation):
    """When its file is none, when it is exchanged while the store runs, and when it lacks a table at the start."""
    database = installation.home / "pianola.db"
    database.write_bytes(b"this is no database" * 100)
    installation.begin()
    assert "pianola.db" in installation.reads_until("store:")
    assert "pianola.db" in installation.state_of_store()["problem"]
    database.unlink()
    installation.reads_until(READY)

    elsewhere = installation.home / "elsewhere.db"
    the_move_of_a_file_is_told(installation, database, elsewhere)
    assert installation.command("down").returncode == 0
    assert installation.launcher.wait(SECONDS) == 0
    installation.launcher.stdout.close()

    elsewhere.rename(database)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("drop table change")
    installation.begin()
    assert "lacks the table `change`" in installation.reads_until("store: ")
    assert "lacks the table `change`" in installation.state_of_store()["problem"]


def the_move_of_a_file_is_told(installation, database, elsewhere):
    """Move the database while it runs, and see what the page, health, the status and the terminal say."""
    token = (installation.home / "token").read_text().strip()
    address = f"http://127.0.0.1:{installation.port}/"
    with httpx.Client(trust_env=False, follow_redirects=True, timeout=SECONDS) as client:
        assert client.get(address, params={"token": token}).status_code == 200
        database.rename(elsewhere)
        assert "was removed while Pianola was running" in client.get(address).text
        health = client.get(f"{address}healthz")
        (store,) = (one for one in health.json()["processes"] if one["process"] == "store")
    assert (health.status_code, store["state"]) == (503, "failed")
    assert "was removed while Pianola was running" in store["problem"]
    line = installation.state_of_store()
    assert (line["state"], "was removed" in line["problem"]) == ("failed", True)
    installation.reads_until("store: the database")


def test_supervisord_reads_the_configuration_whatever_the_home_is_called(tmp_path, monkeypatch):
    from supervisor.options import ServerOptions

    run = tmp_path / "a %d ;x #y" / "run"
    run.mkdir(parents=True)
    (run.parent / "logs").mkdir()
    file = run / "supervisord.conf"
    monkeypatch.chdir(run)
    monkeypatch.setenv("PIANOLA_PYTHON", "'/with %s ; space/python'")
    file.write_text(configuration.configuration_text(procfile.read()))
    options = ServerOptions()
    options.realize(["-c", file.name])

    groups = {group.name: [one.name for one in group.process_configs] for group in options.process_group_configs}
    assert groups["broker"] == ["broker"]
    assert groups["store"] == ["store"]
    assert sorted(groups["others"]) == sorted(set(procfile.read()) - {"broker", "store"})
    assert [one.name for one in sorted(options.process_group_configs)] == ["broker", "store", "others"]
    command = options.process_group_configs[0].process_configs[0].command
    assert command.startswith("'/with %s ; space/python' -m ")
    assert all(server["section"] != "inet_http_server" for server in options.server_configs)


def test_a_line_of_the_procfile_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "Procfile").write_text("web: gunicorn web\n")

    with pytest.raises(procfile.BadProcfile, match="gunicorn"):
        procfile.read(tmp_path / "Procfile")
