"""Permissions: offered after the third yes, and what `ask`, `allow` and `never` do beside the setting and the words."""

from collections.abc import Iterator

import pytest

from apps.core import JOB
from apps.registry import load_apps
from bus.messages import AgentActed
from services.agent.act.permissions.rules import Permissions
from services.agent.act.planned import PlannedChange
from services.agent.parse.instructions import Step
from services.agent.parse.jobs import AppJob, Work
from tests.support.model_replies import adding, instruction
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import System
from tests.support.user import Row, User, running, visit

REGISTRY = load_apps()


@pytest.mark.parametrize(
    ("operation", "table", "kind"),
    [
        ("insert", "todo", ("todo", "insert")),
        ("toggle", "todo", ("todo", "update")),
        ("sort", "todo", ("todo", "update")),
        ("delete", "todo", ("todo", "delete")),
        ("make_app", "app", None),
        ("insert", "message", None),
    ],
)
def test_a_change_is_of_one_kind_in_the_app_that_shows_its_rows(operation: str, table: str, kind: object) -> None:
    step = Step(operation, table=REGISTRY.tables[table])

    assert Permissions(REGISTRY).kind(PlannedChange(0, {}, step, {})) == kind


def test_whatever_is_done_with_a_job_is_of_the_kind_run_in_its_app() -> None:
    (crawl, *_) = REGISTRY.apps["links"].jobs
    started = Step("run", table=JOB, work=Work(AppJob("links", crawl), {}))
    ended = Step("cancel", table=JOB, work=Work(named=3))
    permissions = Permissions.of(REGISTRY, [{"app": "links", "operation": "run", "rule": "never"}])

    changes = [PlannedChange(0, {}, started, {}), PlannedChange(0, {}, ended, {"app": "links"})]

    assert [permissions.kind(one) for one in changes] == [("links", "run")] * 2
    assert [permissions.rule(one) for one in changes] == ["never"] * 2
    assert permissions.words_about(changes[0]) == "run jobs in Links"


@pytest.fixture(scope="module")
def module_system() -> Iterator[tuple[OllamaDouble, System]]:
    with OllamaDouble() as double, running(double) as system:
        yield double, system


class Talk:
    """A user in a profile of their own, in which no permission was given yet."""

    def __init__(self, user: User, double: OllamaDouble, profile: int) -> None:
        self.user, self.double, self.profile = user, double, profile

    async def todo(self, title: str) -> Row:
        return await self.user.insert("todo", title=title, profile=self.profile)

    async def titles(self) -> list[str]:
        rows = await self.user.order("list", "todo", where={"profile": self.profile}, sort="position")
        return [row["title"] for row in rows]

    async def order_delete(self, title: str, state: str) -> Row:
        """Order a delete; return its card, which is in this state."""
        row = await self.todo(title)
        self.double.play(speech(instruction(operation="delete", table="todo", id=row["id"])))
        answer = await self.user.answer(await self.user.say(f"delete the {title}"))
        return await self.user.row(role="action", reply_to=answer["id"], state=state)

    async def card(self, state: str) -> Row:
        return await self.user.row(role="action", conversation=self.user.conversation, state=state)

    async def agree(self, card: Row) -> Row:
        await self.user.update("message", card["id"], state="agreed")
        return await self.user.row(id=card["id"], state="applied")

    async def rule(self, operation: str, rule: str) -> None:
        await self.user.insert("permission", app="todo", operation=operation, rule=rule, profile=self.profile)


def talking(shared: System, double: OllamaDouble, work: object) -> None:
    """Run a coroutine function with a `Talk`."""

    async def play(user: User) -> None:
        profile = (await user.insert("profile", name="Me"))["id"]
        await user.set("profile", profile)
        await user.set("app", "todo")
        try:
            await work(Talk(user, double, profile))
        finally:
            await user.set("profile", 1)
            await user.set("app", "todo")
            await user.set("ask", "harmful")

    visit(shared, play)


def test_the_third_yes_of_the_same_kind_offers_a_permission_once(shared: System, double: OllamaDouble) -> None:
    async def play(talk: Talk) -> None:
        kept = []
        for title in ("milk", "eggs", "bread", "rice"):
            card = await talk.agree(await talk.order_delete(title, "proposed"))
            kept.append(card["detail"]["permission"])
        kind = {"app": "todo", "operation": "delete", "label": "Todo"}
        assert kept == [kind, kind, kind | {"state": "offered"}, kind]

    talking(shared, double, play)


def test_a_yes_to_what_the_words_did_not_support_does_not_count(shared: System, double: OllamaDouble) -> None:
    async def play(talk: Talk) -> None:
        eggs = await talk.todo("eggs")
        wrong = instruction(operation="delete", table="todo", id=eggs["id"])
        await talk.todo("milk")
        await talk.user.set("ask", "never")
        double.play(speech(wrong), speech(wrong))
        await talk.user.say("delete the milk")
        card = await talk.agree(await talk.card("proposed"))
        assert "permission" not in card["detail"]

    talking(shared, double, play)


def test_allow_lifts_the_question_and_not_what_the_words_must_support(shared: System, double: OllamaDouble) -> None:
    async def play(talk: Talk) -> None:
        await talk.rule("delete", "allow")
        await talk.order_delete("milk", "applied")
        assert await talk.titles() == []
        eggs, _ = await talk.todo("eggs"), await talk.todo("tea")
        wrong = instruction(operation="delete", table="todo", id=eggs["id"])
        double.play(speech(wrong), speech(wrong))
        await talk.user.say("delete the tea")
        card = await talk.card("proposed")
        assert card["detail"]["reasons"] == ["You named another row."]
        assert await talk.titles() == ["eggs", "tea"]

    talking(shared, double, play)


def test_allow_lifts_the_number_of_rows_and_other_apps(shared: System, double: OllamaDouble) -> None:
    async def play(talk: Talk) -> None:
        await talk.rule("insert", "allow")
        names = ("milk", "eggs", "bread", "rice", "tea", "jam")
        double.play(speech(adding(*names)))
        await talk.user.say(f"add {', '.join(names)}")
        await talk.card("applied")
        await talk.user.set("app", "profiles")
        double.play(speech(adding("salt")))
        await talk.user.say("add salt to todo")
        await talk.user.row(role="action", state="applied", text="Added “salt” to todo.")
        assert await talk.titles() == [*names, "salt"]

    talking(shared, double, play)


def test_never_refuses_with_a_sentence_and_does_nothing(shared: System, double: OllamaDouble) -> None:
    async def play(talk: Talk) -> None:
        await talk.rule("delete", "never")
        asked = len(double.chats)
        card = await talk.order_delete("milk", "refused")
        assert card["text"].startswith("You never let the assistant delete rows in Todo, so nothing was done.")
        assert await talk.titles() == ["milk"]
        assert len(double.chats) == asked + 1
        said = [one for one in talk.user.guest.all(AgentActed) if one.generation == card["generation"]]
        assert [(one.outcome, one.reason) for one in said] == [("refused", card["text"])]

    talking(shared, double, play)


@pytest.mark.parametrize(
    ("setting", "rule", "state"),
    [
        ("always", "allow", "proposed"),
        ("never", "ask", "proposed"),
        ("never", "never", "refused"),
        ("harmful", "allow", "applied"),
    ],
)
def test_of_the_setting_and_a_permission_the_stricter_one_counts(
    shared: System, double: OllamaDouble, setting: str, rule: str, state: str
) -> None:
    async def play(talk: Talk) -> None:
        await talk.user.set("ask", setting)
        await talk.rule("delete", rule)
        await talk.order_delete("milk", state)

    talking(shared, double, play)


def test_the_assistant_gives_itself_no_permission(shared: System, double: OllamaDouble) -> None:
    async def play(talk: Talk) -> None:
        await talk.user.set("app", "permissions")
        values = {"app": "todo", "operation": "delete", "rule": "allow"}
        double.play(*[speech(instruction(operation="insert", table="permission", values=values))] * 3)
        await talk.user.say("add a permission: app todo, operation delete, rule allow")
        card = await talk.card("refused")
        assert "can only be read" in card["text"]
        assert await talk.user.order("list", "permission", where={"profile": talk.profile}) == []

    talking(shared, double, play)
