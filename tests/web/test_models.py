"""The menu of models, the dialog about one, and the checks of how it is asked."""

import re
import time
from typing import Any

import pytest
from fastcore.xml import to_xml

from bus.messages import LlmListed
from web.html.models.menu import model_menu
from web.html.models.model_dialog import model_dialog
from web.state.model_settings import checked, settings_of, typed, with_settings
from web.state.page_view import PageView

HERE = {
    "name": "qwen3:4b",
    "size": 2_500_000_000,
    "loaded": True,
    "cloud": False,
    "capabilities": ["completion", "tools", "thinking"],
    "context": 32_768,
    "server": "ollama",
    "local": True,
}
AWAY = HERE | {"name": "big/gpt", "server": "big", "local": False, "loaded": False, "size": 0, "capabilities": []}
SERVERS = [
    {"name": "ollama", "kind": "ollama", "address": "http://127.0.0.1:11434", "local": True, "problem": ""},
    {"name": "big", "kind": "openai", "address": "https://api.example.org/v1", "local": False, "problem": ""},
]


def view(model: str = "qwen3:4b", **settings: Any) -> PageView:
    listed = LlmListed(player="ollama", default=model, models=[HERE, AWAY], servers=SERVERS)
    return PageView(revision=1, tab="", app="todo", apps={"todo": ""}, models=listed, settings=settings)


# --- the menu ---


def test_the_menu_says_of_each_model_its_size_what_it_can_and_where_it_runs() -> None:
    first, second = to_xml(model_menu(view())).split("<li>")[1:]

    for words in ("2.5 GB", "thinks", "loaded", "text"):
        assert words in first
    assert "leaves this machine" not in first
    assert "leaves this machine" in second
    assert "are sent to https://api.example.org/v1." in second
    assert ">big<" in second
    assert "loaded" not in second


def test_the_bar_marks_a_model_in_use_that_is_elsewhere() -> None:
    def summary(model: str) -> str:
        return to_xml(model_menu(view(model))).split("</summary>")[0]

    assert "↗" in summary("big/gpt")
    assert "↗" not in summary("qwen3:4b")


def test_a_model_says_until_when_it_is_loaded() -> None:
    def drawn(seconds: float) -> str:
        listed = LlmListed(player="ollama", default="a", models=[HERE | {"loaded_until": time.time() + seconds}])
        return to_xml(model_menu(PageView(revision=1, tab="", app="todo", apps={"todo": ""}, models=listed)))

    assert re.search(r"loaded until (\d\d \w+ \d{4}, )?\d\d:\d\d<", drawn(300))
    assert re.search(r"loaded until \d\d \w+ \d{4}, \d\d:\d\d<", drawn(3 * 24 * 3600))
    assert ">stays loaded<" in drawn(300 * 365 * 24 * 3600)
    assert ">loaded<" in drawn(-5)


def test_a_model_that_only_talks_is_marked_before_it_is_chosen() -> None:
    def drawn(**known: bool) -> str:
        listed = LlmListed(player="ollama", default="qwen3:4b", models=[HERE | known])
        return to_xml(model_menu(PageView(revision=1, tab="", app="todo", apps={"todo": ""}, models=listed)))

    assert ">only talks<" in drawn(plays=False)
    assert ">only talks<" not in drawn(plays=True)
    assert ">only talks<" not in drawn()


def test_a_broken_server_is_named_in_the_menu() -> None:
    servers = [SERVERS[0], SERVERS[1] | {"problem": "The server 'big' refuses the key (401)."}]
    listed = LlmListed(player="ollama", default="qwen3:4b", models=[HERE], servers=servers)
    drawn = to_xml(model_menu(PageView(revision=1, tab="", app="todo", apps={"todo": ""}, models=listed)))

    assert "refuses the key (401)" in drawn


# --- the dialog ---


def test_the_dialog_shows_what_was_chosen() -> None:
    chosen = {"window": 8_192, "temperature": 0.7, "keep_alive": -1, "think": False}
    drawn = to_xml(model_dialog(HERE, view(models={"qwen3:4b": chosen})))

    assert 'value="8192"' in drawn
    assert 'value="0.7"' in drawn
    assert '<option value="-1" selected' in drawn
    assert '<option value="off" selected' in drawn
    assert "32,768 tokens" in drawn
    assert "http://127.0.0.1:11434" in drawn
    assert "It runs on another machine" not in drawn
    assert "It runs on another machine" in to_xml(model_dialog(AWAY, view()))


def test_the_dialog_offers_the_personas_and_shows_one_whose_file_is_gone() -> None:
    personas = [{"name": "sober", "title": "The sober clerk", "words": 40, "problem": ""}]
    chosen = {"qwen3:4b": {"persona": "sober"}}
    assert '<option value="sober" selected' in to_xml(model_dialog(HERE, view(models=chosen, personas=personas)))
    drawn = to_xml(model_dialog(HERE, view(models=chosen, personas=[])))
    assert '<option value="sober" selected' in drawn
    assert "sober (is missing)" in drawn
    assert '<option value="" selected' in to_xml(model_dialog(HERE, view(personas=personas)))


def test_remarks_can_be_given_to_a_model_and_back() -> None:
    assert "Remarks by this model" in to_xml(model_dialog(AWAY, view()))
    given = view(remark_model="big/gpt")
    assert "Remarks by the model that answers" in to_xml(model_dialog(AWAY, given))
    first, second = to_xml(model_menu(given)).split("<li>")[1:]
    assert ">remarks<" in second
    assert ">remarks<" not in first


@pytest.mark.parametrize(
    ("model", "offered"), [(HERE, True), (HERE | {"loaded": False}, False), (AWAY | {"loaded": True}, False)]
)
def test_only_a_model_in_the_memory_of_this_machine_can_be_unloaded(model: dict[str, Any], offered: bool) -> None:
    assert ("Unload it now" in to_xml(model_dialog(model, view()))) == offered


# --- the checks ---


@pytest.mark.parametrize(
    ("sent", "chosen"),
    [
        ({}, {}),
        ({"window": " 8192 ", "temperature": "0,7"}, {"window": 8_192, "temperature": 0.7}),
        ({"window": "16,384"}, {"window": 16_384}),
        ({"most_tokens": "2 048", "think": "on"}, {"most_tokens": 2_048, "think": True}),
        ({"keep_alive": "-1", "think": "off"}, {"keep_alive": -1, "think": False}),
        ({"keep_alive": "0", "temperature": "0"}, {"keep_alive": 0, "temperature": 0.0}),
        ({"keep_alive": "", "think": "", "window": "", "persona": ""}, {}),
        ({"persona": "sober"}, {"persona": "sober"}),
    ],
)
def test_what_people_write_is_understood(sent: dict[str, str], chosen: dict[str, Any]) -> None:
    assert checked(sent, 32_768, ["sober"]) == (chosen, {})


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("temperature", "hot", "“hot” is not possible as a temperature. Write a number from 0 to 2, such as 0.7"),
        ("temperature", "nan", "a number from 0 to 2"),
        ("temperature", "2.1", "a number from 0 to 2"),
        ("window", "0", "“0” is not possible as a window. Write a whole number from 512 to 32,768"),
        ("window", "10000000", "from 512 to 32,768"),
        ("window", "8192.5", "a whole number"),
        ("window", "9" * 40, "a whole number"),
        ("most_tokens", "-5", "a whole number from 16 to 100,000"),
        ("keep_alive", "for ever", "not one of the choices"),
        ("think", "hard", "not one of the choices"),
        ("persona", "pirate", "There is no persona “pirate” (any more)"),
    ],
)
def test_a_bad_value_gets_a_sentence_and_the_others_stay(field: str, text: str, words: str) -> None:
    others = {"most_tokens": "100"} if field != "most_tokens" else {"temperature": "1"}

    chosen, problems = checked(others | {field: text}, 32_768, ["sober"])

    assert field not in chosen
    assert words in problems[field]
    assert len(problems) == 1
    assert chosen


def test_the_largest_window_is_a_million_where_the_model_does_not_say() -> None:
    assert checked({"window": "1000000"}) == ({"window": 1_000_000}, {})
    assert "1,000,000" in checked({"window": "10000000"})[1]["window"]


def test_a_choice_is_kept_by_the_name_of_the_model_and_dropped_when_all_is_default() -> None:
    settings = {"models": {"a": {"window": 512}}}

    assert with_settings(settings, "b", {"think": True}) == {"a": {"window": 512}, "b": {"think": True}}
    assert with_settings(settings, "a", {}) == {}
    assert with_settings({"models": "broken"}, "b", {"think": True}) == {"b": {"think": True}}
    assert settings_of({"models": {"a": 7}}, "a") == {}


@pytest.mark.parametrize("chosen", [{}, {"window": "x", "temperature": True, "keep_alive": "5m", "think": "on"}])
def test_what_others_stored_in_another_form_shows_as_the_default(chosen: dict[str, Any]) -> None:
    assert set(typed(chosen).values()) == {""}


def test_a_player_of_our_own_says_what_it_is_good_at_and_when_it_hands_over() -> None:
    player = HERE | {"name": "embedded/pianola-player-0.5b", "server": "embedded", "form": 1}
    listed = LlmListed(player="server", default=player["name"], models=[player, HERE], servers=SERVERS)
    seen = PageView(revision=1, tab="", app="todo", apps={"todo": ""}, models=listed, settings={"hand_over": "always"})

    first, second = to_xml(model_menu(seen)).split("<li>")[1:]
    assert "lists, not the world" in first
    assert "lists, not the world" not in second
    drawn = to_xml(model_dialog(player, seen))
    assert re.search(r'value="always"[^>]*checked', drawn)
    assert "Questions about the world by this model" not in drawn


def test_a_general_model_can_be_given_the_questions_that_are_beyond_a_player() -> None:
    assert "Questions about the world by this model" in to_xml(model_dialog(HERE, view()))
    given = view(general_model="qwen3:4b")
    assert "Questions about the world by the best model" in to_xml(model_dialog(HERE, given))
    assert "hand_over-switch" not in to_xml(model_dialog(HERE, view()))
    assert ">questions<" in to_xml(model_menu(given))
