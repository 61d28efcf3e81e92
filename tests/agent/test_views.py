"""The model opens a view: what it may write, what it is told, and what the rehearsal player plays."""

import pytest

from apps.shown.view import View
from apps.tables import Field, Table
from bus.messages import LlmGenerate
from llm_worker.rehearsal.rules import answer
from services.agent.parse.arguments import BadInstruction
from services.agent.parse.instructions import Scope, check
from services.agent.prompt.syntax import manual, tools

EXPENSE = Table(
    "expense",
    (
        Field("what", required=True),
        Field("amount", "money"),
        Field("kind", choices=("food", "home")),
        Field("bought", "date"),
    ),
    label="an expense",
    views=(View("table", name="costs", label="Costs", sort="-amount"),),
)
NOTE = Table("note", (Field("text", required=True),))
SCOPE = Scope(
    "expenses", (EXPENSE,), ("expenses", "notes"), elsewhere=(NOTE,), shown={"expenses": EXPENSE, "notes": NOTE}
)


@pytest.mark.parametrize(
    ("instruction", "app", "look"),
    [
        ({"operation": "open", "view": "calendar"}, "expenses", {"view": "calendar"}),
        ({"operation": "open", "app": "Expenses", "view": "Calendar"}, "expenses", {"view": "calendar"}),
        ({"operation": "show", "table": "expense", "view": "board"}, "expenses", {"view": "board"}),
        ({"operation": "open", "view": "costs", "group": "Kind"}, "expenses", {"view": "costs", "group": "kind"}),
        (
            {"operation": "open", "view": "chart", "sum": "amount", "over": "kind"},
            "expenses",
            {"view": "chart", "over": "kind"},
        ),
        (
            {"operation": "open", "view": "table", "columns": ["what", "amount"]},
            "expenses",
            {"view": "costs", "columns": "what,amount"},
        ),
        ({"operation": "open", "app": "notes", "view": "list"}, "notes", {}),
        ({"operation": "open", "app": "notes"}, "notes", None),
    ],
)
def test_an_instruction_opens_a_view(instruction: dict[str, object], app: str, look: dict[str, str] | None):
    step = check(instruction, SCOPE)
    assert (step.operation, step.app) == ("open", app)
    assert step.look == look


@pytest.mark.parametrize(
    ("instruction", "sentence"),
    [
        ({"operation": "open", "view": "map"}, "There is no view “map” of expense. There are: list, costs, calendar"),
        ({"operation": "open", "app": "notes", "view": "calendar"}, "There is no view “calendar” of note"),
        ({"operation": "open", "view": "board", "by": "what"}, "`by` is what, which is text."),
        ({"operation": "open", "app": "elsewhere", "view": "table"}, "There is no app 'elsewhere'."),
    ],
)
def test_a_view_that_is_not_there_is_refused_with_a_sentence(instruction: dict[str, object], sentence: str):
    with pytest.raises(BadInstruction) as refused:
        check(instruction, SCOPE)
    assert sentence in str(refused.value)


def test_a_model_is_told_the_views_of_rows_that_have_more_than_every_table():
    told = manual((EXPENSE,), ("expenses",))
    assert 'The page can show the rows as list, costs, calendar, board, chart: {"operation": "open", "view": "' in told
    assert "The page can show" not in manual((NOTE,), ("notes",))
    [tool] = [one for one in tools((EXPENSE,), ("expenses",)) if one["function"]["name"] == "open"]
    views = tool["function"]["parameters"]["properties"]["view"]["enum"]
    assert views == ["list", "costs", "calendar", "board", "chart"]


@pytest.mark.parametrize(
    ("said", "instruction"),
    [
        ("show it as a calendar", '{"operation": "open", "view": "calendar"}'),
        ("Please show me the expenses as a table.", '{"operation": "open", "app": "expenses", "view": "table"}'),
        ("show my notes in a list", '{"operation": "open", "app": "notes", "view": "list"}'),
    ],
)
def test_the_rehearsal_player_shows_rows_in_another_way(said: str, instruction: str):
    system = "# The open app: expenses\n\n" + manual((EXPENSE,), ("expenses", "notes"))
    messages = [{"role": "system", "content": system}, {"role": "user", "content": said}]
    order = LlmGenerate(generation="1.1", conversation=1, model="", messages=messages)
    assert instruction in answer(order)
