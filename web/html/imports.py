"""The import dialog as HTML: the field that chooses a file, and a card for each import, from preview to end."""

from collections.abc import Callable, Mapping, Sequence

from fastcore.xml import FT

from apps.tables import Field, Row
from web.html.parts.dialogs import dialog
from web.html.parts.elements import (
    H3,
    Article,
    Code,
    Details,
    Div,
    Footer,
    Form,
    Header,
    Input,
    Label,
    P,
    Progress,
    Span,
    Summary,
    Table,
    Tbody,
    Td,
    Th,
    Thead,
    Tr,
    command_button,
)
from web.state.limits import LARGEST_FILE_BYTES
from web.state.page_view import PageView
from web.state.words import count

NAME = "files"
KINDS = ".csv,.tsv,.txt,.json,.ics,text/csv,text/plain,application/json,text/calendar"


def imports_dialog(view: PageView) -> FT:
    """Return the dialog; a button with `data-import` opens it for a table."""
    size = LARGEST_FILE_BYTES // 1024**2
    return dialog(
        NAME,
        "Import",
        Form(
            Label("A CSV or JSON file for ", Span("", data_into=True), fr="import-file", id="import-label"),
            Input(
                type="file",
                id="import-file",
                accept=KINDS,
                aria_describedby="import-note",
                data_largest=str(LARGEST_FILE_BYTES),
            ),
            id="import-form",
        ),
        P(
            "The first line of a CSV file has the names of the columns. A JSON file is an array of objects. "
            "Todos also come from Todoist, TickTick, Microsoft To Do, Google Tasks and iCalendar files. "
            f"Up to {size} MB. You see a preview before anything is added.",
            id="import-note",
            cls="note",
        ),
        P("Reading the file …", id="import-busy", cls="note", role="status", hidden=True),
        P(id="import-problem", cls="problem", role="alert", hidden=True),
        imports_list(view),
        stays=True,
    )


def imports_list(view: PageView) -> FT:
    """Return the cards of all imports, newest first; none until the dialog is opened."""
    names = {row["id"]: row["name"] for row in view.profiles}
    fields = {name: table.all_fields for name, table in view.tables.items()}
    rows = [labelled(row, fields.get(row["subject"], {})) for row in view.imports]
    cards = (card(row, names) for row in rows) if "imports" in view.panels else ()
    return Div(*cards, id="imports", data_panel=view.empty("imports"))


def labelled(row: Row, fields: Mapping[str, Field]) -> Row:
    """Return the row of an import with the labels of fields in place of their names."""
    labels = {name: one.called for name, one in fields.items()}
    detail = row["detail"]
    sample = [{labels.get(name, name): value for name, value in one.items()} for one in detail["sample"]]
    problems = [{**one, "field": labels.get(one["field"], one["field"])} for one in detail["problems"]]
    return {**row, "detail": {**detail, "sample": sample, "problems": problems}}


def card(row: Row, profiles: Mapping[int, str]) -> FT:
    """Return the card of an import: what it does or did, and its buttons. `profiles`: names by id."""
    name = f"import-{row['id']}"
    return Article(
        Header(
            H3(row["file"], id=f"{name}-title", dir="auto"),
            Span(f"into {row['subject']}", cls="badge"),
            cls="import-head",
        ),
        *CARDS[row["state"]](row, profiles),
        id=name,
        cls="import",
        data_state=row["state"],
        aria_labelledby=f"{name}-title",
    )


# --- before it starts ---


def checked(row: Row, profiles: Mapping[int, str]) -> Sequence[FT | None]:
    """Return the preview."""
    detail = row["detail"]
    profile = profiles.get(row["target"], "")
    where = f", to the profile “{profile}” where the file has none" if profile else ""
    return (
        P(f"{count(row['rows'], 'row')} would be added{where}.") if row["rows"] else P("No line can be imported."),
        left_out(detail["left_out"]),
        sample(row),
        problems(row),
        Footer(*decisions(row), cls="tools"),
    )


def left_out(columns: Sequence[str]) -> FT | None:
    """Return which columns would be left out."""
    if not columns:
        return None
    names = [part for name in columns for part in (Code(name), " ")]
    return P("Left out, because the table has no such column or fills it by itself: ", *names, cls="note")


def sample(row: Row) -> FT | None:
    """Return the first rows as they would be added."""
    rows: Sequence[Row] = row["detail"]["sample"]
    if not rows:
        return None
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = (Tr(*(Td(row.get(name, ""), dir="auto") for name in columns)) for row in rows)
    return sheet(f"The first rows of import {row['id']}", columns, lines)


def problems(row: Row) -> FT | None:
    """Return the lines that cannot be imported, each with the reason."""
    found = row["detail"]["problems"]
    if not found:
        return None
    lines = (
        Tr(Td(f"{one['line']:,}"), Td(one["field"]), Td(one["value"], dir="auto"), Td(one["sentence"])) for one in found
    )
    more = f" The first {len(found):,} problems:" if row["bad"] > len(found) else ""
    return Div(
        P(f"{count(row['bad'], 'line')} cannot be imported.{more}", cls="problem"),
        sheet(f"What is wrong in import {row['id']}", ["Line", "Field", "Value", "What is wrong"], lines),
    )


def sheet(label: str, columns: Sequence[str], lines: object) -> FT:
    """Return a small table that can be scrolled, also by keyboard."""
    head = Thead(Tr(*(Th(name, scope="col") for name in columns)))
    table = Table(head, Tbody(*lines), aria_label=label)  # type: ignore[misc]
    return Div(table, cls="sheet", tabindex="0", role="region", aria_label=label)


def decisions(row: Row) -> Sequence[FT]:
    """Return the buttons below a preview."""
    label = f"Import {count(row['rows'], 'good line')} only" if row["bad"] else f"Import {count(row['rows'], 'row')}"
    begin = button(row, label, "import-begin", cls="primary", skip="yes" if row["bad"] else "no")
    forget = button(row, "Cancel", "import-forget")
    return (begin, forget) if row["rows"] else (forget,)


def button(row: Row, label: str, do: str, *, cls: str = "", **values: object) -> FT:
    """Return a button that sends a command about an import."""
    return command_button(label, do, cls=cls, **{"import": row["id"]}, **values)


# --- while it runs, and afterwards ---


def running(row: Row, _profiles: Mapping[int, str]) -> Sequence[FT | None]:
    """Return how many rows are added so far, and a button to stop."""
    return (*progress(row, "added"), Footer(button(row, "Stop", "import-stop"), cls="tools"))


def undoing(row: Row, _profiles: Mapping[int, str]) -> Sequence[FT | None]:
    """Return how many rows are still to be removed."""
    return progress(row, "left")


def progress(row: Row, word: str) -> tuple[FT, FT]:
    """Return a progress bar, and the same in words."""
    words = f"{row['done']:,} of {count(row['rows'], 'row')} {word}."
    return Progress(value=str(row["done"]), max=str(row["rows"]), aria_label=words), P(words, role="status")


def stopped(row: Row, _profiles: Mapping[int, str]) -> Sequence[FT | None]:
    """Return why it stopped, and buttons to continue or undo."""
    undo = button(row, "Undo", "import-undo") if row["done"] else button(row, "Dismiss", "import-forget")
    return (
        P(f"Stopped: {row['problem']}", cls="problem"),
        P(f"{row['done']:,} of {count(row['rows'], 'row')} are in the table."),
        Footer(button(row, "Continue", "import-continue", cls="primary"), undo, cls="tools"),
    )


def done(row: Row, _profiles: Mapping[int, str]) -> Sequence[FT | None]:
    """Return how many rows were added, and which lines were left out."""
    bad = f" {count(row['bad'], 'line')} left out." if row["bad"] else ""
    return (
        P(f"{count(row['done'], 'row')} added.{bad}"),
        Details(Summary("What was left out"), problems(row), id=f"import-{row['id']}-bad") if row["bad"] else None,
        Footer(button(row, "Undo", "import-undo"), button(row, "Dismiss", "import-forget"), cls="tools"),
    )


def undone(row: Row, _profiles: Mapping[int, str]) -> Sequence[FT | None]:
    """Return that the import was undone."""
    return (P("Undone: its rows were removed again."), Footer(button(row, "Dismiss", "import-forget"), cls="tools"))


CARDS: dict[str, Callable[[Row, Mapping[int, str]], Sequence[FT | None]]] = {
    "checked": checked,
    "running": running,
    "stopped": stopped,
    "done": done,
    "undoing": undoing,
    "undone": undone,
}
