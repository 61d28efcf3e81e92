"""The dialog with the end of a job's log, as HTML."""

from fastcore.xml import FT

from apps.tables import Row
from web.html.parts.dialogs import dialog
from web.html.parts.elements import Button, Div, Footer, P, Pre, commands


def log_dialog(row: Row, lines: str) -> FT:
    """Return the dialog. `lines`: the end of the log."""
    name = f"job-log-{row['id']}"
    label = f"Log of {row['title']}"
    shown = Pre(lines, dir="auto", tabindex="0", role="region", aria_label=label)
    return dialog(
        f"{name}-dialog",
        label,
        Div(shown, cls="job-log") if lines else P("The log is empty: the job has printed nothing.", cls="note"),
        Footer(
            Button("Read again", type="button", id=f"{name}-again", **commands("job-log", job=row["id"])),
            Button("Close", type="button", autofocus=True, data_close=True),
            cls="tools",
        ),
    )
