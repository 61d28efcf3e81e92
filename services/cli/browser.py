"""Open the page in the user's browser, if there is a display. On WSL that is a browser of Windows."""

import asyncio
import os
import shutil
import sys
import webbrowser
from pathlib import Path

from bus.settings import Settings
from bus.text.console import print_line
from services.cli.banner import ticket_url

KERNEL = Path("/proc/version")
"""Says on WSL that Microsoft built the kernel."""

WINDOWS = (
    ("wslview",),
    ("powershell.exe", "-NoProfile", "-Command", "Start-Process"),
    ("cmd.exe", "/c", "start", ""),
)
"""Commands that open a URL, added at their end, on Windows: the first that is there and works is used.

The URL holds nothing that these shells would read as something else: letters, digits and `:/.?=_-`."""
OPEN_SECONDS = 20.0
"""Longest wait for one of them. PowerShell takes a few seconds to start."""


async def open_page(settings: Settings, token: str) -> None:
    """Open the page, or print that this is not possible."""
    url = ticket_url(settings, token)
    if is_wsl() and await _open_on_windows(url):
        return
    if not has_display():
        print_line("  There is no display here, so no browser was opened: open the page yourself.")
    elif not await asyncio.to_thread(webbrowser.open, url):
        print_line("  No browser could be opened: open the page yourself.")


def has_display() -> bool:
    """Return whether a graphical browser can be shown. A text browser would take over our terminal."""
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def is_wsl() -> bool:
    """Return whether this is Linux on Windows."""
    try:
        return "microsoft" in KERNEL.read_text(errors="replace").lower()
    except OSError:
        return False


async def _open_on_windows(url: str) -> bool:
    """Open a URL with the first command that works; return whether one did."""
    for command, *arguments in WINDOWS:
        if (found := shutil.which(command)) and await _works(found, *arguments, url):
            return True
    return False


async def _works(*words: str) -> bool:
    nowhere = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(*words, stdin=nowhere, stdout=nowhere, stderr=nowhere)
    except OSError:
        return False
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            return await process.wait() == 0
    except TimeoutError:
        process.kill()
        await process.wait()
        return False
