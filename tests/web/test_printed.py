"""What stands on paper: messages without instructions and controls, and rows in words."""

from pathlib import Path

import pytest

from apps.core import MESSAGE
from apps.tables import Field, Table
from web.html import printed
from web.state.rows.context import RowContext

STATIC = Path(printed.__file__).parents[1] / "static"
BOOK = Table(
    "book",
    (Field("state", choices=("to read", "read")), Field("title", required=True), Field("lent", "boolean")),
    label="a book",
)


def message(**values):
    return printed.message({"id": 1, **{one.name: one.empty for one in MESSAGE.fields}, **values})


@pytest.mark.parametrize(
    ("row", "there", "not_there"),
    [
        ({"role": "user", "text": "<b>1 * 2 * 3</b>"}, "&lt;b&gt;1 * 2 * 3&lt;/b&gt;", "<em>"),
        ({"role": "assistant", "text": "*Yes.*", "model": "qwen"}, "<em>Yes.</em>", "You"),
        ({"role": "assistant", "text": 'Yes. {"a": 1} So.', "detail": {"spans": [[5, 13]]}}, "Yes.  So.", "{"),
        ({"role": "assistant", "state": "failed", "problem": "It ran out of breath."}, "out of breath", 'class="text'),
        ({"role": "action", "state": "applied", "text": "Added “milk”."}, "Done by the assistant", "Yes"),
        ({"role": "assistant", "text": "", "state": "streaming"}, "", "article"),
        ({"role": "assistant", "purpose": "note", "text": "We talked."}, "Summary", "Assistant"),
    ],
)
def test_a_message_says_who_and_what(row, there, not_there):
    said = message(**row)

    assert there in said
    assert not_there not in said


def test_a_list_has_boxes_the_title_and_the_other_fields():
    row = {"id": 1, "state": "read", "title": "Emma <i>", "lent": True}

    assert "".join(f"<th>{name}</th>" for name in ("Lent", "Title", "State")) in printed.list_head("Books", BOOK, {})
    assert "Books · Read" in printed.list_head("Books", BOOK, {"state": "read"})
    assert printed.list_row(BOOK, row, RowContext()).count("<td") == 3
    assert "☑" in printed.list_row(BOOK, row, RowContext())
    assert "Emma &lt;i&gt;" in printed.list_row(BOOK, row, RowContext())
    assert "1 book." in printed.list_end(BOOK, 1)
    assert "No books." in printed.list_end(BOOK, 0)


def test_tasks_and_the_columns_of_formulas_look_on_paper_as_on_the_page():
    page, paper = ((STATIC / name).read_text().splitlines() for name in ("answer.css", "print.css"))
    shared = [line for line in page if line.startswith((".text .task", ".text mtd"))]

    assert len(shared) == 4
    assert set(shared) <= set(paper)
