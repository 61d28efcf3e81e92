"""Open the page in the user's browser, where there is one."""

import asyncio
import os
import sys
import webbrowser

from bus.settings import Settings
from services.cli.banner import side_entrance
from services.supervise.console import print_line


async def show(settings: Settings, token: str) -> None:
    """Open the page; where that is not possible, say so."""
    if not has_display():
        print_line("  There is no display here, so no browser was opened: open the page yourself.")
    elif not await asyncio.to_thread(webbrowser.open, side_entrance(settings, token)):
        print_line("  No browser could be opened: open the page yourself.")


def has_display() -> bool:
    """Whether a graphical browser can appear; one of text would take our terminal away."""
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
