"""A problem for the user: one or two sentences in view, and what another program said, folded."""

import re

from fastcore.xml import FT

from web.html.parts.elements import Details, Div, P, Summary, sentence

RAW = re.compile(r":?\s*((?:\{|\[\s*[{\"']|<(?:!doctype|html|\?xml)\b).*[}\]>])", re.DOTALL | re.IGNORECASE)
"""What a program said to another one: JSON, or a page of HTML."""


def problem(text: str) -> FT:
    """Return a problem. Raw JSON and HTML of a server in it are folded."""
    found = RAW.search(text)
    if not found:
        return P(*sentence(text), cls="problem")
    told = f"{text[: found.start()].rstrip()}{text[found.end() :]}".strip(" .") or "The server answered with a problem"
    return Div(
        P(*sentence(f"{told}.")),
        Details(Summary("What the server said"), Div(found[1], cls="thoughts"), cls="thinking"),
        cls="problem",
    )
