"""`pianola up`: check, start everything, print where it is, and run until told to stop."""

import argparse
import asyncio
import os
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import IO

from bus.embedded.files import state_file, wish_file
from bus.errors import EXIT_REFUSED, AlreadyRunning, PianolaError
from bus.role import lock_role
from bus.settings import Settings, load
from bus.text.console import print_line
from bus.text.formats import in_colours
from bus.token import load_or_create_token
from services.cli import browser
from services.cli.banner import banner, page_url
from services.cli.healthz import healthz
from services.cli.terminal import foreground, has_terminal
from services.cli.verbose import Verbose
from services.lab import files as lab
from services.supervise import background, ports, procfile
from services.supervise.configuration import LEAST_FILES
from services.supervise.launcher import POLL_SECONDS, REPORT_MISSING_SECONDS, Launcher, SupervisorDied
from services.supervise.listeners import listeners
from services.supervise.notify import READY, Notifier
from services.supervise.reload.reloader import Reloader
from services.supervise.running import ROLE, as_running, note_run

OPTIONS = ("no_browser", "reload", "verbose", "lab")
EARLIER_RUN_SECONDS = 10.0
"""Longest wait for an earlier supervisord to stop after its launcher was killed."""


def run(arguments: argparse.Namespace) -> int:
    """Run until Ctrl-C, `pianola down`, or the end of supervisord. With `--background`: until it is ready."""
    os.umask(0o077)
    settings = load()
    if arguments.background:
        return background.start(settings, options_of(arguments))
    notifier = Notifier()
    if arguments.lab:
        lab.require()
    processes, beside = procfile.read(), procfile.beside(lab=arguments.lab)
    allow_open_files()
    try:
        lock = lock_role(ROLE, settings.run)
    except AlreadyRunning as problem:
        print_line(f"{problem}\nIts page: {page_url(as_running(settings))} (`pianola status` shows more).")
        return EXIT_REFUSED
    with lock, foreground():
        supervisord_lock = lock_after_earlier_run(settings)
        ports.check(settings)
        if arguments.lab:
            lab.check_port_of(settings)
        clear_run_folder(settings)
        run = note_run(settings, options_of(arguments))
        code = "" if arguments.reload else run.code
        if arguments.lab:
            lab.prepare(settings)
        launch = partial(Launcher, settings, processes, {**beside, **listeners(settings)}, supervisord_lock, code)
        return asyncio.run(start_and_watch(settings, launch, arguments, notifier))


def options_of(arguments: argparse.Namespace) -> list[str]:
    """Return the options of the command line, without `--background`, for another start like this one."""
    return [f"--{name.replace('_', '-')}" for name in OPTIONS if getattr(arguments, name)]


class TooFewFiles(PianolaError):
    """The limit of open files is too small for the processes."""

    def __init__(self, allowed: int) -> None:
        super().__init__(
            f"Only {allowed} open files are allowed here (`ulimit -n`), and Pianola needs {LEAST_FILES}. Nothing was "
            "started. Allow more, for example with `ulimit -n 1024`, and start again."
        )


def allow_open_files() -> None:
    """Raise the limit of open files to what is needed, or raise `TooFewFiles` if the system does not allow that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < LEAST_FILES:
        raise TooFewFiles(hard)
    if soft != resource.RLIM_INFINITY and soft < LEAST_FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (LEAST_FILES, hard))


async def start_and_watch(
    settings: Settings, launch: Callable[[], Launcher], arguments: argparse.Namespace, notifier: Notifier
) -> int:
    """Start everything, print the banner, open the browser, and watch the processes until the end."""
    token = load_or_create_token(settings)
    launcher = launch()
    await launcher.connect()
    if arguments.reload:
        launcher.accompany(Reloader(settings, launcher.all_processes).run(), "--reload")
    if arguments.verbose:
        launcher.accompany(Verbose(launcher.bus, coloured=in_colours(sys.stdout)).run(), "--verbose")
    if await launcher.ready():
        seconds = launcher.seconds
        listed, chosen = await launcher.models_and_choice()
        health = await asyncio.to_thread(healthz, settings)
        routes = health.get("routes", [])
        stays = bool(notifier)
        broken = sorted({one["app"] for one in health.get("apps", [])})
        shown = {"seconds": seconds, "routes": routes, "stays": stays, "ctrl_c": has_terminal(), "broken": broken}
        print_line(banner(settings, token, listed, chosen, **shown))
        if not arguments.no_browser:
            await browser.open_page(settings, token)
        if stays:
            await until_web_knows(settings, launcher)
            notifier.send(READY)
    try:
        return await launcher.wait_for_end()
    except SupervisorDied as problem:
        print_line(str(problem))
        return 1


async def until_web_knows(settings: Settings, launcher: Launcher) -> None:
    """Wait until the web process has heard that all are ready: else `pianola status` would say otherwise a moment."""
    while not launcher.leaving:
        known = (await asyncio.to_thread(healthz, settings)).get("processes", [])
        if known and all(one["state"] == "ready" for one in known):
            return
        await asyncio.sleep(POLL_SECONDS)


def lock_after_earlier_run(settings: Settings) -> IO[str]:
    """Take supervisord's lock. An earlier one without its launcher stops by itself; if not, raise `AlreadyRunning`."""
    began, told = time.monotonic(), False
    while True:
        try:
            return lock_role("supervisord", settings.run)
        except AlreadyRunning:
            waited = time.monotonic() - began
            if waited > EARLIER_RUN_SECONDS:
                raise
            if waited > REPORT_MISSING_SECONDS and not told:
                print_line("Waiting for the processes of an earlier run to stop …")
                told = True
            time.sleep(0.05)


def clear_run_folder(settings: Settings) -> None:
    """Remove files of an earlier run: the problems of its processes, its sockets, and what the engine was to do."""
    sockets = (settings.run / "publish", settings.run / "subscribe")
    for file in (*settings.run.glob("*.problem"), *sockets, wish_file(settings), state_file(settings)):
        file.unlink(missing_ok=True)
    lab.forget(settings)
