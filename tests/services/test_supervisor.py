"""`pianola up` as the user has it: everything starts, stays alive, and ends, also when somebody is killed."""

import json
import os
import pty
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import pytest

from services.supervise import configuration, procfile
from tests.support.system import NO_OLLAMA, ROOT, free_port

pytestmark = pytest.mark.supervisor

PIANOLA = [sys.executable, "-m", "services.cli.main"]
READY = "Pianola is ready"
SECONDS = 60.0


class Band:
    """A home, a port, and `pianola` commands in it."""

    def __init__(self):
        self.home = Path(tempfile.mkdtemp(prefix="p.", dir="/tmp"))
        self.port = free_port()
        ours = {"PIANOLA_HOME": str(self.home), "PIANOLA_PORT": str(self.port), "OLLAMA_HOST": NO_OLLAMA}
        self.environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"} | ours
        self.launcher = None

    def command(self, *words, **more):
        environment = self.environment | more
        return subprocess.run(
            [*PIANOLA, *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def up(self):
        """Start, and wait until it says that it is ready; return what it printed."""
        self.launcher = subprocess.Popen(
            [*PIANOLA, "up"], cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        printed = []
        while not any(READY in line for line in printed):
            line = self.launcher.stdout.readline()
            assert line, f"it ended before it was ready: {printed}"
            printed.append(line)
        while "Stop" not in line:
            line = self.launcher.stdout.readline()
            printed.append(line)
        return "".join(printed)

    def status(self):
        return json.loads(self.command("status", "--json").stdout)["processes"]

    def pid(self, process):
        return next(line["pid"] for line in self.status() if line["process"] == process)

    def until(self, condition, what):
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"not within {SECONDS} s: {what}\n{self.logs()}"
            time.sleep(0.05)

    def logs(self):
        return "".join(f"--- {file.name}\n{file.read_text()[-2000:]}" for file in (self.home / "logs").iterdir())

    def left_over(self):
        """Return the processes that live in our home, by their id."""
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
        for pid in self.left_over():
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.home, ignore_errors=True)


@pytest.fixture
def band():
    band = Band()
    try:
        yield band
    finally:
        band.end()


def test_everything_starts_says_where_it_is_and_ends_with_nothing_left(band):
    printed = band.up()

    token = (band.home / "token").read_text().strip()
    assert f"http://127.0.0.1:{band.port}/?token={token}" in printed
    assert "rehearsal" in printed
    assert "/apps/todo" in printed
    assert "pianola tail" in printed
    assert band.launcher.stdout.readline() == "\n"
    assert "no browser was opened" in band.launcher.stdout.readline()
    assert sorted(line["process"] for line in band.status()) == sorted(procfile.read())

    assert band.command("down").returncode == 0
    assert band.launcher.wait(SECONDS) == 0
    assert band.left_over() == {}
    assert band.command("down").stdout == f"Nothing is running in {band.home}.\n"
    assert band.command("status").returncode == 4


def test_the_browser_is_opened_with_a_ticket_that_others_may_read(band, tmp_path):
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$@" > {opened}.new && mv {opened}.new {opened}\n')
    browser.chmod(0o700)
    band.environment |= {"DISPLAY": ":9", "BROWSER": f"{browser} %s"}

    band.up()

    band.until(opened.exists, "a browser was opened")
    address = opened.read_text().strip()
    assert (band.home / "token").read_text().strip() not in address
    assert httpx.get(address, trust_env=False).status_code == 303


def test_status_shows_each_process_ready_with_memory_and_the_bus(band):
    band.up()
    band.until(lambda: band.command("status").returncode == 0, "all ready")
    band.until(lambda: "forwarded" in band.command("status").stdout, "the broker has counted")

    printed = band.command("status", "--json").stdout

    status = json.loads(printed)
    assert all(line["state"] == "ready" and line["memory_bytes"] > 2**20 for line in status["processes"])
    assert status["bus"]["forwarded"] > 0
    assert (band.home / "token").read_text().strip() not in printed


def test_a_killed_process_is_back_at_once_and_counted(band):
    band.up()
    before = band.pid("logger")

    os.kill(before, signal.SIGKILL)

    band.until(lambda: band.pid("logger") not in (0, before), "the logger is started anew")
    assert next(line["restarts"] for line in band.status() if line["process"] == "logger") == 1


def test_a_process_that_hangs_is_started_anew(band):
    band.up()
    before = band.pid("logger")

    os.kill(before, signal.SIGSTOP)

    band.until(lambda: band.pid("logger") not in (0, before), "the watchdog kills the stopped logger")


def test_ctrl_c_in_a_terminal_ends_make_with_success(band):
    makefile = band.home / "Makefile"
    makefile.write_text(f"up:\n\t@{' '.join(PIANOLA)} up --no-browser\n")
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.execvpe("make", ["make", "-f", str(makefile), "up"], band.environment)
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
    assert band.left_over() == {}


def test_when_the_launcher_is_killed_everything_ends_and_the_next_start_works(band):
    band.up()

    band.launcher.kill()
    band.launcher.wait()
    band.launcher.stdout.close()

    band.until(lambda: band.left_over() == {}, "all have ended")
    assert READY in band.up()


def test_when_supervisord_is_killed_the_launcher_says_so_and_everything_ends(band):
    band.up()

    os.kill(int((band.home / "run" / "supervisord.pid").read_text()), signal.SIGKILL)

    assert band.launcher.wait(SECONDS) == 1
    assert "supervisord ended unexpectedly" in band.launcher.stdout.read()
    band.until(lambda: band.left_over() == {}, "all have ended")


def test_a_second_up_is_refused_and_shows_where_the_first_is(band):
    band.up()

    second = band.command("up")

    assert second.returncode == 3
    assert f"http://127.0.0.1:{band.port}/" in second.stdout
    assert band.launcher.poll() is None


def test_a_taken_port_is_named_with_its_holder_and_nothing_is_started(band):
    with socket.socket() as other:
        other.bind(("127.0.0.1", band.port))
        other.listen()

        refused = band.command("up")

    assert refused.returncode == 3
    assert f"PIANOLA_PORT={band.port} is taken by" in refused.stderr
    assert f"(process {os.getpid()})" in refused.stderr
    assert not (band.home / "run" / "supervisord.pid").exists()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"PIANOLA_PORT": "abc"}, "PIANOLA_PORT='abc'"),
        ({"PIANOLA_HOME": "/tmp/" + "x" * 120}, "too long"),
        ({"OLLAMA_HOST": "ftp://here"}, "OLLAMA_HOST"),
    ],
)
def test_a_wrong_setting_is_refused_with_a_sentence(band, settings, named):
    refused = band.command("up", **settings)

    assert refused.returncode == 3
    assert named in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_process_that_cannot_start_is_named_with_its_problem_and_recovers_when_mended(band):
    (band.home / "pianola.db").write_bytes(b"this is no database" * 100)
    band.launcher = subprocess.Popen(
        [*PIANOLA, "up"], cwd=ROOT, env=band.environment, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    said = ""
    while "store:" not in said:
        said += band.launcher.stdout.readline()
    assert "pianola.db" in said

    status = next(line for line in band.status() if line["process"] == "store")
    assert "pianola.db" in status["problem"]

    (band.home / "pianola.db").unlink()
    while READY not in said:
        said += band.launcher.stdout.readline()


def test_supervisord_reads_the_configuration_whatever_the_home_is_called(tmp_path, monkeypatch):
    from supervisor.options import ServerOptions

    run = tmp_path / "a %d ;x #y" / "run"
    run.mkdir(parents=True)
    (run.parent / "logs").mkdir()
    file = run / "supervisord.conf"
    monkeypatch.chdir(run)
    monkeypatch.setenv("PIANOLA_PYTHON", "'/with %s ; space/python'")
    file.write_text(configuration.compose(procfile.read()))
    options = ServerOptions()
    options.realize(["-c", file.name])

    groups = {group.name: [one.name for one in group.process_configs] for group in options.process_group_configs}
    assert groups["broker"] == ["broker"]
    assert groups["store"] == ["store"]
    assert sorted(groups["players"]) == sorted(set(procfile.read()) - {"broker", "store"})
    assert [one.name for one in sorted(options.process_group_configs)] == ["broker", "store", "players"]
    command = options.process_group_configs[0].process_configs[0].command
    assert command.startswith("'/with %s ; space/python' -m ")
    assert all(server["section"] != "inet_http_server" for server in options.server_configs)


def test_a_line_of_the_procfile_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "Procfile").write_text("web: gunicorn web\n")

    with pytest.raises(procfile.BadProcfile, match="gunicorn"):
        procfile.read(tmp_path / "Procfile")


def test_files_of_the_run_are_private(band):
    band.environment["UMASK"] = "000"
    old = os.umask(0)
    try:
        band.up()
    finally:
        os.umask(old)

    for file in (band.home / "run" / "supervisord.conf", band.home / "token", *(band.home / "logs").iterdir()):
        assert file.stat().st_mode & 0o077 == 0, file
    assert (band.home / "run" / "supervisor.sock").stat().st_mode & 0o777 == 0o700
