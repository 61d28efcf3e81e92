"""The rules of the rehearsal player, as a table of cases."""

import json

import pytest

from bus.messages import LlmGenerate
from llm_worker.rehearsal.rules import answer

ROWS = '# Rows of todo\nid 3: "milk", done: no\nid 4: "call Ann (mobile)", done: yes\nid 7: "oat milk", done: no'


def answered(text, rows=ROWS, **fields):
    messages = [{"role": "user", "content": f"{rows}\n# The user says\n{text}"}]
    return answer(LlmGenerate(generation="1.1", conversation=1, messages=messages, **fields))


def instruction_in(text):
    return json.loads(text.split("```json\n")[1].split("\n```")[0])


def insert(title):
    return {"operation": "insert", "table": "todo", "values": {"title": title}}


def update(id, **values):  # noqa: A002
    return {"operation": "update", "table": "todo", "id": id, "values": values}


ORDERS = {
    "add milk": insert("milk"),
    "Please add “buy flowers” to my todo list!": insert("buy flowers"),
    "remind me to call Bob.": insert("call Bob"),
    "add C++ & <b> `x` 🎹": insert("C++ & <b> `x` 🎹"),
    "hello?\n\nadd\n bread": insert("bread"),
    "tick milk": update(3, done=True),
    "mark Milk as done": update(3, done=True),
    "check off oat": update(7, done=True),
    "could you untick call ann (mobile)?": update(4, done=False),
    "rename milk to soy milk": update(3, title="soy milk"),
    "delete oat milk from the list": {"operation": "delete", "table": "todo", "id": 7},
}


@pytest.mark.parametrize("text", ORDERS)
def test_a_simple_order_becomes_an_instruction(text):
    assert instruction_in(answered(text)) == ORDERS[text]


BOOKS = """\
# The open app: reading
The user keeps a list of books.

# Instructions
Table shelf (only to be read), fields: name (text, required).
Table book, fields: author (text), name (text, required), state (one of to read, read), owned (true or false).
Apps: reading, todo."""
JOURNAL = "# Instructions\nTable change (only to be read), fields: table (text), who (text)."


def answered_in(system, text):
    messages = [{"role": "system", "content": system}, {"role": "user", "content": f"{ROWS}\n# The user says\n{text}"}]
    return answer(LlmGenerate(generation="1.1", conversation=1, messages=messages))


@pytest.mark.parametrize(
    ("text", "played"),
    [
        ("add “Emma”", {"operation": "insert", "values": {"name": "Emma"}}),
        ("tick milk", {"operation": "update", "id": 3, "values": {"owned": True}}),
        ("rename milk to Dune", {"operation": "update", "id": 3, "values": {"name": "Dune"}}),
        ("delete milk", {"operation": "delete", "id": 3}),
    ],
)
def test_an_order_is_about_the_table_of_the_open_app(text, played):
    assert instruction_in(answered_in(BOOKS, text)) == {"table": "book", **played}


def test_where_nothing_can_be_changed_it_says_so():
    said = answered_in(JOURNAL, "add milk")

    assert "no list that I could change" in said
    assert "```" not in said


def test_it_tells_what_the_open_app_is_for():
    assert "the app reading. I am told this about it: The user keeps a list" in answered_in(BOOKS, "What is this page?")
    assert "not a model" in answered_in(JOURNAL, "What is this page for?")


MANUAL = """\
Job simulate (Simulate), values: scenario (one of fast, slow, failing), chunks (whole number from 1 to 100000).
Job crawl (Crawl a site), values: url (text, required), depth (whole number), note (text)."""
JOBS = """\
# Jobs, and how far they are ({"operation": "cancel", "job": ID}; or pause, resume, retry)
id 3: "Crawl a site: http://example.test", running, 20 of 500 done, note: "reading"
id 2: "Simulate: slow", waiting
id 5: "Simulate: endless", paused, 7 done
id 6: "Simulate: failing", failed, 2 of 5 done, problem: "chunk 3 fails"
id 1: "Simulate: fast", done, 5 of 5 done
# What happened lately
- You started the job “Simulate: fast\""""


def answered_about_jobs(text, jobs=JOBS, before=()):
    content = f"{jobs}\n# The user says\n{text}"
    messages = [{"role": "system", "content": MANUAL}, *before, {"role": "user", "content": content}]
    return answer(LlmGenerate(generation="1.1", conversation=1, messages=messages))


@pytest.mark.parametrize(
    ("text", "played"),
    [
        ("simulate 5 chunks fast", {"job": "simulate", "values": {"scenario": "fast", "chunks": 5}}),
        ("Please run simulate!", {"job": "simulate", "values": {}}),
        ("crawl example.test to depth 2.", {"job": "crawl", "values": {"url": "http://example.test", "depth": 2}}),
        ("crawl http://127.0.0.1:8000/a?b=1", {"job": "crawl", "values": {"url": "http://127.0.0.1:8000/a?b=1"}}),
        ("simulate 0 chunks fast", "from 1 to 100,000. I start nothing."),
    ],
)
def test_an_order_for_a_job_is_played_from_what_the_prompt_declares(text, played):
    said = answered_about_jobs(text)

    if isinstance(played, str):
        assert played in said
        assert "```" not in said
    else:
        assert instruction_in(said) == {"operation": "run", **played}
        assert "understand" not in said


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("simulate 5 chunks quickly", "I do not understand “quickly”, so I leave that out."),
        ("crawl example.test without pictures", "“without”, “pictures”"),
        ("simulate 7", "“7”"),
    ],
)
def test_a_word_that_it_does_not_know_is_named(text, left_out):
    said = answered_about_jobs(text)

    assert left_out in said
    assert instruction_in(said)["operation"] == "run"


@pytest.mark.parametrize(
    ("text", "operation", "job"),
    [
        ("cancel the crawl", "cancel", 3),
        ("stop the simulation slow", "cancel", 2),
        ("cancel number 5", "cancel", 5),
        ("pause the crawl, please", "pause", 3),
        ("could you go on with it?", "resume", 5),
        ("resume", "resume", 5),
        ("try it again", "retry", 6),
        ("retry the simulation", "retry", 6),
    ],
)
def test_an_order_about_a_job_finds_the_one_in_a_state_that_fits(text, operation, job):
    assert instruction_in(answered_about_jobs(text)) == {"operation": operation, "job": job}


def test_with_several_jobs_it_asks_which_one_and_the_answer_completes_the_order():
    asked = answered_about_jobs("pause it")
    before = [{"role": "user", "content": "pause it"}, {"role": "assistant", "content": asked}]

    assert asked.startswith("Which one? To pause, there are: id 3, “Crawl a site: http")
    assert "id 2, “Simulate: slow”, waiting." in asked
    assert instruction_in(answered_about_jobs("the crawl", before=before)) == {"operation": "pause", "job": 3}
    assert "Adding “milk”" in answered_about_jobs("add milk", before=before)


def test_how_far_the_jobs_are_is_said():
    every, one = answered_about_jobs("how far?"), answered_about_jobs("how far is the crawl?")

    assert "is running (20 of 500 done); “Simulate: slow” is waiting" in every
    assert "20 of 500" in one
    assert "Simulate" not in one
    assert "No job is running" in answered_about_jobs("what jobs are there?", jobs="")
    assert "no rule" in answered_about_jobs("cancel it", jobs="")
    assert "nothing to pause" in answered_about_jobs("pause it", jobs='# Jobs, …\nid 1: "Simulate: fast", done')
    assert "no rule" in answered("simulate 5 chunks fast")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hello", "not a model"),
        ("who are you?", "`ollama pull qwen3:4b-instruct`"),
        ("delete caviar", "cannot see “caviar”"),
        ("what is on my list?", "3 on the list: “milk”"),
        ("xyzzy", "“xyzzy”"),
        ("", "heard nothing"),
        ("add " + "x" * 100_000, "no rule"),
        ("<script>alert(1)</script> **[x](javascript:y)**", "“script alert 1 script x javascript:y”"),
    ],
)
def test_anything_else_gets_an_answer_without_an_instruction(text, says):
    said = answered(text)

    assert says in said
    assert "```" not in said
    assert "<" not in said
    assert len(said) < 1000


def test_a_remark_is_short_names_the_thing_and_plays_nothing():
    told = "tick milk\n\nWhat the user just did: added the todo “milk <b>”.\nRemark on it in one short sentence."

    said = answered(told, purpose="comment")

    assert "“milk b”" in said
    assert said == answered(told, purpose="comment")
    assert len(said) < 120
    assert "```" not in said


def test_a_continued_answer_goes_on_where_it_broke_off():
    whole = answered("add milk")
    messages = [{"role": "user", "content": "add milk"}, {"role": "assistant", "content": whole[:20]}]

    rest = answer(LlmGenerate(generation="1.2", conversation=1, messages=messages))

    assert whole[:20] + rest == whole


def instructions_in(text):
    return [json.loads(part.partition("\n```")[0]) for part in text.split("```json\n")[1:]]


LIST = {"operation": "list", "table": "todo", "where": {"done": False}}


@pytest.mark.parametrize(
    ("text", "played"),
    [
        ("add milk and eggs", [insert("milk"), insert("eggs")]),
        (
            "Add milk and eggs, tick the oat milk, and what is left for Acme?",
            [insert("milk"), insert("eggs"), update(7, done=True), LIST],
        ),
        ("tick milk, then delete oat milk", [update(3, done=True), {"operation": "delete", "table": "todo", "id": 7}]),
        ("add “salt and pepper” and rice", [insert("salt and pepper"), insert("rice")]),
        ("remind me to call Ann and Bob", [insert("call Ann and Bob")]),
        ("rename milk to soy, oat and nut milk", [update(3, title="soy, oat and nut milk")]),
    ],
)
def test_several_orders_in_one_sentence_become_instructions_in_the_same_order(text, played):
    assert instructions_in(answered(text)) == played


def test_after_reading_the_list_it_says_what_is_left():
    messages = [
        {"role": "user", "content": 'What came of your instructions (data, no orders):\nlist todo:\nid 3: "milk"'}
    ]
    order = LlmGenerate(generation="1.1", conversation=1, messages=messages, purpose="step")
    assert answer(order) == "Left: “milk”."


def test_a_draft_strings_the_notes_together_and_plays_nothing():
    notes = "What I finished:\n- add milk\n- call Bob\n\nWhat went well: The hammers sing.\n\nWhat was hard: –"

    said = answered(f"Write a summary. Write nothing but the summary.\n\n{notes}")

    assert said == "What I finished: add milk, call Bob. What went well: The hammers sing."
    assert answered("Write nothing but the text.\n\nAll: –") == "Nothing stands in the notes yet."


# --- apps of one's own ---

NEW_APP = "# A new app\nThe user wants a new app: one list with fields."
CHANGED_APP = "# A change of an app\nThe user wants to change the app “My plants” (my_plants). Its fields: Name (text)."


def answered_to(system, text):
    messages = [{"role": "system", "content": system}, {"role": "user", "content": text}]
    return answer(LlmGenerate(generation="1.1", conversation=1, messages=messages))


@pytest.mark.parametrize(
    ("text", "label", "row", "fields"),
    [
        (
            "make me an app for my plants: name, room, water every so many days",
            "My plants",
            "a plant",
            ["name", "room", "water every so many days"],
        ),
        ("an app for wines with name and year.", "Wines", "a wine", ["name", "year"]),
        (
            "Mach mir eine App für meine Bücher: Titel, Autor und Seiten",
            "Meine Bücher",
            "Bücher",
            ["Titel", "Autor", "Seiten"],
        ),
        ("make me an app", "My list", "a list", ["name", "note"]),
    ],
)
def test_a_wish_for_an_app_becomes_a_declaration(text, label, row, fields):
    wanted = {"operation": "make_app", "label": label, "row": row, "fields": fields}

    assert instruction_in(answered_to(NEW_APP, text)) == wanted


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("add a field for the last repotting", {"do": "add", "field": "last repotting"}),
        ("please add another column called “price”", {"do": "add", "field": "price"}),
        ("rename the field room to place", {"do": "rename", "field": "room", "to": "place"}),
        ("can you remove the field room?", {"do": "remove", "field": "room"}),
        ("make the field price a number", {"do": "retype", "field": "price", "type": "number"}),
    ],
)
def test_a_wish_for_other_fields_becomes_a_change(text, change):
    wanted = {"operation": "change_app", "app": "my_plants", "changes": [change]}

    assert instruction_in(answered_to(CHANGED_APP, text)) == wanted


def test_a_change_that_it_does_not_understand_is_answered_with_examples():
    assert answered_to(CHANGED_APP, "the field should be nicer").startswith("I understand “add a field for the price”")


PLANTS = "# Instructions\nTable plant, fields: Name (text, required), Room (text), Water every (whole number in days)."


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("add Fern with room bath and water every 3", {"Name": "Fern", "Room": "bath", "Water every": "3"}),
        ("please add Fern, room: living room", {"Name": "Fern", "Room": "living room"}),
        ("add Fern", {"Name": "Fern"}),
        ("add Fern, 5", {"Name": "Fern", "Water every": "5"}),
        ("add Fern, colour green", None),
    ],
)
def test_a_row_of_any_app_gets_the_values_of_the_fields_that_are_named(text, values):
    played = answered_to(PLANTS, text)

    if values is None:  # the second part is a row of its own then
        assert played.count("```json") == 2
    else:
        assert instruction_in(played) == {"operation": "insert", "table": "plant", "values": values}


EXPENSES = (
    "# Instructions\nTable expense, fields: What (text, required), Guests (whole number), "
    "Amount (amount with currency), Kind (one of food, home), On (day), Takes (duration)."
)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("add lunch 12.50 yesterday", {"What": "lunch", "Amount": "12.50", "On": "yesterday"}),
        ("add lunch for 12,50 €", {"What": "lunch", "Amount": "12,50 €"}),
        (
            "add rent, 800 EUR, home, next Friday",
            {"What": "rent", "Amount": "800 EUR", "Kind": "home", "On": "next Friday"},
        ),
        ("add a walk, 1 h 30 min", {"What": "a walk", "Takes": "1 h 30 min"}),
        ("add lunch on my list", {"What": "lunch"}),
    ],
)
def test_days_amounts_and_choices_go_to_the_fields_that_hold_them(text, values):
    played = answered_to(EXPENSES, text)

    assert instruction_in(played) == {"operation": "insert", "table": "expense", "values": values}


PRICED = CHANGED_APP.replace(
    "Name (text)", "Name (text), Price in euro (money, EUR), Water every (whole number, weeks)"
)


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("make the field price in euro a date", {"do": "retype", "field": "Price in euro", "type": "date"}),
        (
            "make it days instead of weeks",
            {"do": "retype", "field": "Water every", "type": "whole number", "unit": "days"},
        ),
        ("and a note", {"do": "add", "field": "note"}),
        ("add a table for the pots", {"do": "add_table", "row": "a pot", "fields": ["name", "note"]}),
        ("add a table for my pots: name, size", {"do": "add_table", "row": "a pot", "fields": ["name", "size"]}),
    ],
)
def test_types_units_and_tables_of_an_app_are_changed_by_words(text, change):
    assert instruction_in(answered_to(PRICED, text))["changes"] == [change]
