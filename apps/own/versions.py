"""The files of own apps: `NAME.py` or `NAME/` in the folder `apps` of the data folder, and the copies that are run.

Only copies are run, each in a folder that is named by the app and its version (`.loaded/NAME_VERSION/`). So all
processes run the same version, whatever is being saved, and the last good one stands until there is a better one.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from apps.mistakes import LOADED
from apps.names import problem_of_app
from bus.errors import PianolaError

REMOVED = ".removed"
"""Folder to which `pianola app remove` moves files."""
ACCEPTED = ".accepted"
"""File in the copy that the store has accepted."""
MOST_FILES = 200
MOST_BYTES = 5_000_000
"""What an app may consist of."""
VERSION = re.compile(r"[0-9a-f]{12}", re.ASCII)

Signature = tuple[tuple[str, int, int], ...]
"""Of each file: its path in the app, when it was changed, and its size."""


class BadFile(PianolaError):
    """An app's file cannot be used; the sentence says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class AppFile:
    """An app in the folder of own apps: a file, or a folder with `store.py`."""

    name: str
    path: Path

    @property
    def is_folder(self) -> bool:
        """Whether it has a file for each process."""
        return self.path.suffix != ".py"

    def files(self) -> list[Path]:
        """Return its files, without those that begin with a dot, and without compiled ones. Raise `BadFile`."""
        if not self.is_folder:
            return [self.path]
        found: list[Path] = []
        for folder, below, names in os.walk(self.path):
            below[:] = sorted(one for one in below if not one.startswith(".") and one != "__pycache__")
            found += [Path(folder, one) for one in sorted(names) if not one.startswith(".")]
            if len(found) > MOST_FILES:
                raise BadFile(f"{self.path} has more than {MOST_FILES} files. Move what is no part of the app away.")
        return found

    def signature(self) -> Signature:
        """Return what changes when a file of it is saved. Raise `BadFile` or `OSError`."""
        stats = [(str(one.relative_to(self.path.parent)), one.stat()) for one in self.files()]
        if (size := sum(stat.st_size for _, stat in stats)) > MOST_BYTES:
            raise BadFile(f"{self.path} has {size:,} bytes, at most {MOST_BYTES:,} fit. Move data away from the code.")
        return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)

    def copy(self) -> str:
        """Copy it into a folder of its own, unless there is one; return the version. Raise `BadFile` or `OSError`."""
        texts = {str(one.relative_to(self.path.parent)): one.read_bytes() for one in self.files()}
        digest = hashlib.sha256(repr(sorted(texts.items())).encode()).hexdigest()
        version = digest[:12]
        target = folder_of(self.path.parent, self.name, version)
        if not target.exists():
            draft = target.with_name(f"{target.name}.draft")
            shutil.rmtree(draft, ignore_errors=True)
            for name, text in texts.items():
                # the files of a folder lie at the top of the copy, so that it is a package
                place = draft / (Path(*Path(name).parts[1:]) if self.is_folder else name)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(text)
            draft.rename(target)
        return version


def folder_of(apps: Path, name: str, version: str) -> Path:
    """Return the folder of a copy. `apps`: the folder of own apps."""
    return apps / LOADED / f"{name}_{version}"


def copy_again(apps: Path, name: str, version: str) -> None:
    """Make a copy that is missing, if the file still has that version: a backup may have been restored."""
    with suppress(OSError, BadFile):
        if not folder_of(apps, name, version).is_dir():
            for one in found_in(apps):
                if one.name == name:
                    one.copy()


def found_in(apps: Path) -> Iterator[AppFile]:
    """Yield the apps in a folder, by name. A folder without `store.py`, and what begins with . or _, is none."""
    with suppress(OSError):
        for path in sorted(apps.iterdir()):
            is_app = path.suffix == ".py" or (path.is_dir() and (path / "store.py").exists())
            if is_app and path.name[0] not in "._":
                yield AppFile(path.stem if path.suffix == ".py" else path.name, path)


def problem_of_file(found: AppFile) -> str:
    """Return why a file cannot be an app by its name, "" if it can."""
    if found.is_folder and found.path.with_suffix(".py").exists():
        return f"There are both {found.name}.py and the folder {found.name}. Move one of them away."
    return problem_of_app(found.name)


def running_copy(apps: Path, name: str) -> Path | None:
    """Return the copy of an app that the store has accepted, None if there is none."""
    accepted = [one.parent for one in (apps / LOADED).glob(f"{name}_*/{ACCEPTED}")]
    return next((one for one in accepted if one.name.rpartition("_")[0] == name), None)


def accept(apps: Path, name: str, version: str) -> None:
    """Mark the copy that runs, and delete those of other versions of the app. `version` "": no copy runs."""
    with suppress(OSError):
        if version:
            (folder_of(apps, name, version) / ACCEPTED).touch()
        for folder in (apps / LOADED).iterdir():
            known, _, other = folder.name.rpartition("_")
            if known == name and other.removesuffix(".draft") != version:
                shutil.rmtree(folder, ignore_errors=True)


def remove(apps: Path, name: str) -> Path | None:
    """Move the files of an app out of the way, and return where they are; None if there are none. Raise `OSError`."""
    found = next((one for one in found_in(apps) if one.name == name), None)
    if found is None:
        return None
    (apps / REMOVED).mkdir(exist_ok=True)
    number, target = 1, apps / REMOVED / found.path.name
    while target.exists():
        number += 1
        target = apps / REMOVED / f"{found.name}-{number}{found.path.suffix}"
    return found.path.rename(target)
