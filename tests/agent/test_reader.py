"""Words are read for whom the answer is: “tomorrow” is a day of their zone, “1.234 €” what their language means."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.tables import Field, Table
from apps.types.reader import HERE, Reader, reader_from
from services.agent.act.proposals import as_shown
from services.agent.grounding.values import is_said
from services.agent.parse.arguments import fitted
from services.agent.parse.instructions import Scope, check
from services.agent.prompt.row_lines import row_line
from tests.support.model_replies import instruction
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import System
from tests.support.user import Row, User, running, visit

EARLY, LATE = "Pacific/Kiritimati", "Pacific/Pago_Pago"
"""Their clocks are 25 hours apart: it is never the same day in both."""
TRIP = Table("trip", (Field("title", required=True), Field("meets", "moment"), Field("price", "money", unit="EUR")))


@pytest.fixture(scope="module")
def module_system() -> Iterator[tuple[OllamaDouble, System]]:
    with OllamaDouble() as double, running(double) as system:
        yield double, system


def day(zone: str, ahead: int = 0) -> str:
    return (datetime.now(ZoneInfo(zone)) + timedelta(days=ahead)).date().isoformat()


async def ask(user: User, text: str, zone: str) -> Row:
    """Say something as the page does for a reader in a zone."""
    detail = {"reader": Reader("en", ZoneInfo(zone)).as_values}
    return await user.insert("message", conversation=user.conversation, role="user", text=text, detail=detail)


@pytest.mark.parametrize("zone", [EARLY, LATE])
def test_tomorrow_is_the_day_of_the_readers_zone(shared: System, double: OllamaDouble, zone: str) -> None:
    async def play(user: User) -> None:
        values = {"title": "call the bank", "due": "tomorrow"}
        double.play(speech(instruction(operation="insert", table="todo", values=values)))
        await ask(user, "remind me to call the bank tomorrow", zone)
        await user.row(role="action", conversation=user.conversation, state="applied")
        (row,) = await user.order("list", "todo")
        assert row["due"] == day(zone, 1)
        today = datetime.now(ZoneInfo(zone))
        assert f"# Today\n{today:%A}, {today.day} {today:%B %Y}" in str(double.chats[0].body["messages"][-1]["content"])

    visit(shared, play)


@pytest.mark.parametrize("zone", [EARLY, LATE])
def test_a_proposal_is_carried_out_with_the_day_that_its_card_shows(
    shared: System, double: OllamaDouble, zone: str
) -> None:
    async def play(user: User) -> None:
        await user.set("ask", "always")
        rent = await user.insert("todo", title="pay the rent", profile=1)
        new, moved = {"title": "call the bank", "due": "tomorrow"}, {"due": "tomorrow"}
        said = instruction(operation="insert", table="todo", values=new)
        said += instruction(operation="update", table="todo", id=rent["id"], values=moved)
        double.play(speech(said))
        await ask(user, "call the bank tomorrow, and move the rent to tomorrow", zone)
        card = await user.row(role="action", conversation=user.conversation, state="proposed")
        assert [one["after"]["due"] for one in card["detail"]["would"]] == [day(zone, 1)] * 2
        await user.update("message", card["id"], state="agreed")
        await user.row(id=card["id"], state="applied")
        await user.set("ask", "harmful")
        assert [row["due"] for row in await user.order("list", "todo")] == [day(zone, 1)] * 2

    visit(shared, play)


def test_a_question_that_waits_keeps_its_reader(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        values = {"title": "milk", "due": "today"}
        double.play(speech(instruction(operation="insert", table="todo", values=values)))
        detail = {"reader": {"locale": "", "zone": EARLY}}
        await user.insert("waiting_message", conversation=user.conversation, text="buy milk today", detail=detail)
        await user.row(role="action", conversation=user.conversation, state="applied")
        assert [row["due"] for row in await user.order("list", "todo")] == [day(EARLY)]

    visit(shared, play)


@pytest.mark.parametrize(
    ("locale", "said", "value"),
    [
        ("de", "1.234 €", "1234 EUR"),
        ("en", "1.234 EUR", "1.234 EUR"),
        ("de", "1.234,50", "1234.50 EUR"),
        ("de", 1.234, "1.234 EUR"),  # JSON has one way to write a number
    ],
)
def test_an_amount_is_read_as_its_readers_language_writes_it(locale: str, said: object, value: str) -> None:
    assert fitted(TRIP.all_fields["price"], said, Reader(locale)) == value


def test_a_moment_is_told_on_the_clocks_of_the_reader_and_read_on_the_same() -> None:
    row = {"id": 3, "title": "Zoo", "meets": "2026-12-03T14:00:00+00:00[Europe/London]", "price": None}
    tokyo = Reader("", ZoneInfo("Asia/Tokyo"))

    assert row_line(row, TRIP, reader=tokyo) == 'id 3: "Zoo", meets: 2026-12-03 23:00'
    values = {"operation": "update", "table": "trip", "id": 3, "values": {"meets": "2026-12-03 23:00"}}
    order = check(values, Scope("trips", (TRIP,), ("trips",), reader=tokyo)).order
    assert order is not None
    assert order.values["meets"] == "2026-12-03T23:00:00+09:00[Asia/Tokyo]"


def test_a_day_counts_as_said_where_it_is_that_day() -> None:
    due = Field("due", "date")

    assert is_said(day(EARLY, 1), due, "move it to tomorrow", reader=Reader("", ZoneInfo(EARLY)))
    assert not is_said(day(EARLY, 1), due, "move it to tomorrow", reader=Reader("", ZoneInfo(LATE)))


def test_a_reader_that_is_not_known_has_the_zone_of_this_machine() -> None:
    assert reader_from(None) == reader_from({"zone": "Nowhere/At_all"}) == reader_from("x") == HERE
    assert reader_from(Reader("de", ZoneInfo(EARLY)).as_values) == Reader("de", ZoneInfo(EARLY))


def test_a_card_decides_what_a_row_is_moved_behind() -> None:
    todo = Table("todo", (Field("title", required=True),), sortable=True)
    written = {"operation": "sort", "table": "todo", "id": 1, "after": 7}
    step = check(written, Scope("todo", (todo,), ("todo",)))

    shown = as_shown(step, {"operation": "sort", "before": {"id": 1}, "after": {"id": 1, "after": 3}})

    assert shown.order is not None
    assert shown.order.values == {"after": 3}
