"""`pianola up --lab`: JupyterLab beside the bus, and the notebook that ships with it, run without JupyterLab."""

import ast
import inspect
import json
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bus.settings import Settings, load
from services.cli import lab as in_words
from services.cli.main import main
from services.lab import files
from services.lab.__main__ import environment, options
from services.supervise import procfile
from services.supervise.ports import PortTaken
from tests.support.command import pianola
from tests.support.launched import Launched
from tests.support.system import PATIENCE_SECONDS, System, free_port, run_apart

STAND_IN = """\
import json, os, socket, sys
given = dict(option.removeprefix("--").split("=", 1) for option in sys.argv[1:])
server = socket.create_server((given["ServerApp.ip"], int(given["ServerApp.port"])))
told = {"pid": os.getpid(), "token": os.environ["JUPYTER_TOKEN"], "given": given, "folder": os.getcwd()}
with open("told.new", "w") as file:
    json.dump(told, file)
os.rename("told.new", "told.json")
while True:
    server.accept()[0].close()
"""
"""In JupyterLab's place: listens at the port, and writes down what it was told."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load({"PIANOLA_HOME": str(tmp_path / "home"), "PIANOLA_LAB_PORT": str(free_port())})


# --- before it starts ---


def test_without_jupyterlab_nothing_is_started_and_a_sentence_says_what_to_do(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(files, "installed", lambda: False)
    monkeypatch.setenv("PIANOLA_HOME", str(settings.home))
    monkeypatch.setenv("PIANOLA_PORT", str(free_port()))

    code = main(["up", "--no-browser", "--lab"])

    assert code == 3
    assert "Install it with `make lab`" in capsys.readouterr().err
    assert not (settings.run / "supervisord.conf").exists()


def test_a_port_that_is_taken_or_the_pages_own_is_refused(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        taken = load({"PIANOLA_HOME": str(tmp_path / "home"), "PIANOLA_LAB_PORT": port})
        with pytest.raises(PortTaken, match=f"PIANOLA_LAB_PORT={port} is taken by .*: JupyterLab cannot be served"):
            files.check_port_of(taken)
        same = load({"PIANOLA_HOME": str(tmp_path / "home"), "PIANOLA_LAB_PORT": port, "PIANOLA_PORT": port})
        with pytest.raises(files.SamePort, match="is the port of the page"):
            files.check_port_of(same)


def test_each_start_makes_a_new_private_token_and_keeps_the_users_notebook(settings: Settings):
    files.prepare(settings)
    first, notebook = files.token_file(settings).read_text(), files.folder(settings) / files.NOTEBOOK
    assert notebook.read_text() == files.EXAMPLE.read_text()
    notebook.write_text("mine")
    (files.runtime_folder(settings) / "jupyter_cookie_secret").write_text("old")

    files.prepare(settings)

    assert files.token_file(settings).read_text() != first
    assert files.token_file(settings).stat().st_mode & 0o077 == 0
    assert notebook.read_text() == "mine"
    assert list(files.runtime_folder(settings).iterdir()) == [files.config_folder(settings)]
    assert in_words.what_is_there(settings).endswith(files.token_file(settings).read_text())
    files.forget(settings)
    assert in_words.what_is_there(settings) == ""


def test_it_is_reached_from_this_machine_alone_and_its_token_stands_in_no_command_line(settings: Settings):
    files.prepare(settings)

    given = options(settings)

    assert "--ServerApp.ip=127.0.0.1" in given
    assert "--ServerApp.allow_remote_access=False" in given
    assert files.token_file(settings).read_text() not in " ".join(given)


def test_it_does_not_ask_whether_it_may_fetch_news_and_the_users_own_configuration_counts_more(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    files.prepare(settings)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/mine")

    mine, ours = environment(settings)["JUPYTER_CONFIG_PATH"].split(os.pathsep)

    (defaults,) = json.loads((Path(ours) / "labconfig" / "default_setting_overrides.json").read_text()).values()
    assert (mine, defaults["fetchNews"]) == ("/mine", "false")


def test_it_is_no_process_of_the_bus():
    assert "lab" not in procfile.read()
    assert "lab" not in procfile.beside()
    assert procfile.beside(lab=True)["lab"] == "services.lab"


# --- while it runs ---


def test_it_runs_beside_the_bus_is_started_again_and_ends_with_everything_else(tmp_path: Path):
    package = tmp_path / "jupyterlab"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(STAND_IN)
    more = {"PYTHONPATH": str(tmp_path), "PIANOLA_LAB_PORT": str(free_port())}
    with Launched(options=["--lab"], **more) as launched:
        told = files.folder(launched.settings) / "told.json"
        until(told.exists, launched)
        first = json.loads(told.read_text())
        assert first["token"] == files.token_file(launched.settings).read_text()
        assert first["folder"] == str(files.folder(launched.settings))
        until(lambda: f"Lab      {files.login_url(launched.settings)}" in launched.printed(), launched)
        until(lambda: status_of(launched)["lab"]["state"] == "ready", launched)
        status = status_of(launched)
        assert (status["lab"]["pid"], status["lab"]["address"]) == (first["pid"], files.address(launched.settings))
        listed = [*status["processes"], *launched.health()["processes"]]
        assert "lab" not in [one["process"] for one in listed]

        os.kill(first["pid"], signal.SIGKILL)
        until(lambda: json.loads(told.read_text())["pid"] != first["pid"], launched)
        second = json.loads(told.read_text())

    with pytest.raises(ProcessLookupError):
        os.kill(second["pid"], 0)


def until(condition: Callable[[], bool], launched: Launched) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, launched.printed()
        time.sleep(0.05)  # another process changes files, and sends no message


def status_of(launched: Launched) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(pianola(launched, "status", "--json").stdout)
    return found


# --- the notebook ---


def cells() -> list[str]:
    """Return the code of the notebook, cell by cell."""
    notebook = json.loads(files.EXAMPLE.read_text())
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


async def run_cells(names: dict[str, Any]) -> None:
    """Run each cell as a notebook does: in one namespace, with `await` at the top level."""
    for place, source in enumerate(cells()):
        code = compile(source, f"cell {place}", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        result = eval(code, names)
        if inspect.isawaitable(result):
            await result


def test_the_notebook_plots_tokens_of_a_running_system_and_adds_a_row(monkeypatch: pytest.MonkeyPatch):
    names: dict[str, Any] = {}
    with System() as system:
        system.start("broker", "store", "llm_worker", "agent")
        monkeypatch.setenv("PIANOLA_HOME", str(system.home))

        run_apart(run_cells(names))

    assert len(names["tokens"]) > 10
    drawn = names["plot"]._repr_html_()
    assert drawn.count("<rect") == 24
    assert f"{len(names['tokens'])} tokens in" in drawn
    assert names["added"].rows[0]["title"] == f"Look at the plot of {len(names['tokens'])} tokens"
    assert names["Plot"]([])._repr_html_().count("<rect") == 24  # nothing was heard


def test_the_notebook_ships_without_outputs_of_anybody():
    notebook = json.loads(files.EXAMPLE.read_text())

    assert [cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code"] == [[]] * len(cells())
