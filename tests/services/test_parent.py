"""A process whose starter has ended while it still began: it ends as well, though no broker answers it."""

import subprocess
import sys

import pytest

from bus.processes.parent import VARIABLE, parent
from tests.support.system import PATIENCE_SECONDS, ROOT, System


@pytest.mark.parametrize("module", ["services.broker", "services.logger", "llm_worker", "llm_worker.embedded.engine"])
def test_a_process_does_not_outlive_the_one_that_started_it(module):
    starter = subprocess.Popen([sys.executable, "-c", ""])
    starter.wait()

    with System({VARIABLE: str(starter.pid)}) as system:
        ended = subprocess.run(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env=system.environment,
            timeout=PATIENCE_SECONDS,
            capture_output=True,
            text=True,
            check=False,
        )

    assert ended.returncode == 0, ended.stderr


def test_what_a_process_starts_itself_has_it_as_its_parent(monkeypatch):
    monkeypatch.setenv(VARIABLE, "4711")

    assert parent() == 4711
    assert parent() != 4711
