"""The folder with our code, and the environment in which a process of ours finds it."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

DISTRIBUTION = "pianola-workbench"
"""What pip calls us. The name `pianola` belongs to another package: docs/decisions/distribution.md."""

CODE = Path(__file__).parent.parent.parent
"""The folder with the Procfile and the code: of a checkout, or in `site-packages` where a wheel was installed."""

DOCS = CODE / "docs"


def is_checkout() -> bool:
    """Return whether the code is a checkout, which `make` keeps up to date."""
    return (CODE / "Makefile").is_file()


def with_code(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment of a Python that imports our code before all else."""
    others = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path not in ("", str(CODE))]
    return {**environment, "PYTHONPATH": os.pathsep.join([str(CODE), *others])}


def command() -> str:
    """Return the path of the command `pianola` of this environment; its name alone where it is not beside Python."""
    beside = Path(sys.executable).with_name("pianola")
    return str(beside) if beside.is_file() else "pianola"


def how_to_install(extra: str) -> str:
    """Return the command that installs an extra, by the tool that installed us."""
    wanted, prefix = f"'{DISTRIBUTION}[{extra}]'", Path(sys.prefix)
    if is_checkout():
        return f"make {extra}"
    if (prefix / "uv-receipt.toml").is_file():
        return f"uv tool install {wanted}"
    if (prefix / "pipx_metadata.json").is_file():
        return f"pipx install --force {wanted}"
    return f"{sys.executable} -m pip install {wanted}"
