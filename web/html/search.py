"""The search field as HTML: it searches messages, all apps, and what can be done; the user chooses from the list."""

from collections.abc import Sequence

from fastcore.xml import FT

from web.html.parts.elements import Div, Form, Li, P, Span, TextInput, Ul
from web.html.parts.excerpts import excerpt, highlighted
from web.state.found import Choice, Found


def search_field() -> FT:
    """Return the field and its empty list. The script fetches the list and moves through it."""
    return Form(
        TextInput(
            type="search",
            id="search-input",
            name="text",
            role="combobox",
            placeholder="Search",
            autocomplete="off",
            maxlength="200",
            aria_label="Search messages and all apps, or what can be done",
            aria_controls="search-results",
            aria_expanded="false",
            aria_autocomplete="list",
            title="Search (Control K)",
        ),
        results(""),
        id="search",
        role="search",
    )


def results(text: str, found: Sequence[Choice | Found] = (), problem: str = "") -> FT:
    """Return the list of results for `text`. An empty text hides the list."""
    words = text.split()
    return Div(
        Ul(
            *(_result(number, one, words) for number, one in enumerate(found)),
            id="search-list",
            role="listbox",
            aria_label="Search results",
        )
        if found
        else None,
        P(problem or "Nothing found.", cls="note", role="status") if words and (problem or not found) else None,
        id="search-results",
        data_text=text,
        hidden=not words,
    )


def _result(number: int, one: Choice | Found, words: list[str]) -> FT:
    text, does = (one.label, one.does) if isinstance(one, Choice) else (excerpt(one.text, words), _row(one))
    return Li(
        Span(one.place, cls="place"),
        Span(*highlighted(text, words), cls="what", dir="auto"),
        id=f"search-result-{number}",
        role="option",
        aria_selected="false",
        **does,
    )


def _row(one: Found) -> dict[str, object]:
    return {"data_table": one.table, "data_id": str(one.id), "data_other": True if one.other else None}
