"""The question what becomes of values that do not fit the new type of a field."""

from fastcore.xml import FT

from apps.tables import Row
from web.html.parts.dialogs import dialog
from web.html.parts.elements import Button, Footer, P, commands, sentence

UNFIT = "own-app-unfit"
ENVELOPE = ("do", "nonce", "HEADERS")


def unfit_dialog(problem: str, sent: Row) -> FT:
    """Return the question. `problem`: names the rows; `sent`: what the form says, which waits below."""
    form = {name: value for name, value in sent.items() if name not in ENVELOPE}
    return dialog(
        UNFIT,
        "Some values do not fit",
        P(*sentence(problem)),
        P(
            "Change it nevertheless? These values are none then. They are kept, and an undo brings them back.",
            cls="note",
        ),
        Footer(
            Button("Change it", type="button", cls="primary", **commands("app-save", again=form)),
            Button("Leave it", type="button", autofocus=True, data_close=True),
            cls="tools",
        ),
    )
