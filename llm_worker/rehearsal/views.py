"""Orders about how rows are shown: “show it as a calendar”. Pure."""

import re

VIEWS = ("list", "table", "calendar", "board", "chart")
SHOW = (
    r"(?:show|display|open|see)(?: me)? (?P<what>.{1,60}?) (?:as|in|on) (?:a |an |the )?"
    rf"(?P<view>{'|'.join(VIEWS)})(?: view)?[.!?\s]*$"
)
"""What the user says to see the rows in another way."""
APPS = re.compile(r"^Apps: ([^.\n]{1,2000})\.", re.MULTILINE)


def opening(found: re.Match[str], apps: list[str]) -> dict[str, object]:
    """Return the instruction for an order that `SHOW` has matched. `apps`: names of the apps that can be opened."""
    words = re.sub(r"^(?:the|my|all|our) ", "", found["what"].casefold()).replace(" ", "_")
    app = next((one for one in apps if one.casefold() == words), "")
    return {"operation": "open", **({"app": app} if app else {}), "view": found["view"].lower()}


def apps_in(told: str) -> list[str]:
    """Return the names of the apps that a prompt lists."""
    found = APPS.search(told)
    return found[1].split(", ") if found else []
