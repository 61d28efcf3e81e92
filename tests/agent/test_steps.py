"""The assistant sees the step of a workflow that is in view, and proposes what to fill in; it writes nothing else."""

from collections.abc import Iterator

import pytest

from apps.work.runs import begun
from apps.workflows.store import WEEKLY_REVIEW
from tests.support.model_replies import instruction
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import System
from tests.support.user import Row, User, running, visit

KEY = "weekly_review-abcdef"


@pytest.fixture(scope="module")
def module_system() -> Iterator[tuple[OllamaDouble, System]]:
    with OllamaDouble() as double, running(double) as system:
        yield double, system


async def run_at_words(user: User, key: str) -> Row:
    """Begin a run that has come to its first step with a form; return it."""
    step = next(one for one in WEEKLY_REVIEW.steps if one.fields)
    values = begun(WEEKLY_REVIEW) | {"step": step.id, "turn": 2}
    return (await user.order("update", "workflow_run", id=key, values=values))[0]


async def stored(user: User, key: str) -> Row:
    return (await user.order("get", "workflow_run", id=key))[0]


def field_of(run: Row) -> str:
    step = WEEKLY_REVIEW.step(run["step"])
    assert step
    return step.fields[0].name


def test_what_is_asked_for_is_proposed_beside_what_the_user_typed(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        run = await run_at_words(user, KEY)
        name = field_of(run)
        await user.set("app", "workflows")
        await user.update("workflow_run", KEY, draft={name: "half a sentence"})
        double.play(speech(instruction(operation="update", table="workflow_run", id=KEY, values={name: "We shipped."})))
        await user.say("what would you write here? Suggest something")
        card = await user.row(role="action", conversation=user.conversation, state="applied")
        assert card["text"].endswith(f"({name}: “We shipped.”).")
        told = double.chats[0].body["messages"][-1]["content"]
        assert "# The step in view" in told
        assert f"- {name}" in told
        assert '"half a sentence"' in told
        now = await stored(user, KEY)
        assert (now["proposed"], now["draft"]) == ({name: "We shipped."}, {name: "half a sentence"})
        await user.set("app", "todo")

    visit(shared, play)


def test_what_was_not_asked_for_waits_for_consent_and_for_the_same_step(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        run = await run_at_words(user, f"{KEY}2")
        name = field_of(run)
        await user.set("app", "workflows")
        written = speech(
            instruction(operation="update", table="workflow_run", id=f"{KEY}2", values={"proposed": {name: "Good."}})
        )
        double.play(written, written)
        await user.say("this week was fine")
        card = await user.row(role="action", conversation=user.conversation, state="proposed")
        assert card["detail"]["reasons"] == ["You did not ask for a proposal."]
        await user.update("workflow_run", f"{KEY}2", turn=3)
        await user.update("message", card["id"], state="agreed")
        refused = await user.row(id=card["id"], state="refused")
        assert "was changed meanwhile" in refused["problem"]
        assert (await stored(user, f"{KEY}2"))["proposed"] == {}
        await user.set("app", "todo")

    visit(shared, play)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"proposed": {"odd": "x"}}, "has no field 'odd'"),
        ({"step": "report", "turn": 9}, "In a run only `proposed` is set"),
    ],
)
def test_nothing_else_of_a_run_is_written(shared: System, double: OllamaDouble, values: Row, says: str) -> None:
    async def play(user: User) -> None:
        key = f"{KEY}3"
        before = await run_at_words(user, key)
        await user.set("app", "workflows")
        double.play(
            speech(instruction(operation="update", table="workflow_run", id=key, values=values)), speech("Sorry.")
        )
        step = await user.answer(await user.say("suggest something"), purpose="step")
        assert says in step["detail"]["feedback"]
        assert await stored(user, key) == before
        await user.set("app", "todo")

    visit(shared, play)
