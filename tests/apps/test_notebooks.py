"""`pianola notebook-to-workflow`: an app from a notebook, and the sentence about a cell that cannot be a step."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from apps.installed import Installed
from apps.notebooks.cells import BadNotebook, read_cells
from apps.notebooks.steps import planned
from apps.registry import load
from apps.work.runs import arguments_of
from tests.support.system import ROOT, run_apart
from web.state.form_values import from_form

EXAMPLE = ROOT / "examples" / "reading_log.ipynb"


def converted(file: Path, where: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services.cli.main", "notebook-to-workflow", str(file)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)


def test_the_example_becomes_an_app_whose_job_does_what_its_cell_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    ran = converted(EXAMPLE, tmp_path)

    assert ran.returncode == 0, ran.stderr
    monkeypatch.syspath_prepend(tmp_path / "reading_log")
    app = load(Installed("reading_log", "reading_log", "this folder"))
    assert app.problem == ""
    (workflow,) = app.workflows
    assert [(one.id, one.kind) for one in workflow.steps] == [
        ("the_text", "fields"),
        ("measure", "job"),
        ("note", "prompt"),
        ("result", "result"),
    ]
    assert workflow.steps[0].fields[0].required
    assert [one.limit for one in workflow.steps[0].fields[:2]] == [200, 10_000]
    assert workflow.steps[0].fields[2].default == 220
    assert workflow.steps[3].result.startswith("# {the_text.name}\n\n{note.text}\n\n{measure.count} words")
    progress = SimpleNamespace(at=lambda done, total, note: None)
    measure = importlib.import_module("reading_log.jobs").measure
    found = run_apart(measure(progress, text="to be or not to be", words_a_minute=60))
    assert found == {"count": 6, "different": 4, "minutes": 0.1}
    own_test = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "."],
        cwd=tmp_path / "reading_log",
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}."},
        check=False,
    )
    assert own_test.returncode == 0


def test_a_second_time_and_a_bad_cell_write_nothing(tmp_path: Path):
    assert converted(EXAMPLE, tmp_path).returncode == 0
    again = converted(EXAMPLE, tmp_path)
    assert again.returncode == 3
    assert "is there already" in again.stderr
    bad = notebook(tmp_path / "bad.ipynb", ("code", "%time", "job"))
    refused = converted(bad, tmp_path)
    assert refused.returncode == 3
    assert refused.stderr.startswith("pianola: bad.ipynb was not made into a workflow: cell 1 (job) cannot be a step")
    assert not (tmp_path / "bad").exists()


def notebook(file: Path, *cells: tuple[str, str, str]) -> Path:
    made = [{"cell_type": kind, "source": text, "metadata": {"tags": tag.split()}} for kind, text, tag in cells]
    file.write_text(json.dumps({"nbformat": 4, "cells": made, "metadata": {}}))
    return file


INPUTS = ("code", "name = 'Ada'", "inputs")


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([("code", "x = 1", "")], r"cell 1 \(code\) cannot be a step: it has no tag. Give it one of: inputs"),
        ([("code", "x = 1", "job inputs")], "it has the tags job and inputs"),
        ([("markdown", "Hello", "job")], "must be code"),
        ([("code", "%matplotlib inline\nx = 1", "job")], "`%matplotlib…` is a command of notebooks|`%…`"),
        ([("code", "!ls", "job")], "is a command of notebooks"),
        ([("code", "x = (", "job")], "no Python that can be read"),
        ([("code", "display(1)", "job")], "line 1: `display` shows something"),
        ([("code", "x = input()", "job")], "asks at the keyboard"),
        ([("code", "from os import *", "setup")], "name what is imported"),
        ([INPUTS, ("code", "y = nam", "job")], r"cell 2 \(job\) .* it uses `nam`, which no cell before it makes"),
        ([("markdown", "Hi {name}", "prompt"), INPUTS], "it says {name}, which no cell before it makes"),
        ([("code", "x = [1]", "inputs")], "a text, a number, True or False"),
        ([("code", "print(1)", "inputs")], "only `name = value`"),
        ([INPUTS, INPUTS], "the name `name` is taken by cell 1"),
        ([("code", "print(1)", "setup"), INPUTS], "a setup only imports"),
        ([("markdown", "# Only words", "")], "has no step"),
        ([("code", "return 5", "job")], "line 1: this `return` is outside of a function"),
        (
            [("code", "def f():\n    return name", "setup"), INPUTS],
            "uses `name`, which no cell with the tag setup makes",
        ),
    ],
)
def test_a_cell_that_cannot_be_a_step_is_refused_with_its_number_and_the_reason(
    tmp_path: Path, cells: list[Any], reason: str
):
    file = notebook(tmp_path / "mine.ipynb", *cells)
    with pytest.raises(BadNotebook, match=reason):
        planned("mine", read_cells(file))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "no JSON"),
        ("[]", "no notebook of format 4"),
        (json.dumps({"nbformat": 3, "cells": []}), "no notebook of format 4"),
        (json.dumps({"nbformat": 4, "cells": [], "metadata": {"kernelspec": {"language": "julia"}}}), "in julia"),
    ],
)
def test_a_file_that_is_no_notebook_of_python_is_refused(tmp_path: Path, content: str, reason: str):
    (tmp_path / "mine.ipynb").write_text(content)
    with pytest.raises(BadNotebook, match=reason):
        read_cells(tmp_path / "mine.ipynb")


def test_a_job_may_change_what_it_was_given_and_hand_on_what_it_made(tmp_path: Path):
    file = notebook(
        tmp_path / "mine.ipynb",
        INPUTS,
        ("code", "name = name.upper()\nother = 1\n_hidden = 2", "job"),
        ("markdown", "Hello {name}", "result"),
    )
    plan = planned("mine", read_cells(file))
    assert plan.steps[1].sources == {"name": "what_is_needed.name"}
    assert plan.steps[1].returns == ("name",)
    assert plan.steps[2].text == "Hello {work.name}"


def test_what_a_job_made_reaches_the_next_one_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = notebook(
        tmp_path / "hand_on.ipynb",
        ("code", "try:\n    import math\nexcept ImportError:\n    math = None", "setup"),
        ("code", "most = 3", "inputs"),
        (
            "code",
            "if most:\n    found = [math.sqrt(4), 5]\nmatch most:\n    case other:\n        text = 'a %s' \\\n% other",
            "job",
        ),
        ("code", "total = sum(found)\nmost += 1", "job"),
        ("markdown", "{total} {most} {text}", "result"),
    )
    assert converted(file, tmp_path).returncode == 0
    monkeypatch.syspath_prepend(tmp_path / "hand_on")
    (workflow,) = load(Installed("hand_on", "hand_on", "this folder")).workflows
    jobs = importlib.import_module("hand_on.jobs")

    first = run_apart(jobs.work(None, most=3))
    run = {"title": "", "created": 0, "data": {"what_is_needed": {"most": 3}, "work": {"job": 1, "result": first}}}
    given = arguments_of(workflow, run, workflow.steps[2])
    step = workflow.steps[2].job
    assert step is not None
    arguments = step.checked({one.name: from_form(one, given[one.name]) for one in step.fields})

    assert first == {"found": [2.0, 5], "text": "a 3"}
    assert run_apart(jobs.work_4(None, **arguments)) == {"total": 7.0, "most": 4}
