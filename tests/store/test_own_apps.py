"""Declared apps: an order makes an app and its tables, and each change of its shape can be undone without a loss."""

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from apps.names import name_from
from apps.own.declaration import read
from apps.own.loading import OwnApps
from apps.registry import load_apps
from apps.tables import Row
from bus.bus import new_id
from bus.messages import StoreOrder
from store.file.database import open_database
from store.file.migrations import migrate, own_apps_in
from store.orders.orders import Orders, Outcome
from store.own.tables import OwnTables
from store.tables.history import History, Reason
from tests.support.system import ROOT


class Store:
    """The store without its bus, with own apps; `again` starts it once more on the same file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.connection = open_database(file)
        self.registry = load_apps()
        own = OwnApps(self.registry, file.parent / "apps")
        own.sync(own_apps_in(self.connection))
        migrate(self.connection, self.registry, file.parent / "backups")
        tables = OwnTables(self.connection, own, file.parent / "backups")
        self.orders = Orders(self.connection, self.registry.tables, History(self.connection), tables)

    def order(self, verb: Any, table: str, key: Any = 0, **more: Any) -> Outcome:
        order = StoreOrder(verb=verb, table=table, id=key, **more)
        self.connection.execute("begin immediate")
        outcome = self.orders.carry_out(order, Reason("user", new_id(), ""))
        self.connection.execute("commit")
        return outcome

    def done(self, verb: Any, table: str, key: Any = 0, **more: Any) -> Outcome:
        outcome = self.order(verb, table, key, **more)
        assert outcome.error == {}, outcome.error
        return outcome

    def declare(self, declaration: Row, key: int = 0) -> Outcome:
        verb = "update" if key else "insert"
        return self.order(verb, "app", key, values={"declaration": declaration})

    def undo(self, revision: int) -> Outcome:
        return self.order("undo", "app", values={"change": revision})

    def rows(self, table: str) -> list[Row]:
        return self.done("list", table, limit=1000).rows

    def again(self) -> "Store":
        self.connection.close()
        return Store(self.file)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "pianola.db")


def field(name: str, type_: str = "text", **more: Any) -> Row:
    return {"name": name, "type": type_, **more}


def plants(*fields: Row, **more: Any) -> Row:
    shown = [field("name", required=True), *fields]
    return {"name": "plants", "label": "My plants", "tables": [{"name": "plant", "fields": shown}], **more}


def test_an_order_makes_an_app_with_its_tables_and_they_are_there_after_a_restart(store: Store):
    made = store.declare(plants(field("room"), icon="🌱")).rows[0]
    assert (made["name"], made["label"], made["icon"], made["source"]) == ("plants", "My plants", "🌱", "declaration")

    store.done("insert", "plant", values={"name": "Monstera", "room": "bath"})
    assert [row["id"] for row in store.done("search", "", values={"text": "monst"}).rows] == [1]
    assert store.registry.apps["plants"].title == "🌱 My plants"

    store = store.again()
    assert store.rows("plant")[0]["room"] == "bath"


def test_the_declaration_in_the_docs_is_an_app(store: Store):
    blocks = re.findall(r"^```json\n(.*?)^```", (ROOT / "docs" / "apps.md").read_text(), re.M | re.S)
    declaration, view = map(json.loads, blocks)

    assert store.declare(declaration).error == {}

    plant = store.registry.tables["plant"]
    assert list(plant.all_fields)[:3] == ["name", "faellig", "room"]
    declaration["tables"][0]["fields"].append({"label": "Price", "type": "money"})
    assert read(declaration | {"tables": [declaration["tables"][0] | {"views": [view]}]}).tables[0].views


def test_names_are_made_from_labels_of_any_script():
    said = {"label": "Fällig", "tables": [{"label": "Straße", "fields": [{"label": "日記"}, {"label": "日記"}]}]}

    declared = read(said)

    (table,) = declared.tables
    assert (declared.name, table.name, list(table.all_fields)[:2]) == ("faellig", "strasse", ["field_1", "field_2"])
    assert name_from("Ärger & Co.", {"aerger_co"}) == "aerger_co_2"


REFUSED = {
    "no map": ("plants", "The declaration is 'plants'. Expected a map of name, label, icon, prompt, tables"),
    "no tables": ({"name": "a"}, "The app a has no table"),
    "reserved": (plants() | {"name": "store"}, "'store' cannot name an app: it is reserved"),
    "strange key": (plants() | {"code": "x"}, "The declaration has the key 'code'"),
    "unknown type": (plants(field("x", "colour")), "its type is 'colour'. Expected one of: text, integer"),
    "type is no text": (
        plants(field("x", ["a"])),
        "`type` of the field 'x' of the table 'plant' of the app plants is ['a']",
    ),  # type: ignore[arg-type]  # a list where a name belongs is what is tested
    "name is no text": (plants() | {"name": ["a"]}, "`name` of the declaration is ['a']. Expected a text"),
    "bad name": (plants(field("Fällig")), "'Fällig' cannot name a field"),
    "twice": (plants(field("x"), field("x")), "it has two fields named 'x'"),
    "not true": (plants(field("x", required="yes")), "`required` of the field 'x'"),
    "choices": (plants(field("x", choices="a")), "Expected a list of texts"),
    "500 fields": (plants(*(field(f"f{number}") for number in range(500))), "has 501 fields, at most 500 fit"),
    "no table": (plants() | {"tables": [{"name": "plant", "fields": []}]}, "Expected a tuple of at least one Field"),
    "taken table": (
        plants() | {"tables": [{"name": "todo", "fields": [field("x")]}]},
        "named like one of the app todo",
    ),
    "core table": (plants() | {"tables": [{"name": "app", "fields": [field("x")]}]}, "named like one of the core"),
    "taken app": (plants() | {"name": "todo"}, "the name 'todo' is that of another app"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_declaration_that_cannot_be_is_refused_with_a_sentence_and_changes_nothing(store: Store, case: str):
    declaration, sentence = REFUSED[case]
    before = (set(store.registry.apps), set(store.registry.tables), store.orders._history.revision)

    refused = store.declare(declaration)  # type: ignore[arg-type]

    assert sentence in refused.error["message"]
    assert (set(store.registry.apps), set(store.registry.tables), store.orders._history.revision) == before
    assert store.rows("app") == []
    assert store.declare(plants()).error == {}


def test_only_the_store_writes_what_comes_from_a_file(store: Store):
    assert "is not written by an order" in store.order("insert", "app", values={"version": "abc"}).error["message"]
    store.done("insert", "app", values={"declaration": plants()})
    assert "There is an app of the name plants" in store.declare(plants()).error["message"]
    assert "does not change" in store.declare(plants() | {"name": "flowers"}, 1).error["message"]


def test_one_batch_makes_an_app_with_rows_and_a_refused_one_leaves_neither(store: Store):
    app = {"verb": "insert", "table": "app", "values": {"declaration": plants()}}
    row = {"verb": "insert", "table": "plant", "values": {"name": "Fern"}}

    refused = store.order("batch", "app", values={"orders": [app, row, row | {"values": {"height": 1}}]})
    assert "no field 'height'" in refused.error["message"]
    assert "plants" not in store.registry.apps
    assert "There is no table 'plant'" in store.order("list", "plant").error["message"]

    made = store.done("batch", "app", values={"orders": [app, row]})
    assert [one["name"] for one in store.rows("plant")] == ["Fern"]
    store.done("undo", "app", values={"changes": made.revisions})
    assert "plants" not in store.registry.apps


def test_the_undo_of_the_creation_hides_the_app_and_keeps_its_rows(store: Store):
    made = store.declare(plants()).revisions[0]
    store.done("insert", "plant", values={"name": "Fern"})

    undone = store.undo(made)
    assert undone.error == {}
    assert "plants" not in store.registry.apps
    assert "There is no table 'plant'" in store.order("list", "plant").error["message"]

    assert store.undo(undone.revisions[0]).error == {}
    assert [one["name"] for one in store.rows("plant")] == ["Fern"]


def test_a_field_that_is_removed_keeps_its_values_and_a_label_changes_nothing_else(store: Store):
    store.declare(plants(field("room")))
    store.done("insert", "plant", values={"name": "Fern", "room": "hall"})

    removed = store.declare(plants(), 1)
    assert "room" not in store.rows("plant")[0]
    assert store.order("search", "", values={"text": "hall"}).rows == []
    store.done("insert", "plant", values={"name": "Moss"})

    assert store.undo(removed.revisions[0]).error == {}
    assert [row["room"] for row in store.rows("plant")] == ["hall", ""]
    assert [row["id"] for row in store.order("search", "", values={"text": "hall"}).rows] == [1]

    assert store.declare(plants(field("room", label="Zimmer")), 1).error == {}
    assert [row["room"] for row in store.rows("plant")] == ["hall", ""]
    assert store.registry.tables["plant"].all_fields["room"].label == "Zimmer"


def test_a_type_changes_with_its_values_and_back_to_the_same_bytes(store: Store):
    store.declare(plants(field("days")))
    for days in ("007", "", "14"):
        store.done("insert", "plant", values={"name": f"every {days}", "days": days})

    changed = store.declare(plants(field("days", "integer")), 1)
    assert changed.error == {}
    assert [row["days"] for row in store.rows("plant")] == [7, 0, 14]
    store.done("update", "plant", 3, values={"days": 15})

    assert store.undo(changed.revisions[0]).error == {}
    assert [row["days"] for row in store.rows("plant")] == ["007", "", "15"]


def test_a_type_that_does_not_fit_names_the_rows_and_changes_nothing(store: Store):
    store.declare(plants(field("days")))
    for name, days in (("Fern", "7"), ("Moss", "often"), ("Ivy", "now and then")):
        store.done("insert", "plant", values={"name": name, "days": days})

    refused = store.declare(plants(field("days", "integer")), 1)

    assert refused.error["message"] == (
        "`days` of `plant` cannot become integer: the values of “Moss” (often), “Ivy” (now and then) do not fit. "
        "Correct them first, or add a new field."
    )
    assert [row["days"] for row in store.rows("plant")] == ["7", "often", "now and then"]
    store = store.again()
    assert store.registry.tables["plant"].all_fields["days"].type == "text"


def test_values_that_do_not_fit_are_none_if_that_is_said_and_an_undo_brings_them_back(store: Store):
    store.declare(plants(field("days")))
    for name, days in (("Fern", "7"), ("Moss", "often"), ("Ivy", "")):
        store.done("insert", "plant", values={"name": name, "days": days})

    refused = store.declare(plants(field("days", "date")), 1)
    changed = store.declare(plants(field("days", "date") | {"unfit": "empty"}), 1)

    assert refused.error["code"] == "unfit"
    assert changed.error == {}
    assert [row["days"] for row in store.rows("plant")] == [None, None, None]
    store = store.again()
    assert store.undo(changed.revisions[0]).error == {}
    assert [row["days"] for row in store.rows("plant")] == ["7", "often", ""]


def test_an_app_that_is_hidden_and_shown_again_has_its_rows(store: Store):
    store.declare(plants(field("room")))
    store.done("insert", "plant", values={"name": "Fern", "room": "hall"})

    store.done("update", "app", 1, values={"enabled": False})
    assert "plants" not in store.registry.apps
    store = store.again()
    assert "plants" not in store.registry.apps
    store.done("toggle", "app", 1, values={"field": "enabled"})

    assert store.rows("plant")[0]["room"] == "hall"


VALUES: dict[str, tuple[Any, ...]] = {
    "text": ("", "7", "0042", "3.5", "yes", "no", "[1]", "wörter"),
    "integer": (0, 1, -7, 2**53),
    "real": (0.0, 1.0, 0.1, -2.5),
    "boolean": (True, False),
    "json": (None, 1, "7", [1, 2], {"a": True}),
    "date": (None, "2026-11-28", "1999-02-28"),
    "moment": (None, "2026-11-28T09:00:00+01:00[Europe/Berlin]"),
    "duration": (None, 0, 5400),
    "money": (None, "12.50 EUR", "7"),
    "tags": (None, ["home", "garden"], []),
    "web": (None, "https://example.org/page"),
    "mail": (None, "anna@example.org"),
    "markdown": (None, "# Plan\n\n- paint", "7"),
}
TYPES = tuple(VALUES)


def changed_at_random(fields: list[Row], chance: random.Random) -> list[Row]:
    """Return the fields with one of them added, removed, renamed by its label, moved, or of another type.

    In half of the changes of a type, values that do not fit are none from then on.
    """
    fields = [{key: value for key, value in one.items() if key != "unfit"} for one in fields]
    do = chance.choice(("add", "remove", "label", "type", "type", "move"))
    if do == "add" or len(fields) < 2:
        free = [name for name in "abcdefgh" if name not in {one["name"] for one in fields}]
        return [*fields, field(chance.choice(free), chance.choice(TYPES))] if free else fields
    one = chance.choice(fields)
    if do == "remove":
        fields.remove(one)
    elif do == "label":
        one["label"] = chance.choice(("Größe", "名前", "x"))
    elif do == "type":
        one["type"] = chance.choice(TYPES)
        one |= {"unfit": "empty"} if chance.random() < 0.5 else {}
    else:
        chance.shuffle(fields)
    return fields


def changed_row(store: Store, key: int, fields: list[Row], chance: random.Random) -> Outcome:
    """Delete a row, or set one of its values."""
    if chance.random() < 0.2:
        return store.done("delete", "plant", key)
    one = chance.choice(fields)
    return store.done("update", "plant", key, values={one["name"]: chance.choice(VALUES[one["type"]])})


def random_shapes(folder: Path, number: int, steps: int) -> int:
    """Make a declaration at random, change it and its rows at random, undo all of it; return how many changes."""
    chance = random.Random(number)
    store = Store(folder / f"{number}.db")
    fields = [field(name, chance.choice(TYPES)) for name in "abc"]
    assert store.declare(plants(*fields)).error == {}
    for count in range(4):
        given = {one["name"]: chance.choice(VALUES[one["type"]]) for one in fields}
        store.done("insert", "plant", values={"name": f"plant {count}", **given})
    done: list[tuple[list[Row], int]] = []
    for _ in range(steps):
        before = store.rows("plant")
        wanted = changed_at_random(fields, chance)
        if before and chance.random() < 0.4:
            outcome = changed_row(store, chance.choice(before)["id"], fields, chance)
        else:
            outcome = store.declare(plants(*wanted), 1)
            if outcome.error:
                assert "cannot become" in outcome.error["message"]
                assert store.rows("plant") == before
                continue
            fields = wanted
        if outcome.revisions:
            done.append((before, outcome.revisions[0]))
        if chance.random() < 0.1:
            store = store.again()
    for before, revision in reversed(done):
        assert store.undo(revision).error == {}
        assert repr(store.rows("plant")) == repr(before), f"number {number}, revision {revision}"
    store.connection.close()
    return len(done)


def test_shapes_changed_at_random_are_undone_to_the_same_values(tmp_path: Path):
    assert sum(random_shapes(tmp_path, number, 8) for number in range(40)) > 140


@pytest.mark.long
def test_200_shapes_changed_at_random_are_undone_to_the_same_values(tmp_path: Path):
    for number in range(1_000, 1_200):
        random_shapes(tmp_path, number, 30)
