"""What was stored can always be shown, exported, imported again and undone, whichever way it came in."""

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from apps.journal.web import moment
from apps.sentences import differences
from apps.tables import BadValue, Field, Row, Table
from apps.types.reader import HERE
from bus.messages import StoreAnswer
from bus.wire import Header, encode
from services.agent.prompt.describe import value_text
from tests.support.local_store import Store, registry_of
from tests.support.system import run_apart
from web.files.exports import Export, write_csv, write_json
from web.files.importer import insert_orders
from web.files.lines import LineReader
from web.files.opening import open_sheet
from web.files.sheets import BadSheet
from web.html.chat.changes import would_list
from web.html.parts.about import clock
from web.html.parts.fragments import html
from web.html.rows.rows import row_item
from web.state.form_values import from_form

THING = Table(
    "thing",
    (
        Field("title", required=True, searched=True),
        Field("note", limit=200, searched=True),
        Field("kind", choices=("small", "large")),
        Field("whole", "integer"),
        Field("amount", "real"),
        Field("done", "boolean"),
        Field("data", "json"),
        Field("created", "time"),
        Field("due", "date"),
        Field("at", "moment"),
        Field("takes", "duration"),
        Field("price", "money", unit="EUR"),
        Field("tags", "tags", searched=True),
        Field("page", "web"),
        Field("contact", "mail"),
        Field("plan", "markdown", searched=True),
        Field("count", "integer", none=True),
    ),
)
FITTING: dict[str, list[Any]] = {
    "due": ["0001-01-01", "2026-11-28", "9999-12-31"],
    "at": ["2026-11-28T09:00:00+01:00[Europe/Berlin]", "1880-01-01T00:00:00+00:00", "2026-11-28T09:00:00-09:30"],
    "takes": [0, 59, 10**12],
    "price": ["-0.01", "12.50 EUR", "9" * 18],
    "tags": [["a", "=b", "c d"], ["Wände"]],
    "page": ["https://example.org/?a=1#b"],
    "contact": ["=anna@example.org"],
    "plan": ["# a\n\n- b", "=1+1"],
}
"""Values that the types take, which no generator would hit upon."""

ODD_TEXTS = ["", " ", "NaN", "-Infinity", "1e999", "=1+1", "'=x", "\ufeff", "a\r\nb\rc", "\x00", '"', "\ud800", "がっ"]
ODD_TEXTS += ["0001-01-01", "9999-12-31T23:59:59-12:00", "9" * 400, "9" * 5_000, "1765432109876", "{", "[" * 900]
ODD_NUMBERS = [1_765_432_109_876, -1e18, 2**63, -(2**63), 2**64, 10**400, 1e308, float("nan"), float("inf"), -0.0]
texts = st.text(max_size=30) | st.sampled_from(ODD_TEXTS)
numbers = st.integers() | st.integers(-(2**65), 2**65) | st.floats() | st.sampled_from(ODD_NUMBERS)
plain = st.none() | st.booleans() | numbers | texts
nested = st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
deep = st.integers(1, 700).map(lambda levels: json.loads("[" * levels + "]" * levels))
fitting = {name: st.sampled_from(given_to) for name, given_to in FITTING.items()}
odd = st.dictionaries(st.sampled_from([one.name for one in THING.fields]), plain | nested | deep, max_size=8)
values = st.builds(lambda odd, usual: {**odd, **usual}, odd, st.fixed_dictionaries({}, optional=fitting))
forms = st.dictionaries(st.sampled_from([one.name for one in THING.fields]), texts | numbers.map(repr), max_size=8)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("stored") / "pianola.db", registry_of(THING))


def exported(rows: list[Row], table: Table = THING) -> tuple[str, str]:
    """Return rows as CSV and as JSON."""

    async def pages() -> AsyncIterator[list[Row]]:
        yield rows

    async def whole(pieces: AsyncIterator[bytes]) -> str:
        return b"".join([piece async for piece in pieces]).decode("utf-8-sig")

    export = Export(table)
    return run_apart(whole(write_csv(export, pages()))), run_apart(whole(write_json(export, pages())))


def imported(data: str, path: Path, table: Table = THING) -> list[Row]:
    """Return the values of the lines that an import takes."""
    path.write_text(data, encoding="utf-8", newline="")
    reader = LineReader(table, {}, 1)
    lines = reader.lines(open_sheet(path, reader.columns))
    return [one["values"] for one in insert_orders(table, [line for line in lines if not line.problems], first=0)]


LABELLED = Table(
    "plant",
    (
        Field("name", required=True, label="Name"),
        Field("faellig", label="fällig"),
        Field("one", label="same"),
        Field("two", label="Same"),
        Field("other", label="one"),
    ),
)


def test_a_csv_file_shows_labels_that_are_clear_and_an_import_knows_them(tmp_path: Path):
    row = {"id": 1, "name": "Efeu", "faellig": "morgen", "one": "1", "two": "2", "other": "3"}
    as_csv, as_json = exported([row], LABELLED)

    assert as_csv.splitlines()[0] == '"id","Name","fällig","one","two","other"'
    assert list(json.loads(as_json)[0]) == list(row)
    by_hand = as_csv.replace(",", ";").replace('"', "")
    for name, text in (("rows.csv", as_csv), ("rows.json", as_json), ("again.csv", by_hand)):
        assert imported(text, tmp_path / name, LABELLED) == [{key: row[key] for key in row if key != "id"}]


def show(store: Store, row: Row) -> None:
    """Do with a row and its changes what page, agent and bus do."""
    changes = store.rows("change") if "change" in store.registry.tables else []
    encode(StoreAnswer(ok=True, rows=[row, *changes]), "asker", Header("a", "", "test", 1, 0.0))
    updated = {"verb": "update", "before": dict.fromkeys(row), "after": row}
    assert differences(updated, THING, {})
    would = {"operation": "insert", "table": "thing", "row": row["id"], "before": {}, "after": row}
    drawn = row_item(THING, row), clock(row), moment(row["created"], HERE), would_list([would], {"thing": THING}, 1)
    html(*drawn).encode()
    assert all(value_text(value) is not None for value in row.values())


def follow(store: Store, path: Path, made: Row) -> None:
    """Insert, show, export and import values if the store takes them, and undo that again."""
    inserted = store.order("insert", "thing", values=made)
    if inserted.error:
        assert inserted.error["code"] != "failed", inserted.error
        return
    row = inserted.rows[0]
    assert store.order("get", "thing", row["id"]).rows == [row]
    show(store, row)
    for data in exported([row]):
        (again,) = imported(data, path)
        again["created"] = pytest.approx(again.get("created", 0.0), abs=1e-3)
        kept = {name: value for name, value in row.items() if name != "id"}
        assert kept == {one.name: one.empty for one in THING.fields} | again
    assert store.order("update", "thing", row["id"], values={"title": "other", "created": 5.0}).error == {}
    undone = [store.order("undo", values={"change": store.orders._history.revision}) for _ in range(2)]
    assert all(one.error == {} for one in undone)


def test_a_value_that_is_older_than_the_type_of_its_field_is_shown_and_leads_nowhere():
    row = {one.name: "javascript:alert(1)" for one in THING.fields} | {"id": 1, "done": False, "created": 0.0}
    shown = html(row_item(THING, row))

    assert "javascript:alert(1)" in shown
    assert "href" not in shown


def encodable(made: Any) -> bool:
    """Return whether the bus would carry these values to the store at all."""
    try:
        encode(StoreAnswer(ok=True, rows=[{"row": made}]), "asker", Header("a", "", "test", 1, 0.0))
    except Exception:
        return False
    return True


RUN = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@RUN
@given(made=values)
def test_what_an_order_brings_in(store: Store, tmp_path: Path, made: Row):
    follow(store, tmp_path / "sheet", {"title": "a", **made})


@RUN
@given(made=forms)
def test_what_a_form_brings_in(store: Store, tmp_path: Path, made: Row):
    try:
        typed = {name: from_form(THING.all_fields[name], text) for name, text in made.items()}
    except BadValue:
        return
    follow(store, tmp_path / "sheet", {"title": "a", **typed})


@RUN
@given(rows=st.lists(forms, max_size=3))
def test_what_a_csv_file_brings_in(store: Store, tmp_path: Path, rows: list[Row]):
    data, names = io.StringIO(), [one.name for one in THING.fields]
    csv.writer(data).writerows([names, *([row.get(name, "a") for name in names] for row in rows)])
    try:
        taken = imported(data.getvalue().encode(errors="replace").decode(), tmp_path / "sheet")
    except BadSheet:
        return
    for made in taken:
        assert encodable(made)
        follow(store, tmp_path / "sheet", made)


@RUN
@given(rows=st.lists(values, max_size=3))
@example(rows=[{"data": -(2**63)}])
@example(rows=[{"data": 2**63 - 1}])
def test_what_a_json_file_brings_in(store: Store, tmp_path: Path, rows: list[Row]):
    try:
        taken = imported(json.dumps([{"title": "a", **row} for row in rows]), tmp_path / "sheet")
    except BadSheet:
        return
    for made in taken:
        assert encodable(made)
        follow(store, tmp_path / "sheet", made)


def test_what_an_older_version_or_another_program_wrote_is_shown_as_it_is(store: Store):
    bad = {
        "created": [1_765_432_109_876, 1e300, "yesterday", -1e12],
        "data": ["{", "plain words", ""],
        "whole": ["many", 1.5],
        "amount": ["much", 9e999],
        "done": ["maybe", 7],
        "kind": ["medium"],
    }
    for name, several in bad.items():
        for value in several:
            store.connection.execute(f"insert into thing (title, {name}) values ('old', ?)", [value])
    rows = store.rows("thing", title="old")

    text, typed = exported(rows)

    assert len(rows) == sum(map(len, bad.values()))
    for row in rows:
        show(store, row)
    assert len(list(csv.reader(io.StringIO(text)))) == len(rows) + 1
    assert "1765432109876" in text
    assert len(json.loads(typed, parse_constant=pytest.fail)) == len(rows)
