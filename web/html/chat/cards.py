"""Cards as HTML. A card is an entry in the chat that shows what the assistant did, wants to do, or could not do.

Its content is stored in the message's row (`detail`, see docs/agent.md), so a reload or a crash does not change it.
"""

import json
from collections.abc import Mapping, Sequence

from fastcore.xml import FT

from apps.tables import Row, Table
from apps.types.reader import Reader
from web.html.chat.app_card import app_buttons, is_about_app, proposed_app, question_about_app
from web.html.chat.changes import LINES_SHOWN, fields_list, name_of, would_list
from web.html.chat.lines import line_keys
from web.html.chat.message_menu import menu_button
from web.html.chat.offers.permission import permission_offer
from web.html.parts.about import clock
from web.html.parts.elements import (
    A,
    Button,
    Details,
    Div,
    Footer,
    Header,
    P,
    Span,
    Summary,
    command_button,
    commands,
    sentence,
)

STATE_WORDS = {
    "agreed": "Working on it …",
    "declined": "Not done.",
    "refused": "Could not be done.",
    "undone": "Undone.",
}
REPLACED = "Replaced by the newer proposal below."
SEVERAL = 2
UNDECIDED = ("proposed", "agreed")
"""States of a proposal in which a card shows what would change."""


def card(row: Row, tables: Mapping[str, Table], reader: Reader) -> tuple[FT | None, ...]:
    """Return what a card shows to this reader.

    `tables`: by name. If a table is missing, its fields are shown by their names.
    """
    detail = row["detail"] or {}
    would = detail.get("would") or []
    undecided = bool(would) and row["state"] in UNDECIDED
    words = _question(row) if undecided else _done_words(row, detail)
    lines = line_keys(detail) if row["state"] == "proposed" else []
    buttons = _buttons(row, detail)
    return (
        Div(words, cls="text", dir="auto"),
        _reasons(detail) if row["state"] == "proposed" and not is_about_app(detail) else None,
        _would(row, tables, _decisions(row, lines), reader) if undecided else _done(detail, tables, reader),
        _answer(row, detail),
        Header(
            _instructions(row, detail),
            _row_link(row, detail),
            clock(row),
            menu_button(row),
            cls="about",
        ),
        _state(row),
        Footer(*buttons, cls="tools") if buttons else None,
        permission_offer(row) if row["state"] == "applied" else None,
        _more_lines(row, detail),
    )


def _question(row: Row) -> str:
    """Return what the user is asked, in one line."""
    would = row["detail"]["would"]
    if is_about_app(row["detail"]):
        return question_about_app(would[0])
    return str(row["detail"].get("short") or row["text"].split("\n")[0])


def _would(row: Row, tables: Mapping[str, Table], decisions: Sequence[FT | None], reader: Reader) -> FT:
    """Return what a proposal would do."""
    would = row["detail"]["would"]
    if is_about_app(row["detail"]):
        return proposed_app(would[0], reader)
    return would_list(would, tables, row["id"], decisions, reader)


def _done_words(row: Row, detail: Row) -> str:
    """Return the text of a card that is decided; without its values, where these stand below it."""
    return str(detail["short"] if detail.get("values") else row["text"])


def _done(detail: Row, tables: Mapping[str, Table], reader: Reader) -> FT | None:
    """Return the values that came of the words that the model wrote; None where the text says all."""
    table, values = tables.get(detail.get("table", "")), detail.get("values")
    if table is None or not values:
        return None
    return fields_list(values.get("before", {}), values["after"], table.all_fields, reader)


def _more_lines(row: Row, detail: Row) -> FT | None:
    """Return what unfolds the further cards of the same answer, behind the last one that is always shown."""
    place, of = _place(detail)
    if place != LINES_SHOWN or of <= place:
        return None
    return Details(Summary(f"{of - place} more"), id=f"more-lines-{row['id']}", cls="more-lines", data_unfolds=True)


def _place(detail: Row) -> tuple[int, int]:
    """Return which card of its answer it is (1, 2 …), and how many there are; (0, 0) where that is not known."""
    place = detail.get("place") or []
    return (place[0], place[1]) if len(place) == len(("place", "of")) else (0, 0)


def folds(row: Row) -> dict[str, object]:
    """Return the attributes by which the page's script folds a card behind the first ones of its answer."""
    is_card = row["role"] == "action" and row["state"] != "proposed"
    return {"data_folded": True} if is_card and _place(row["detail"] or {})[0] > LINES_SHOWN else {}


def _decisions(row: Row, lines: Sequence[str]) -> list[FT | None]:
    """Return the buttons that decide each line of a proposal by itself; none where it has one line."""
    if len(lines) < SEVERAL:
        return []
    return [
        Span(
            _decision("Only this", "agree", row, line, one),
            _decision("Not this", "decline", row, line, one),
            cls="decisions",
        )
        for line, one in zip(lines, row["detail"]["would"], strict=True)
    ]


def _decision(label: str, do: str, row: Row, line: str, one: Row) -> FT:
    spoken = Span(f": {name_of(one['before'] or one['after'])}", cls="hidden")
    return Button(
        label,
        spoken,
        type="button",
        id=f"{do}-{row['id']}-{line}",
        cls="small",
        **commands(do, message=row["id"], line=line),
    )


def counts(row: Row) -> dict[str, object]:
    """Return the attributes that the page's script uses to count the changes an answer made."""
    detail = row["detail"] or {}
    changes = len(detail.get("changes") or ()) or int(bool(detail.get("job")) and not detail.get("ended"))
    if row["role"] != "action" or row["state"] != "applied" or not changes:
        return {}
    return {"data_answer": str(row["reply_to"]), "data_changes": str(changes)}


def _instructions(row: Row, detail: Row) -> FT | None:
    """Return the model's instructions as JSON, folded."""
    instructions = detail.get("instructions") or [detail["instruction"]] if detail.get("instruction") else []
    if not instructions:
        return None
    written = "\n".join(json.dumps(one, ensure_ascii=False, indent=1) for one in instructions)
    return Details(Summary("Instruction"), Div(written, cls="thoughts"), id=f"instruction-{row['id']}", cls="thinking")


def _row_link(row: Row, detail: Row) -> FT | None:
    """Return a button that shows the changed row; None if the row does not exist any more."""
    table, key = detail.get("table"), detail.get("row")
    if (app := detail.get("opens")) and row["state"] == "applied":
        return A("Open the app", href=f"/apps/{app}", cls="row-link", id=f"app-of-{row['id']}")
    gone = (detail.get("instruction") or {}).get("operation") == "delete" or row["state"] != "applied"
    if not table or not key or gone:
        return None
    return Button(
        "Show",
        Span(f" the row: {row['text'][:80]}", cls="hidden"),
        type="button",
        id=f"row-of-{row['id']}",
        cls="row-link",
        title="Show the row",
        **commands("reveal", table=table, id=key),
    )


def _reasons(detail: Row) -> FT | None:
    """Return why the user is asked: "You named another row."."""
    reasons = detail.get("reasons") or []
    return P(" ".join(reasons), cls="note") if reasons else None


def _state(row: Row) -> FT | None:
    if row["problem"]:
        return P(*sentence(row["problem"]), cls="problem")
    if (row["detail"] or {}).get("asks"):
        return None
    if row["state"] == "declined" and (row["detail"] or {}).get("replaced"):
        return P(REPLACED, cls="note")
    word = STATE_WORDS.get(row["state"])
    return P(word, cls="note") if word else None


# --- buttons ---


def _buttons(row: Row, detail: Row) -> tuple[FT, ...]:
    is_active_job = bool(detail.get("job")) and not detail.get("ended")
    if row["state"] == "applied" and (detail.get("changes") or is_active_job):
        spoken = Span(f" {row['text'][:80]}", cls="hidden")
        return (
            Button("Undo", spoken, type="button", id=f"undo-{row['id']}", **commands("undo-card", message=row["id"])),
        )
    if row["state"] != "proposed":
        return ()
    return app_buttons(row) if is_about_app(detail) else _proposal_buttons(row)


def _proposal_buttons(row: Row) -> tuple[FT, ...]:
    question = row["text"].split("\n")[0]
    has_several = len((row["detail"] or {}).get("would") or ()) >= SEVERAL
    return (
        command_button("Do all" if has_several else "Do it", "agree", cls="primary", message=row["id"]),
        *_allow_button(row),
        command_button("Do none" if has_several else "Don’t", "decline", message=row["id"]),
        Button("Change…", type="button", data_amend=str(row["id"]), data_question=question),
    )


def _allow_button(row: Row) -> tuple[FT, ...]:
    """Return what allows a tool of another program for good, beside its call; nothing where no tool is called."""
    tool = (row["detail"] or {}).get("tool")
    return (command_button("Always allow", "tool-allow", message=row["id"]),) if tool else ()


def _answer(row: Row, detail: Row) -> FT | None:
    """Return what a tool of another program has answered, folded; None where none was called."""
    text = detail.get("answer")
    if not text:
        return None
    return Details(Summary("Answer"), Div(text, cls="thoughts", dir="auto"), id=f"answer-{row['id']}", cls="thinking")
