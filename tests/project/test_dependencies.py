"""No dependency comes unseen: each has its reason, those that everybody installs are counted, all are pinned."""

import tomllib

from tests.support.system import ROOT

MOST_BASE_DEPENDENCIES = 15
"""What only some users need is an extra. Who raises this number says why in docs/decisions/dependencies.md."""

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_no_dependency_that_everybody_installs_is_added_unseen():
    assert len(PROJECT["dependencies"]) <= MOST_BASE_DEPENDENCIES


def test_no_dependency_is_without_a_reason():
    wanted = [*PROJECT["dependencies"], *(one for many in PROJECT["optional-dependencies"].values() for one in many)]
    page = (ROOT / "docs" / "decisions" / "dependencies.md").read_text().lower()

    for requirement in wanted:
        name = requirement.split(">")[0].split("=")[0].strip()
        assert f"`{name}`" in page, name


def test_the_locks_name_no_host_and_pin_every_package_with_a_hash():
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text()
        assert "://" not in text
        assert "--index" not in text
        pinned = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert all("==" in line and line.endswith("\\") for line in pinned), lock.name
