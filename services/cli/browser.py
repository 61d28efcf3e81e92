"""Open the page in the user's browser, if there is a display."""

import asyncio
import os
import sys
import webbrowser

from bus.settings import Settings
from services.cli.banner import ticket_url
from services.supervise.console import print_line


async def open_page(settings: Settings, token: str) -> None:
    """Open the page, or print that this is not possible."""
    if not has_display():
        print_line("  There is no display here, so no browser was opened: open the page yourself.")
    elif not await asyncio.to_thread(webbrowser.open, ticket_url(settings, token)):
        print_line("  No browser could be opened: open the page yourself.")


def has_display() -> bool:
    """Return whether a graphical browser can be shown. A text browser would take over our terminal."""
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
