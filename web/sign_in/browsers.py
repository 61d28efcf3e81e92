"""The name of a browser, for the list of those that are signed in."""

import re

LONGEST_NAME = 60
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("(?:Headless)?Chrome", "Chrome"),
    ("Version", "Safari"),
)
"""Pattern of a product in the header User-Agent, and the browser's name. Edge also says Chrome, so it comes first."""
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "CrOS", "Linux")


def browser_name(user_agent: str) -> str:
    """Return a name such as `Firefox 153, Linux` for a header User-Agent; of a script its first word."""
    for product, name in BROWSERS:
        if found := re.search(rf"\b{product}/(\d+)", user_agent):
            system = next((one for one in SYSTEMS if one in user_agent), "")
            return f"{name} {found[1]}{system and ', '}{system}"
    first = "".join(letter for letter in user_agent.partition(" ")[0] if letter.isprintable())
    return first[:LONGEST_NAME] or "without a name"
