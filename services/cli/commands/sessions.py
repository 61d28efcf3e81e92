"""`pianola sessions`: show the browsers that are signed in, or end their sessions."""

import argparse
import json
import time
from typing import Any

from bus.errors import PianolaError
from bus.message_line import safe
from bus.text.console import print_line
from services.cli.web_request import ask_web
from services.supervise.running import load_running

PLAIN = "127.0.0.1"
MEANING = (
    f"{PLAIN}: scripts, and browsers that do not find the page's own address. Other programs of this machine can get\n"
    "the cookie of such a browser: see docs/decisions/sign-in.md."
)


class NotRevoked(PianolaError):
    """The sessions were not ended, or not for good."""


def run(arguments: argparse.Namespace) -> int:
    """List the sessions, or revoke one or all."""
    settings = load_running()
    if arguments.revoke:
        which = arguments.revoke
        if not which.isascii() or not which.isalnum():
            raise NotRevoked(
                f"{which!r:.40} is not the id of a session. `pianola sessions` lists them; or write `all`."
            )
        answer = ask_web(settings, "DELETE", f"/sessions/{which}", "revoked")
        if "problem" in answer:
            raise NotRevoked(str(answer["problem"]))
        ended = answer["revoked"]
        if not ended and which != "all":
            raise NotRevoked(f"there is no session {which}. `pianola sessions` lists them.")
        print_line(f"{ended} session{'' if ended == 1 else 's'} ended.")
        return 0
    found = ask_web(settings, "GET", "/sessions", "sessions")["sessions"]
    print_line(json.dumps(found, indent=2) if arguments.json else table(found))
    return 0


def table(found: list[dict[str, Any]]) -> str:
    """Return the list for people."""
    if not found:
        return "No browser is signed in. `pianola url` prints a link that opens the page."
    lines = [f"{'id':<10}{'browser':<30}{'address':<12}{'first use':<18}{'last use':<18}"]
    for one in found:
        address = "own" if one["own_name"] else PLAIN
        lines.append(
            f"{one['id']:<10}{safe(one['browser'])[:28]:<30}{address:<12}{day(one['began']):<18}{day(one['used']):<18}"
        )
    return "\n".join([*lines, *([] if all(one["own_name"] for one in found) else ["", MEANING])])


def day(moment: float) -> str:
    """Return a time (Unix seconds) as local date and time."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(moment))
