"""An update may replace our files while everything runs: no process of another version starts, and the page says so."""

import asyncio
from dataclasses import replace

import pytest
from fasthtml.common import to_xml

from apps.tables import Field, Table
from bus.code import state
from bus.code.state import code_state, is_changed, is_outdated
from bus.code.version import Updated, check_version, version
from bus.settings import load
from services.jobs.run import Run
from tests.support.system import PATIENCE_SECONDS, System, run_apart
from web import health
from web.html.controls import status_light
from web.state.page_view import PageView

VIEW = PageView(revision=1, tab="", app="todo", apps={"todo": ""}, table=Table("todo", (Field("title"),)))


def test_a_process_of_another_version_does_not_start_beside_those_that_run():
    check_version({})
    check_version({"PIANOLA_CODE": code_state()})
    with pytest.raises(Updated, match=rf"version {version()} has been installed while 0\.0\.1 runs.*pianola restart"):
        check_version({"PIANOLA_CODE": "0.0.1 700 1"})


def test_the_process_says_why_it_does_not_start():
    with System({"PIANOLA_CODE": "0.0.1 700 1"}) as system:
        process = system.launch("broker")

        assert process.wait(PATIENCE_SECONDS) == 3
        del system.processes["broker"]  # all others must leave with 0
        assert "while 0.0.1 runs" in (system.home / "run" / "broker.problem").read_text()


def test_no_process_of_a_job_is_started_from_files_of_another_version(monkeypatch, tmp_path):
    monkeypatch.setenv("PIANOLA_CODE", "0.0.1 700 1")
    job = Run(
        {"created": 0.0, "attempt": 1}, tmp_path / "job", load({"PIANOLA_HOME": str(tmp_path)}), lambda _row: None
    )

    outcome = run_apart(job.outcome())

    assert "while 0.0.1 runs" in outcome["failed"]
    assert not (tmp_path / "job").exists()


def test_files_that_are_being_replaced_have_changed(monkeypatch, tmp_path):
    monkeypatch.setattr(state, "CODE", tmp_path)
    monkeypatch.setattr(state.code_state, "__defaults__", (tmp_path,))

    assert version(tmp_path) == "unknown"
    assert is_changed("0.1.0 700 1")
    assert not is_changed("")


def test_only_what_pianola_up_has_started_knows_of_an_earlier_state():
    assert not is_outdated({})
    assert not is_outdated({"PIANOLA_CODE": code_state()})
    assert is_outdated({"PIANOLA_CODE": f"{version()} 1 1"})


def test_the_web_process_notices_it_and_tells_the_page(monkeypatch):
    monkeypatch.setattr(health, "LOOK_SECONDS", 0.001)
    monkeypatch.setenv("PIANOLA_CODE", f"{version()} 1 1")
    told = []

    async def watch():
        watching = health.Health(("store",), lambda: told.append(watching.outdated))
        async with asyncio.timeout(30):
            await watching.watch_code()

    run_apart(watch())

    assert told == [True]


@pytest.mark.parametrize("missing", [(), ("agent",)])
def test_the_light_of_the_page_says_what_finishes_the_update(missing):
    light = to_xml(status_light(replace(VIEW, outdated=True, missing=missing)))

    assert "Restart to finish the update" in light
    assert "pianola restart" in light
    assert ("Waiting for agent" in light) == bool(missing)
