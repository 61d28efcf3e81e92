"""Looks for changed files, and restarts the processes that use them. After a mistake in a file nothing restarts."""

import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from bus.code.folder import CODE
from bus.settings import Settings
from bus.text.console import print_line
from services.supervise import supervisor
from services.supervise.reload.sources import Sources, Times
from services.supervise.reload.trial import problem_of

POLL_SECONDS = 0.5
"""Between two looks at the files. One takes a few milliseconds for all files of the code."""
OURS = ("services/cli/", "services/supervise/")
"""Folders of the command `pianola` itself."""
MOST_NAMED = 3
"""Changed files that a line names."""


class Reloader:
    """Watches the code while `pianola up --reload` runs."""

    def __init__(self, settings: Settings, processes: Mapping[str, str], root: Path = CODE) -> None:
        """`processes`: all that supervisord runs, name to module. `root`: the folder with the code."""
        self._settings = settings
        self._root = root
        self._sources = Sources(root, processes)
        self._times = self._sources.times()
        """As the running processes have them."""
        self._tried: Times = {}
        """As the last trial had them: what failed is tried again only after the next save."""

    async def run(self) -> None:
        """Watch until cancelled."""
        seen = self._times
        while True:
            await asyncio.sleep(POLL_SECONDS)
            now = self._sources.times()
            if now == seen and now not in (self._times, self._tried):  # no more files are being saved
                await self._take(now)
            seen = now

    async def _take(self, now: Times) -> None:
        """Try what has changed since the processes were started, and restart those that use it."""
        self._tried = now
        changed = sorted(path for path in {*now, *self._times} if now.get(path) != self._times.get(path))
        users = self._sources.users(changed, now)
        names = sorted(set[str]().union(*users.values()))
        if names and (problem := await problem_of(self._sources.concerned(changed, now), self._root)):
            print_line(f"{problem}. Nothing was restarted: the code of before runs on in {_listed(names)}. Save again.")
            return
        self._times = now
        self._tell(users, names)
        self._restart(names)

    def _tell(self, users: Mapping[Path, set[str]], names: list[str]) -> None:
        files = [path.relative_to(self._root).as_posix() for path in users]
        shown = _listed(files if len(files) <= MOST_NAMED else [*files[:MOST_NAMED], f"{len(files) - MOST_NAMED} more"])
        if names:
            print_line(f"{shown} changed: {_listed(names)} restart{'s' if len(names) == 1 else ''}.")
        elif any(file.startswith(OURS) for file in files):
            print_line(f"{shown} changed, which is part of `pianola up` itself: start it again to use it.")
        else:
            print_line(f"{shown} changed, which no process uses that runs.")

    def _restart(self, names: list[str]) -> None:
        """Tell processes to end; supervisord starts them again at once."""
        with suppress(supervisor.NoSupervisor):
            for one in supervisor.processes(self._settings):
                if one.name in names and one.pid:
                    with suppress(ProcessLookupError):
                        os.kill(one.pid, signal.SIGTERM)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
