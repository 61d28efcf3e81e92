"""Which model answers, which one remarks, and how each is asked."""

from typing import Any

import pytest

from apps.models import billions_of, calls_tools
from bus.messages import LlmListed
from services.agent.state.live_query import LiveQueries
from services.agent.state.models import Chosen, ModelChooser
from tests.support.system import run_apart

SMALL = {"name": "qwen:1.5b", "local": True, "context": 32_768, "capabilities": ["completion", "tools", "thinking"]}
LARGE = {"name": "llama3.1:8b", "local": True, "context": 131_072, "capabilities": ["completion", "tools"]}
FAR = {"name": "cloud/opus", "local": False, "context": 200_000, "capabilities": ["completion", "tools"]}


class Settings(LiveQueries):
    """Queries whose settings are given."""

    def __init__(self, player: str = "ollama", **settings: Any) -> None:
        self._given = settings
        self.listed = LlmListed(player=player, default="qwen:1.5b", models=[SMALL, LARGE, FAR])  # type: ignore[arg-type]

    async def settings(self) -> dict[str, Any]:
        return self._given


def remarking(**settings: Any) -> str | None:
    chosen = run_apart(ModelChooser(Settings(**settings)).remarking())
    return chosen.name if chosen else None


def test_remarks_never_go_to_another_machine_unless_the_user_says_so() -> None:
    assert remarking() == "qwen:1.5b"
    assert remarking(model="llama3.1:8b") == "llama3.1:8b"
    assert remarking(model="llama3.1:8b", remark_model="qwen:1.5b") == "qwen:1.5b"
    assert remarking(model="cloud/opus") == "qwen:1.5b"
    assert remarking(model="cloud/opus", player="rehearsal") is None
    assert remarking(model="cloud/opus", remark_model="cloud/opus") == "cloud/opus"


def test_a_chosen_model_that_is_not_there_is_named_beside_the_one_that_answers() -> None:
    def answering(**settings: Any) -> tuple[str, str]:
        chosen = ModelChooser(Settings(**settings)).answering(settings)
        return chosen.name, chosen.instead_of

    assert answering(model="gone:3b") == ("qwen:1.5b", "gone:3b")
    assert answering(model="llama3.1:8b") == ("llama3.1:8b", "")
    assert answering() == ("qwen:1.5b", "")


def test_a_model_is_asked_as_the_user_chose() -> None:
    wishes = {"window": 4_096, "temperature": 0.2, "keep_alive": -1, "most_tokens": 500, "think": True}
    options = Chosen(SMALL, wishes).options("chat")
    assert options == {"num_predict": 500, "num_ctx": 4_096, "temperature": 0.2, "keep_alive": -1, "think": True}
    assert Chosen(SMALL, wishes).options("comment")["think"] is False
    assert Chosen(SMALL, wishes).options("comment")["num_predict"] == 120


@pytest.mark.parametrize(
    ("model", "wishes", "window", "sent"),
    [
        (SMALL, {}, 8_192, 8_192),
        (SMALL, {"window": 10_000_000}, 32_768, 32_768),
        (SMALL | {"window": 4_096}, {}, 4_096, None),
        (SMALL | {"window": 4_096}, {"window": 2_048}, 2_048, 2_048),
        ({"name": "old"}, {}, 4_096, None),
        (SMALL, {"window": "large", "most_tokens": True}, 8_192, 8_192),
    ],
)
def test_the_window_is_the_users_or_the_models_own(
    model: dict[str, Any], wishes: dict[str, Any], window: int, sent: int | None
) -> None:
    chosen = Chosen(model, wishes)
    assert chosen.window == window
    assert chosen.options("chat").get("num_ctx") == sent
    assert chosen.options("chat")["num_predict"] == 2_048


@pytest.mark.parametrize(
    ("name", "billions"), [("qwen2.5:1.5b", 1.5), ("llama3.1:8b-instruct", 8), ("qwen3-coder:30b-a3b", 30), ("opus", 0)]
)
def test_the_size_of_a_model_is_read_from_its_name(name: str, billions: float) -> None:
    assert billions_of({"name": name}) == billions
    assert billions_of({"name": name, "parameters": 3.2}) == 3.2


def test_tools_are_for_large_and_hosted_models_or_the_users_choice() -> None:
    assert not calls_tools(SMALL, {})
    assert calls_tools(LARGE, {})
    assert calls_tools(FAR, None)
    assert calls_tools(SMALL, {"qwen:1.5b": "tools"})
    assert not calls_tools(LARGE, {"llama3.1:8b": "text"})
    assert not calls_tools(LARGE | {"capabilities": ["completion"]}, {})
