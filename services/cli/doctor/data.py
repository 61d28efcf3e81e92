"""Checks of the database and its backups. The store's own code looks at the files, in a process of its own."""

import json
import subprocess
import time
from typing import Any

from bus.settings import Settings
from services.cli.doctor.finding import Finding, Patient
from services.cli.store_command import offline_command, offline_environment

LOOK_SECONDS = 600.0
"""Longest wait: checking a large database on a slow disk takes minutes."""
OLD_SECONDS = 2 * 86_400
"""A database that was written so long after its newest backup lacks one: they are made each day."""


def database(patient: Patient) -> Finding:
    """Check the integrity of the database."""
    if not patient.settings.database.exists():
        return Finding("database", True, "There is none yet.", "`pianola up` makes it.")
    seen = patient.files
    if seen["problem"]:
        remedy = "`pianola backups` lists the backups, `pianola restore FILE` brings one back (after `pianola down`)."
        return Finding("database", False, seen["problem"], "" if "pianola restore" in seen["problem"] else remedy)
    size = f"{patient.settings.database.stat().st_size / 1e6:,.1f} MB"
    return Finding("database", True, f"{seen['checked']} ({size}).")


def backups(patient: Patient) -> Finding:
    """Check that there is a backup, and that it is not old."""
    settings = patient.settings
    if not settings.database.exists():
        return Finding("backups", True, "None are needed yet.")
    if not settings.backup_days:
        return Finding("backups", True, "Daily backups are switched off (PIANOLA_BACKUP_DAYS=0).", "`pianola backup`")
    newest, written = patient.files["newest"], settings.database.stat().st_mtime
    remedy = "`pianola backup` makes one; each day one is made while Pianola runs."
    if not newest:
        return Finding("backups", written > time.time() - OLD_SECONDS, "There is no backup yet.", remedy)
    age = time.strftime("%Y-%m-%d %H:%M", time.localtime(newest))
    if written - newest > OLD_SECONDS:
        days = (written - newest) / 86_400
        return Finding("backups", False, f"The newest is of {age}: {days:.0f} days of changes lack one.", remedy)
    return Finding("backups", True, f"The newest is of {age}, in {settings.backups}.")


def look(settings: Settings) -> dict[str, Any]:
    """Return what the store's code says of the files: see `store/inspection.py`."""
    ran = subprocess.run(  # noqa: S603 (no shell)
        offline_command("look"),
        env=offline_environment(settings),
        capture_output=True,
        text=True,
        timeout=LOOK_SECONDS,
        check=False,
    )
    try:
        found: dict[str, Any] = json.loads(ran.stdout)
    except ValueError:
        found = {"problem": f"It could not be looked at: {ran.stderr.strip()[-300:]}", "checked": "", "newest": 0.0}
    return found
