"""The agent of launchd on macOS. Its format: launchd.plist(5). Nobody has run it there yet."""

import os
import plistlib
from collections.abc import Mapping, Sequence
from pathlib import Path

PREFIX = "local.pianola"
"""How the label of our agent begins; `local.` is for what has no domain."""


def label(name: str) -> str:
    """Return the label of the agent."""
    return f"{PREFIX}.{name}"


def file_of(name: str, user_home: Path) -> Path:
    """Return the path of the property list."""
    return user_home / "Library" / "LaunchAgents" / f"{label(name)}.plist"


def text(name: str, words: Sequence[str], variables: Mapping[str, str], log: Path) -> bytes:
    """Return the property list that runs the command `words` with these environment variables."""
    return plistlib.dumps(
        {
            "Label": label(name),
            "ProgramArguments": list(words),
            "EnvironmentVariables": dict(variables),
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ThrottleInterval": 30,
            "StandardOutPath": str(log),
            "StandardErrorPath": str(log),
        }
    )


def commands(name: str, file: Path) -> tuple[tuple[list[str], ...], ...]:
    """Return the commands that make launchd install, remove and restart the agent."""
    domain = f"gui/{os.getuid()}"
    return (
        (["launchctl", "bootstrap", domain, str(file)],),
        (["launchctl", "bootout", f"{domain}/{label(name)}"],),
        (["launchctl", "kickstart", "-k", f"{domain}/{label(name)}"],),
    )
