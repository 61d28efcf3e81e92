"""`pianola up`: check, start everything, say where it is, watch over it until it is told to end."""

import argparse
import asyncio
import os
import time
from typing import IO

from bus.errors import EXIT_REFUSED, AlreadyRunning
from bus.role import lock_role
from bus.settings import Settings, load
from bus.token import load_or_create_token
from services.cli import browser
from services.cli.banner import address, banner
from services.cli.terminal import foreground
from services.supervise import ports, procfile
from services.supervise.console import print_line
from services.supervise.launcher import Launcher, SupervisorDied

ROLE = "supervisor"
EARLIER_RUN_SECONDS = 10.0
"""How long an earlier supervisord, whose launcher was killed, may take to end."""


def run(arguments: argparse.Namespace) -> int:
    """Run until Ctrl-C, `pianola down`, or the end of supervisord."""
    os.umask(0o077)
    settings = load()
    processes = procfile.read()
    try:
        lock = lock_role(ROLE, settings.run)
    except AlreadyRunning as problem:
        print_line(f"{problem}\nIts page: {address(settings)} (`pianola status` shows more).")
        return EXIT_REFUSED
    with lock, foreground():
        supervisord_lock = lock_after_earlier_run(settings)
        ports.check(settings)
        clear_the_run(settings)
        return asyncio.run(live(settings, processes, supervisord_lock, browser_wanted=not arguments.no_browser))


async def live(settings: Settings, processes: dict[str, str], lock: IO[str], *, browser_wanted: bool) -> int:
    """Start, greet the user, watch."""
    token = load_or_create_token(settings)
    launcher = Launcher(settings, processes, lock)
    await launcher.join()
    if await launcher.ready():
        seconds = launcher.seconds
        listed, chosen = await launcher.what_plays()
        print_line(banner(settings, token, listed, chosen, seconds))
        if browser_wanted:
            await browser.show(settings, token)
    try:
        return await launcher.ended()
    except SupervisorDied as problem:
        print_line(str(problem))
        return 1


def lock_after_earlier_run(settings: Settings) -> IO[str]:
    """Take supervisord's lock; one whose launcher was killed ends by itself: raise `AlreadyRunning` if it does not."""
    deadline = time.monotonic() + EARLIER_RUN_SECONDS
    while True:
        try:
            return lock_role("supervisord", settings.run)
        except AlreadyRunning:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def clear_the_run(settings: Settings) -> None:
    """Remove what an earlier run left: the problems of its processes, and sockets that nobody listens at."""
    for file in (*settings.run.glob("*.problem"), settings.run / "publish", settings.run / "subscribe"):
        file.unlink(missing_ok=True)
