"""Tell on the desktop what has become due, while no page is open: by `notify-send`, on macOS by `osascript`."""

import asyncio
import shutil
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from apps.sentences import title_of
from web.live.reminders.maker import Due

TITLE = "Due now"
SECONDS = 10.0
"""How long the program may take."""
MAC_SCRIPT = ("on run argv", "display notification (item 1 of argv) with title (item 2 of argv)", "end run")


def command(title: str, text: str, system: str = sys.platform) -> list[str]:
    """Return the command line that shows a notification; [] if this machine has no program for it."""
    if system == "darwin" and shutil.which("osascript"):
        return ["osascript", *(part for line in MAC_SCRIPT for part in ("-e", line)), text, title]
    if shutil.which("notify-send"):
        return ["notify-send", "--app-name=Pianola", "--", title, text]
    return []


def in_words(titles: Sequence[str]) -> str:
    """Return what is due as the text of a notification."""
    named = ", ".join(f"“{one}”" for one in titles[:3])
    return f"{named} and {len(titles) - 3} more" if len(titles) > 3 else named


async def tell(titles: Sequence[str]) -> str:
    """Show a notification; return "" or why that was not possible, a sentence."""
    line = command(TITLE, in_words(titles))
    if not line:
        return "this machine has neither notify-send nor osascript, so nothing is told on the desktop."
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*line, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        code = await asyncio.wait_for(process.wait(), SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        return f"{line[0]} did not end within {SECONDS:.0f} s."
    return f"{line[0]} failed (exit code {code}): is there a desktop?" if code else ""


class DesktopReminders:
    """Tells on the desktop what has become due, if that is wanted."""

    def __init__(
        self,
        is_wanted: Callable[[], bool],
        spawn: Callable[[Coroutine[Any, Any, None], str], object],
        warn: Callable[[str], None],
    ) -> None:
        """`is_wanted`: whether the user wants that now. `spawn`: runs it beside. `warn`: gets what went wrong."""
        self._is_wanted = is_wanted
        self._spawn = spawn
        self._warn = warn

    def told(self, made: Sequence[Due]) -> None:
        """Take what has become due."""
        if self._is_wanted():
            self._spawn(self._tell([title_of(row, table) for table, row in made]), "desktop reminder")

    async def _tell(self, titles: Sequence[str]) -> None:
        if problem := await tell(titles):
            self._warn(problem)
