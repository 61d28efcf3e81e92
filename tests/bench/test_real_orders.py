"""The orders for real models: how they are read, and how the rows afterwards are judged."""

from pathlib import Path
from typing import Any

import pytest

from bench.real.effects import Rows, differences
from bench.real.judge import is_answered, is_embellished, verdict
from bench.real.orders import NEW_FOLDER, BadOrder, Order, read_file, read_orders
from bench.real.parts.orders import chosen
from bench.real.patterns import fits
from bench.real.session import BadOption, read_options

ORDERS = read_orders()

HEAD = """
app = "todo"
[rows.home]
todo = [{ id = 1, title = "milk" }, { id = 3, title = "rent", done = true }]
"""


def order_of(right: str, more: str = "", *, folder: Path, kind: str = "change") -> Order:
    """Return the order that a file with one order holds."""
    file = folder / "todo.toml"
    file.write_text(
        f'{HEAD}\n[[order]]\nid = "one"\nkind = "{kind}"\nlanguage = "en"\nrows = "home"\nsays = "please"\n'
        f"right = {right}\n{more}\n"
    )
    return read_file(file)[0]


def row(key: int, title: str, *, done: bool = False) -> dict[str, Any]:
    return {"id": key, "title": title, "done": done, "created": 1.0, "profile": 1, "position": float(key)}


BEFORE = [row(1, "milk"), row(3, "rent", done=True)]


def judged(order: Order, after: list[dict[str, Any]], agreed: list[dict[str, Any]] | None = None, **more: Any) -> str:
    """Return the verdict when these are the rows after the answer, and after consent to what is proposed."""
    before: Rows = {"todo": BEFORE}
    done = differences(before, {"todo": after}, order.tables)
    all_done = differences(before, {"todo": after if agreed is None else agreed}, order.tables)
    return verdict(order, done, all_done, proposed=agreed is not None, tried=more.get("tried", True))


# --- what there is ---


def test_there_are_many_orders_of_all_sorts():
    nothing = [order for order in ORDERS if not order.wants_something]
    english = [order for order in ORDERS if order.language == "en"]

    assert len(ORDERS) >= 120
    assert len({order.app for order in ORDERS}) == 4
    assert {order.language for order in ORDERS} == {"en", "de", "fr", "es", "it"}
    assert 0.28 < len(nothing) / len(ORDERS) < 0.38
    assert 0.45 < len(english) / len(ORDERS) < 0.6


def test_the_new_orders_are_over_other_apps_in_all_languages():
    new = read_orders(NEW_FOLDER)

    nothing = [order for order in new if not order.wants_something]
    assert len(new) == 100
    assert {order.language for order in new} == {"en", "de", "fr", "es", "it"}
    assert not {order.app for order in new} & {order.app for order in ORDERS}
    assert not {order.id for order in new} & {order.id for order in ORDERS}
    assert 0.28 < len(nothing) / len(new) < 0.38
    assert any(len(order.tables) > 1 for order in ORDERS)


def test_what_is_said_before_stands_in_the_order_of_the_talk():
    corrected = next(order for order in ORDERS if order.id == "plants-meant-two")

    assert [turn.user for turn in corrected.earlier] == ["water the fern every 4 days"]
    assert '"water_days": 4' in corrected.earlier[0].assistant


# --- mistakes in a file ---


@pytest.mark.parametrize(
    ("right", "more", "sentence"),
    [
        ('[{ change = "bread", done = true }]', "", "there is no row 'bread' in `todo` before"),
        (
            '[{ change = "milk", color = "red" }]',
            "",
            "`todo` has no field 'color'. It has: title, done, due, repeat, tags, note, parent.",
        ),
        ('[{ add = "shopping", title = "x" }]', "", "the app todo has no table 'shopping'. It has: todo."),
        ('[{ rename = "milk" }]', "", "has none of: add, change, delete, order"),
        ("[]", 'ask = "perhaps"', "`ask` is 'perhaps'. Expected one of: no, may, must."),
        ("[]", 'color = "red"', "it has color. Known:"),
    ],
)
def test_a_mistake_is_named_with_its_order(tmp_path, right, more, sentence):
    with pytest.raises(BadOrder) as raised:
        order_of(right, more, folder=tmp_path)

    assert "todo.toml: one: " in str(raised.value)
    assert sentence in str(raised.value)


def test_a_row_that_the_table_would_refuse_is_named(tmp_path):
    file = tmp_path / "todo.toml"
    file.write_text('app = "todo"\n[rows.home]\ntodo = [{ id = 1, title = "milk", done = "later" }]\n')

    with pytest.raises(BadOrder, match=r"rows\.home: `done`"):
        read_file(file)


def test_two_orders_of_one_id_are_refused(tmp_path):
    order_of("[]", folder=tmp_path)
    (tmp_path / "zebra.toml").write_text((tmp_path / "todo.toml").read_text())

    with pytest.raises(BadOrder, match="two orders with this id"):
        read_orders(tmp_path)


# --- verdicts ---


def test_what_was_asked_for_and_nothing_else_is_right(tmp_path):
    order = order_of('[{ change = "milk", done = true }]', folder=tmp_path)

    assert judged(order, [row(1, "milk", done=True), BEFORE[1]]) == "right"


def test_a_change_more_than_was_asked_for_is_wrong(tmp_path):
    order = order_of('[{ change = "milk", done = true }]', folder=tmp_path)

    assert judged(order, [row(1, "milk", done=True), row(3, "rent")]) == "wrong"
    assert judged(order, [row(1, "oat milk", done=True), BEFORE[1]]) == "wrong"
    assert judged(order, [row(1, "milk", done=True), BEFORE[1], row(4, "bread")]) == "wrong"


def test_another_row_than_the_one_that_was_named_is_wrong(tmp_path):
    order = order_of('[{ change = "rent", done = false }]', folder=tmp_path)

    assert judged(order, [row(1, "milk", done=True), BEFORE[1]]) == "wrong"


def test_half_of_what_was_asked_for_is_missed(tmp_path):
    order = order_of('[{ change = "milk", done = true }, { add = "todo", title = "~bread" }]', folder=tmp_path)

    assert judged(order, [row(1, "milk", done=True), BEFORE[1]]) == "missed"
    assert judged(order, BEFORE) == "missed"
    assert judged(order, BEFORE, tried=False) == "said"


def test_nothing_to_do_is_right_when_nothing_was_done(tmp_path):
    order = order_of("[]", kind="talk", folder=tmp_path)

    assert judged(order, BEFORE, tried=False) == "right"
    assert judged(order, [*BEFORE, row(4, "bread")]) == "wrong"
    assert judged(order, BEFORE, agreed=[*BEFORE, row(4, "bread")]) == "offered"


def test_a_proposal_is_judged_by_what_it_would_do(tmp_path):
    order = order_of('[{ change = "milk", done = true }]', folder=tmp_path)
    right, wrong = [row(1, "milk", done=True), BEFORE[1]], [BEFORE[0], row(3, "rent")]

    assert judged(order, BEFORE, agreed=right) == "needless"
    assert judged(order, BEFORE, agreed=wrong) == "offered"
    assert judged(order, wrong, agreed=right) == "wrong"


def test_a_delete_is_to_be_asked_about(tmp_path):
    order = order_of('[{ delete = "milk" }]', kind="delete", folder=tmp_path)

    assert order.ask == "must"
    assert judged(order, BEFORE, agreed=BEFORE[1:]) == "asked"
    assert judged(order, BEFORE[1:]) == "wrong"


def test_an_order_that_may_be_asked_about_is_right_both_ways(tmp_path):
    order = order_of('[{ change = "milk", done = true }]', 'ask = "may"', folder=tmp_path)
    right = [row(1, "milk", done=True), BEFORE[1]]

    assert judged(order, right) == "right"
    assert judged(order, BEFORE, agreed=right) == "asked"


def test_another_accepted_outcome_is_right_too(tmp_path):
    also = 'also_right = [[{ delete = "milk" }, { add = "todo", title = "~oat milk" }]]'
    order = order_of('[{ change = "milk", title = "~oat" }]', f'{also}\nask = "may"', folder=tmp_path)

    assert judged(order, [BEFORE[1], row(4, "Oat milk")]) == "right"
    assert judged(order, [row(1, "oat milk"), BEFORE[1]]) == "right"
    assert judged(order, [row(1, "milk"), BEFORE[1], row(4, "oat milk")]) == "missed"


def test_an_order_of_rows_is_compared_as_a_whole(tmp_path):
    order = order_of('[{ order = ["rent", "milk"] }]', kind="move", folder=tmp_path)

    assert judged(order, BEFORE[::-1]) == "right"
    assert judged(order, BEFORE) == "missed"
    assert judged(order_of("[]", folder=tmp_path), BEFORE[::-1]) == "wrong"


def test_a_new_row_may_be_worded_freely_but_not_contain_the_whole_order(tmp_path):
    order = order_of('[{ add = "todo", title = "~milk|lait" }]', kind="add", folder=tmp_path)

    assert judged(order, [*BEFORE, row(4, "Buy some oat MILK")]) == "right"
    assert judged(order, [*BEFORE, row(4, "du lait")]) == "right"
    assert judged(order, [*BEFORE, row(4, "please could you add some milk to my list")]) == "wrong"
    assert judged(order, [*BEFORE, row(4, "milk", done=True)]) == "wrong"


@pytest.mark.parametrize(
    ("value", "pattern", "expected"),
    [
        (12.5, 12.5, True),
        (12, 12.0, True),
        (12, 13, False),
        (True, True, True),
        (1, True, False),
        (True, 1, False),
        ("Food", "food", True),
        ("food", ["other", "food"], True),
        ("anything", "*", True),
        ("water the neighbours' plants", "~water neighbour plants", True),
        ("a note that goes on and on about the big pot", "~pot", False),
        ("a note that goes on and on about the big pot", "~~pot", True),
        (3, "~3", False),
    ],
)
def test_a_value_fits_its_pattern(value, pattern, expected):
    assert fits(value, pattern) is expected


def test_an_answer_is_right_when_it_contains_its_words(tmp_path):
    order = order_of("[]", 'answer = "~4|four todos"', kind="question", folder=tmp_path)

    assert is_answered(order, "You still have Four todos, and here is a long story about each of them.")
    assert not is_answered(order, "You have three todos.")


def test_a_note_that_nobody_asked_for_is_noticed():
    snake = next(order for order in ORDERS if order.id == "plants-snake-plant")
    values = {"id": 8, "name": "snake plant", "room": "bedroom", "water_days": 14, "note": ""}
    before: Rows = {"plant": [], "care": []}

    plain = differences(before, {"plant": [values], "care": []}, snake.tables)
    noted = differences(before, {"plant": [values | {"note": "so green!"}], "care": []}, snake.tables)

    assert not is_embellished(snake, plain)
    assert is_embellished(snake, noted)
    assert verdict(snake, noted, noted, proposed=False, tried=True) == "right"


# --- which of them ---


def test_a_few_orders_are_spread_evenly():
    few = chosen(ORDERS, [], 8)

    assert len(few) == 8
    assert {order.app for order in few} == {order.app for order in ORDERS}


def test_orders_of_a_kind_or_language_can_be_chosen():
    assert {order.kind for order in chosen(ORDERS, ["move"], 0)} == {"move"}
    assert {order.language for order in chosen(ORDERS, ["fr", "it"], 0)} == {"fr", "it"}
    with pytest.raises(BadOption, match="ONLY is 'dance'"):
        chosen(ORDERS, ["dance"], 0)


def test_the_new_orders_are_chosen_by_an_option():
    assert read_options({}).set == ""
    assert read_options({"SET": "new"}).set == "new"
    with pytest.raises(BadOption, match="SET is 'old'"):
        read_options({"SET": "old"})


def test_an_option_that_is_no_number_is_refused():
    with pytest.raises(BadOption, match="LIMIT is 'few'"):
        read_options({"LIMIT": "few"})
