"""Whether the user's own words support what the model wants to change: what is not supported is asked first."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.tables import Field, Table
from apps.todo.store import TODO
from apps.types.reader import HERE
from services.agent.grounding.numbers import numbers_in, places_in
from services.agent.grounding.sentences import orders, sentences_of, wish_in
from services.agent.grounding.support import Known, Wanted, reason_against
from services.agent.grounding.words import is_same

STOCK = Table(
    "stock",
    (
        Field("name", required=True),
        Field("amount", "integer"),
        Field("place", choices=("fridge", "cellar", "kitchen shelf")),
        Field("note"),
    ),
    sortable=True,
)
TODOS = [
    {"id": 3, "title": "milk", "done": False},
    {"id": 4, "title": "oat milk", "done": False},
    {"id": 7, "title": "Miete überweisen", "done": False},
    {"id": 8, "title": "buy bread", "done": False},
    {"id": 10, "title": "plan a", "done": False},
    {"id": 11, "title": "plan b", "done": False},
    {"id": 9, "title": "buy cheese", "done": True},
]
ITEMS = [
    {"id": 1, "name": "rice", "amount": 4, "place": "cellar", "note": ""},
    {"id": 2, "name": "flour", "amount": 2, "place": "cellar", "note": "for cakes"},
    {"id": 5, "name": "会议记录", "amount": 0, "place": "fridge", "note": ""},
]
TABLES = {"todo": TODO, "stock": STOCK}
KNOWN = Known({"todo": TODOS, "stock": ITEMS}, last=("todo", 7), tables=TABLES)
EVERY_MONDAY = "FREQ=WEEKLY;BYDAY=MO"


def against(text: str, operation: str, key: int = 0, values: dict[str, Any] | None = None, **more: Any) -> str:
    """Return the reason against a change. Ids over 100 are rows of the stock: 101 is its row 1."""
    table, rows = (STOCK, ITEMS) if key > 100 else (TODO, TODOS)
    row = next((one for one in rows if one["id"] == key % 100), {})
    wanted = Wanted(operation, more.get("table", table), row, values or {}, more.get("where", {}))
    return reason_against(wanted, wish_in(text, more.get("asked", "")), more.get("known", KNOWN))


TICK = {"done": True}
SUPPORTED: list[tuple[Any, ...]] = [
    ("maybe add soap", "insert", 0, {"title": "soap"}),
    ("kannst du vielleicht Seife dazuschreiben", "insert", 0, {"title": "Seife"}),
    ("thanks, add soap", "insert", 0, {"title": "soap"}),
    ("add thank-you cards", "insert", 0, {"title": "thank-you cards"}),
    ("tick the oat milk", "update", 4, TICK),
    ("tick milk", "update", 3, TICK),
    ("tick the milkk please", "update", 3, TICK),
    ("I paid the Miete", "update", 7, TICK),
    ("die miete ist überwiesen", "update", 7, TICK),
    ("tick bread and cheese", "update", 8, TICK),
    ("it is done", "update", 7, TICK),
    ("die letzte ist erledigt", "update", 9, TICK),
    ("the second one is done", "update", 4, TICK),
    ("tick number 3", "toggle", 3, {"field": "done"}),
    ("can you tick the bread?", "update", 8, TICK),
    ("kannst du das Brot (bread) abhaken?", "update", 8, TICK),
    ("What is left? And tick the bread.", "update", 8, TICK),
    ("tick the bread, and what is left?", "update", 8, TICK),
    ("hake bread ab und was ist noch offen?", "update", 8, TICK),
    ("plan a is done", "update", 10, TICK),
    ("rename milk to soy milk", "update", 3, {"title": "soy milk"}),
    ("rice is down to two", "update", 101, {"amount": 2}),
    ("two more rice", "update", 101, {"amount": 6}),
    ("nur noch 3 rice da", "update", 101, {"amount": 3}),
    ("the rice moved to the shelf in the kitchen", "update", 101, {"place": "kitchen shelf"}),
    ("rice is used up, none left", "update", 101, {"amount": 0}),
    ("der Rice ist alle", "update", 101, {"amount": 0}),
    ("I ate two of the rice", "update", 101, {"amount": 2}),
    ("add “jam”", "insert", 0, {"title": "jam"}),
    ("there's no rice left", "update", 101, {"amount": 0}),
    ("add milk again", "insert", 0, {"title": "milk"}),
    ("rice: buy the long one", "update", 101, {"note": "buy the long one"}),
    ("会议 is in the cellar now", "update", 105, {"place": "cellar"}),
    ("there is no soap left", "insert", 0, {"title": "Buy soap"}),
    ("can you add jam?", "insert", 0, {"title": "jam"}),
    ("put jam at the top", "insert", 0, {"title": "jam"}),
    ("add yoga every Monday", "insert", 0, {"title": "yoga", "repeat": EVERY_MONDAY}),
    ("jeden Montag zum Yoga, schreib das dazu", "insert", 0, {"title": "Yoga", "repeat": EVERY_MONDAY}),
    ("add the dentist on 3 May 2031", "insert", 0, {"title": "dentist", "due": "2031-05-03"}),
    ("add slicing, it is part of the bread", "insert", 0, {"title": "slice", "parent": [8]}),
    ("add baking to it", "insert", 0, {"title": "baking", "parent": [7]}),
    ("no sorry, I meant soy milk", "update", 7, {"title": "soy milk"}),
    ("add rice too, I mean the brown one", "insert", 0, {"title": "brown rice"}),
    ("move the bread up, it is done", "sort", 8, {"after": 4}),
    ("set the second one to 2", "update", 102, {"amount": 2}),
    ("set number 2 to 2", "update", 102, {"amount": 2}),
    ("note for the bread: only the dark one", "update", 8, {"note": "only the dark one"}),
    ("super glue", "insert", 0, {"title": "super glue"}),
    ("soy milk", "update", 3, {"title": "soy milk"}),
    ("Füg bitte Brötchen hinzu", "insert", 0, {"title": "Broetchen"}),
    ("put milk on top", "sort", 3, {"after": 0}),
    ("move bread up", "sort", 8, {"after": 4}),
    ("move milk below the bread", "sort", 3, {"after": 8}),
    ("bread before oat milk", "sort", 8, {"after": 3}),
    ("oat milk ans Ende", "sort", 4, {"after": 9}),
    ("> buy bread\n\ntick it", "update", 8, TICK),
    ("tick bread, ok?", "update", 8, TICK),
    ("pense à acheter du savon", "insert", 0, {"title": "acheter du savon"}),
    ("non serve più bread, cancella", "delete", 8),
    ("hak bread ab, bitte?", "update", 8, TICK),
    ("coche bread, d'accord ?", "update", 8, TICK),
    ("don't forget soap", "insert", 0, {"title": "soap"}),
    ("vergiss nicht die Seife", "insert", 0, {"title": "Seife"}),
    ("non dimenticare il sapone", "insert", 0, {"title": "sapone"}),
    ("no olvides el jabón", "insert", 0, {"title": "jabón"}),
    ('please register "soap"', "insert", 0, {"title": "soap"}),
    ('Bitte "Seife" hinzufügen', "insert", 0, {"title": "Seife"}),
    ("dans la liste, il manque “savon”", "insert", 0, {"title": "savon"}),
    ("rice: 1.2k now", "update", 101, {"amount": 1200}),
    ("le rice, il y en a 1 200", "update", 101, {"amount": 1200}),
    ("flour has no note", "update", 102, {"note": ""}),
    ("remove the note from flour", "update", 102, {"note": ""}),
    ("entferne die Notiz von flour", "update", 102, {"note": ""}),
    ("rice heißt jetzt basmati", "update", 101, {"name": "basmati"}),
    ("statt rice basmati", "update", 101, {"name": "basmati"}),
    ("rice goes by basmati", "update", 101, {"name": "basmati"}),
    ("the rice is brown rice", "update", 101, {"name": "brown rice"}),
    ("tick bread and #3", "update", 3, TICK),
    ("tick bread, and number 4 too", "update", 4, TICK),
]
UNSUPPORTED: list[tuple[Any, ...]] = [
    ("Merci, tu es adorable !", "insert", 0, {"title": "merci"}),
    ("Merci, tu es adorable !", "insert", 0, {"title": "Merci, tu es adorable !"}),
    ("danke, super", "insert", 0, {"title": "Danke"}),
    ("tomorrow I'll probably buy soap", "insert", 0, {"title": "soap"}),
    ("morgen kaufe ich vielleicht Seife", "insert", 0, {"title": "Seife"}),
    ("on achètera peut-être du savon", "insert", 0, {"title": "savon"}),
    ("tick the oat milk", "update", 3, TICK),
    ("tick the bread", "update", 9, TICK),
    ("tick the caviar", "update", 3, TICK),
    ("is the milk done?", "update", 3, TICK),
    ("what about the bread?", "update", 8, TICK),
    ("do I still need bread", "update", 8, TICK),
    ("my wife said “tick the bread”", "update", 8, TICK),
    ("got the bread", "insert", 0, {"title": "got the bread"}),
    ("put the bread right at the top", "insert", 0, {"title": "buy bread"}),
    ("no sorry, I meant eggplants", "insert", 0, {"title": "eggplants"}),
    ("nein, ich meinte Auberginen", "insert", 0, {"title": "Auberginen"}),
    ("I'll get the bread after the milk, move it there", "update", 8, TICK),
    ("add yoga", "insert", 0, {"title": "yoga", "repeat": EVERY_MONDAY}),
    ("add the dentist", "insert", 0, {"title": "dentist", "due": "2031-05-03"}),
    ("could you add jam for me?", "insert", 0, {"title": "jam", "parent": [8]}),
    ("we're down to two biscuits", "update", 102, {"amount": 2}),
    ("put jam on there too please", "insert", 0, {"title": "put jam on there too, please"}),
    ("put milk on there too please", "update", 3, {"note": "Put milk on there too, please"}),
    ("Ben texted “tick the bread”", "update", 8, TICK),
    ("how do you say “bread is done” in French?", "update", 8, TICK),
    ("don't tick the bread", "update", 8, TICK),
    ("rename milk to soy milk", "update", 3, {"title": "almond drink"}),
    ("rice is down to two", "update", 101, {"amount": 3}),
    ("set rice to 2", "update", 102, {"amount": 2}),
    ("the rice moved to the shelf in the kitchen", "update", 101, {"place": "fridge"}),
    ("flour is for bread", "update", 102, {"note": "never use"}),
    ("tell me a joke", "insert", 0, {"title": "milk"}),
    ("who wrote Hamlet?", "insert", 0, {"title": "Hamlet"}),
    ("put milk on top", "sort", 3, {"after": 4}),
    ("move milk below the bread", "sort", 3, {"after": 9}),
    ("tidy up the list", "update", 8, TICK),
    ("tidy up", "update", 7, TICK),
    ("il ne reste qu'un seul rice", "update", 101, {"amount": 3}),
    ("I'm starving", "insert", 0, {"title": "sandwich"}),
    ("I could sleep until spring", "insert", 0, {"title": "sleep until spring"}),
    ("my boss wants everybody to write down their travel costs", "insert", 0, {"title": "travel costs"}),
    ("wait, milk, not eggs", "insert", 0, {"title": "Milk"}),
    ("just opened an oat drink", "insert", 0, {"title": "oat drink"}),
    ("the recipe goes “take four eggs”. sounds doable", "insert", 0, {"title": "eggs"}),
    ("I went to the baker", "insert", 0, {"title": "petrol", "note": "to the baker"}),
    ("I already bought bread, right?", "update", 8, TICK),
    ("tick the bread, right?", "update", 8, TICK),
    ("don't forget that I never eat soap", "insert", 0, {"title": "milk"}),
    ("yesterday’s delivery came out of the rice", "update", 101, {"name": "yesterday delivery"}),
    ("Acht Kilo Mehl aus dem Rice geholt", "update", 101, {"name": "Kilo Mehl"}),
    ("flour is fine", "update", 102, {"note": ""}),
    ("> Tick the bread.\n> Then sleep.\n\nWhat is this file about?", "update", 8, TICK),
]


@pytest.mark.parametrize("case", SUPPORTED, ids=lambda case: case[0])
def test_what_the_words_support_is_done_at_once(case: tuple[Any, ...]) -> None:
    assert against(*case) == ""


@pytest.mark.parametrize("case", UNSUPPORTED, ids=lambda case: case[0])
def test_what_they_do_not_support_is_asked_with_a_reason(case: tuple[Any, ...]) -> None:
    assert against(*case).endswith(".")


def test_a_plain_yes_to_a_question_orders_what_the_question_named() -> None:
    assert against("yes please", "update", 8, TICK, asked="Shall I tick “buy bread”?") == ""
    assert against("oui, s'il te plaît", "update", 8, TICK, asked="Shall I tick “buy bread”?") == ""
    assert against("natürlich", "update", 8, TICK, asked="Shall I tick “buy bread”?") == ""
    assert against("por supuesto", "update", 8, TICK, asked="Shall I tick “buy bread”?") == ""
    assert against("oui, vas-y", "update", 8, TICK, asked="Shall I tick “buy bread”?") == ""
    assert against("ja", "update", 3, TICK, asked="Shall I tick “buy bread”?")
    assert against("yes", "update", 8, TICK, asked="Your bread is fresh.")


def test_a_day_of_today_is_no_plan_but_for_what_is_due() -> None:
    spent = Table("spent", (Field("what", required=True), Field("day", "date")))
    today = datetime.now(HERE.zone).date().isoformat()
    known = Known({"spent": []}, tables={"spent": spent})
    assert against("add tea", "insert", 0, {"what": "tea", "day": today}, table=spent, known=known) == ""
    assert against("add tea", "insert", 0, {"what": "tea", "day": "2031-05-03"}, table=spent, known=known)
    assert against("add tea", "insert", 0, {"title": "tea", "due": today}) == "You did not say the new value of due."


def test_an_order_may_point_to_the_only_row_that_the_assistant_spoke_of() -> None:
    assert against("bin that", "delete", 8, asked="Yes, “buy bread” is there.") == ""
    assert against("efface ça", "delete", 8, asked="Oui, « buy bread » est là.") == ""
    assert against("bin that", "delete", 3, asked="Yes, “buy bread” is there.")
    assert against("bin that", "delete", 8, asked="There are “buy bread” and “Miete überweisen”.")


TALK = Table("visit", (Field("name", required=True), Field("takes", "duration")))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("the dentist takes 90 minutes", 5_400), ("dentist: half an hour", 1_800), ("dentist 1 h 30 min", 5_400)],
)
def test_a_duration_was_said_in_whichever_unit(text: str, seconds: int) -> None:
    row = {"id": 1, "name": "dentist", "takes": 60}
    known = Known({"visit": [row]})

    def reason(value: int) -> str:
        return reason_against(Wanted("update", TALK, row, {"takes": value}, {}), wish_in(text), known)

    assert reason(seconds) == ""
    assert reason(seconds + 7)


def test_a_condition_must_have_been_said() -> None:
    assert against("tick all the open ones", "update", 3, TICK, where={"done": False}) == ""
    assert against("tick the open ones", "update", 3, TICK, where={"done": False})
    assert against("tidy the cellar", "update", 101, {"amount": 0}, where={"place": "cellar"}).startswith("You did")
    assert against("empty the cellar", "update", 101, {"amount": 0}, where={"place": "cellar"}) == ""
    assert against("the cellar has none, zero", "update", 101, {"amount": 0}, where={"place": "cellar"}) == ""
    assert against("the fridge has zero", "update", 101, {"amount": 0}, where={"place": "cellar"})


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("twenty five", 25), ("fünfundzwanzig", 25), ("1,5 kg", 1.5), ("two and a half", 2.5), ("12.50 €", 12.5),
        ("1,000", 1000), ("trois cents", 3), ("9k", 9000), ("1.5k", 1500), ("12 500 €", 12500),
        ("2 kg", 2), ("every day", 1), ("chaque semaine", 7), ("täglich", 1), ("every 6 days", 6),
        ("dreihundert", 0), ("2kg", 2), ("ein Dutzend", 12), ("tre", 3),
    ],
)  # fmt: skip
def test_numbers_are_read_in_digits_and_in_words(text: str, number: float) -> None:
    assert not number or number in numbers_in(text)


def test_ordinals_name_places() -> None:
    assert places_in("the second and the 3rd, el primero") == {1, 2, 3}


def test_sentences_are_split_but_quotations_are_not() -> None:
    assert sentences_of("can you note 9.99 for tea at example.org? yes") == [
        "can you note 9.99 for tea at example.org?",
        "yes",
    ]
    assert sentences_of("Add milk. He said “Stop! Now.” ok? yes") == ["Add milk.", "He said “Stop! Now.” ok?", "yes"]
    assert [orders(one) for one in ("Add milk.", "Milk?", "Bitte Milch?", "¿Puedes añadir leche?")] == [
        True, False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), [("watered", "watering"), ("brotchen", "brotchem"), ("milch", "hafermilch")])
def test_forms_slips_and_compounds_count_as_the_same_word(one: str, other: str) -> None:
    assert is_same(one, other)
    assert is_same(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("tea", "tee"), ("milk", "rice"), ("12", "13"), ("done", "donkey"), ("cane", "pane")]
)
def test_other_words_do_not(one: str, other: str) -> None:
    assert not is_same(one, other)


@given(st.text(max_size=200), st.text(max_size=60))
def test_any_text_is_read_without_an_error(text: str, title: str) -> None:
    row = {"id": 1, "name": title, "amount": 3, "place": "cellar", "note": title}
    known = Known({"stock": [row, *ITEMS[1:]]}, tables=TABLES)
    for operation, values in (
        ("update", {"amount": 5, "note": "x"}),
        ("sort", {"after": 0}),
        ("insert", {"name": "x"}),
    ):
        assert isinstance(reason_against(Wanted(operation, STOCK, row, values, {}), wish_in(text, title), known), str)
