"""Processes that are copied from a template behave as those that `python -m` runs."""

import signal
from pathlib import Path

import pytest

from tests.support import prefork
from tests.support.prefork import Forked
from tests.support.system import System

pytestmark = pytest.mark.skipif(not prefork.serves(prefork.ENVIRONMENT), reason="only Linux has pidfd_open")


def run_by_python() -> System:
    """Return a system that is started without templates: it has a variable that is no setting."""
    return System({"SOMETHING_ELSE": "1"})


def files(system: System, name: str) -> list[str]:
    """Return what the open files of a process are, without the numbers that differ at each start."""
    folder = Path(f"/proc/{system.processes[name].pid}/fd")
    found = [str(file.readlink()).replace(str(system.home), "HOME") for file in folder.iterdir()]
    return sorted(one.partition(":[")[0] for one in found)


def test_a_copy_has_the_same_files_open():
    with System() as copied, run_by_python() as run:
        for system in (copied, run):
            system.start("broker", "store")

        assert isinstance(copied.processes["store"], Forked)
        assert not isinstance(run.processes["store"], Forked)
        for name in ("broker", "store"):
            assert files(copied, name) == files(run, name)


def test_a_copy_tells_how_it_ended():
    with System() as system:
        system.start("broker", "store", "logger")
        broker, store, logger = system.processes.values()

        assert store.poll() is None
        system.stop("logger")
        system.kill("store")
        system.kill("broker")

        assert (logger.poll(), store.poll(), broker.wait()) == (0, -signal.SIGKILL, -signal.SIGKILL)
        store.terminate()  # which does nothing, as for any process that has ended


def test_a_copy_that_cannot_start_prints_why():
    with System() as system:
        system.environment["PIANOLA_PORT"] = "none"
        process = system.launch("web")

        assert process.wait(60) != 0
        assert "PIANOLA_PORT" in system.output("web")
        del system.processes["web"]
