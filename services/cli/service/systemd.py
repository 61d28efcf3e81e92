"""The user service of systemd. Its format: systemd.service(5), systemd.syntax(7)."""

from collections.abc import Mapping, Sequence
from pathlib import Path

TEXT = """\
# Written by `pianola service install`; `pianola service remove` removes it.
[Unit]
Description=Pianola, small web apps that share one assistant
Documentation=man:systemd.service(5)

[Service]
Type=notify
NotifyAccess=main
ExecStart={command}
{environment}
# Ready when all processes are; the first start after an update may bring a large database up to date.
TimeoutStartSec=infinity
TimeoutStopSec=20
KillMode=mixed
Restart=on-failure
RestartSec=5
# Refused: a person has to change something first.
RestartPreventExitStatus=3

[Install]
WantedBy=default.target
"""


def file_of(name: str, environment: Mapping[str, str], user_home: Path) -> Path:
    """Return the path of the unit."""
    base = Path(environment.get("XDG_CONFIG_HOME") or user_home / ".config")
    return base / "systemd" / "user" / f"{name}.service"


def text(words: Sequence[str], variables: Mapping[str, str]) -> str:
    """Return the unit that runs the command `words` with these environment variables."""
    command = " ".join(_quoted(word).replace("$", "$$") for word in words)
    lines = [f"Environment={_quoted(f'{name}={value}')}" for name, value in variables.items()]
    return TEXT.format(command=command, environment="\n".join(lines))


def _quoted(word: str) -> str:
    """Return a word as a unit holds it: quoted, with `%` doubled."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("\n", "\\n")
    return f'"{escaped}"'


def commands(name: str) -> tuple[tuple[list[str], ...], ...]:
    """Return the commands that make systemd install, remove and restart the service."""
    systemctl, unit = ["systemctl", "--user"], f"{name}.service"
    return (
        ([*systemctl, "daemon-reload"], [*systemctl, "enable", "--now", unit]),
        ([*systemctl, "disable", "--now", unit],),
        ([*systemctl, "restart", unit],),
    )
