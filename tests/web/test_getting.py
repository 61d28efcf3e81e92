"""Models are got from the page: what is offered, how far each download is, cancel, going on, and the menu of many."""

import asyncio
import threading
from typing import Any

import pytest
from fastcore.xml import to_xml

from bus.embedded.files import installed
from bus.messages import LlmListed, LlmPull, LlmPulled
from llm_worker.embedded import catalogue
from tests.llm_worker.embedded.test_files import gguf
from tests.support.http_client import Visitor
from tests.support.model_host import ModelHost
from tests.support.needs import needs
from tests.support.ollama_double import Line, Model, OllamaDouble, Tell, Wait, layer, pulling
from tests.support.system import Guest, System, message_of
from web.commands.command import BadCommand
from web.commands.models.pulls import asked_name
from web.html.models.get_dialog import get_list, installed_name, pull_progress
from web.html.models.menu import MOST_SHOWN, SEARCHED_FROM, found_models, model_menu, no_model_hint
from web.state.page_view import PageView
from web.state.pulls import Pull, Pulls
from web.state.words import size_in_words

REHEARSAL = {"name": "rehearsal", "server": "", "loaded": True}
NEW = "new:1b"
TOTAL = 1_000_000


def offer(name: str, **more: Any) -> dict[str, Any]:
    known = {
        "server": "ollama",
        "title": name.title(),
        "size": 2_500_000_000,
        "licence": "Apache-2.0",
        "from": "a.host",
    }
    flags = {"fits": True, "tried": True, "plays": True, "best": False, "address": "", "problem": ""}
    return {"name": name, **known, **flags, **more}


def view(*offers: dict[str, Any], models: Any = (REHEARSAL,), pulls: Pulls | None = None, **more: Any) -> PageView:
    listed = LlmListed(player="rehearsal", default="rehearsal", models=list(models), offers=list(offers))
    return PageView(1, "", "todo", {"todo": ""}, models=listed, pulls=pulls.all if pulls else (), **more)


def told(state: Any, **more: Any) -> Pulls:
    """Return the downloads after one has begun and is in this state."""
    pulls = Pulls()
    pulls.take(LlmPulled(model="a:1b", state="running"), "A 1B")
    pulls.take(LlmPulled(model="a:1b", state=state, **more), "")
    return pulls


# --- what is offered ---


def test_an_offer_says_what_it_is_and_the_advised_one_comes_first() -> None:
    drawn = to_xml(
        get_list(view(offer("talker", plays=False, tried=False), offer("large", fits=False), offer("good", best=True)))
    )
    good, talker, large = drawn.split("<article")[1:]

    for words in ("advised", "fits this machine", "2.5 GB · Apache-2.0 · from a.host"):
        assert words in good
    assert "only talks" in talker
    assert "untried" in talker
    assert "too large" in large
    assert not any(word in good for word in ("untried", "only talks", "too large"))


def test_our_own_players_come_first_and_say_what_they_are_good_at() -> None:
    player = offer("embedded/pianola-player", server="embedded", about="Good at lists. Knows nothing of the world.")
    plain = [offer("a", best=True), offer("embedded/b", server="embedded", best=True)]
    drawn = to_xml(get_list(view(*plain, player)))
    stuck = to_xml(get_list(view(*plain, {**player, "problem": "The engine is not installed."})))

    assert drawn.index("Pianola’s own players") < drawn.index("With Ollama") < drawn.index("Without Ollama")
    assert "Good at lists. Knows nothing of the world." in drawn
    assert stuck.index("Pianola’s own players") > stuck.index("With Ollama")


def test_a_player_that_can_be_got_stands_before_one_that_cannot() -> None:
    stuck = offer("embedded/one", title="With the engine", about="Good.", best=True, problem="Not installed.")
    drawn = to_xml(get_list(view(stuck, offer("one", title="For Ollama", about="Good."))))

    assert drawn.index("For Ollama") < drawn.index("With the engine")


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ({"done": 5, "total": 10, "note": "joining model and player"}, "joining model and player"),
        ({"done": 5, "total": 10, "note": "downloading", "host": "a.host"}, "from a.host"),
        ({"done": 5, "total": 10, "note": "pulling 0a1b2c3d4e5f"}, "50 %"),
        ({"note": "pulling manifest"}, "pulling manifest"),
    ],
)
def test_a_download_says_what_is_done_now(now: dict[str, Any], words: str) -> None:
    drawn = to_xml(pull_progress(Pull(LlmPulled(model="m", state="running", **now), "A model")))

    assert f"{words}</p>" in drawn


def test_a_model_is_called_by_its_title_in_the_menu_and_found_by_it() -> None:
    player = {"name": "embedded/pianola-player", "server": "embedded", "title": "Pianola's player 0.5B", "size": 1}
    listed = LlmListed(player="server", default=player["name"], models=[player, REHEARSAL])
    drawn = to_xml(model_menu(PageView(1, "", "todo", {}, models=listed)))

    assert drawn.count("Pianola&#x27;s player 0.5B") + drawn.count("Pianola's player 0.5B") >= 2
    assert found_models(listed.models, "player 0.5") == [player]


def test_what_all_offers_of_a_server_lack_is_told_once_and_nothing_can_be_clicked() -> None:
    missing = "The engine is not installed. Run `make embedded`."
    embedded = [offer(f"embedded/{name}", server="embedded", problem=missing) for name in ("a", "b")]
    drawn = to_xml(get_list(view(*embedded, offer("c"))))

    assert drawn.count("The engine is not installed.") == 1
    assert drawn.count("disabled") == 2
    assert drawn.index("With Ollama") < drawn.index("Without Ollama")


def test_the_hint_leads_to_a_first_model_only_while_there_is_none() -> None:
    assert " hidden" not in to_xml(no_model_hint(view()))
    assert " hidden" in to_xml(no_model_hint(view(models=[REHEARSAL, {"name": "a"}])))
    assert " hidden" in to_xml(no_model_hint(PageView(1, "", "todo", {})))


# --- a download ---


def test_a_download_tells_bytes_percent_and_host() -> None:
    drawn = to_xml(get_list(view(pulls=told("running", done=1_200_000_000, total=2_500_000_000, host="cdn.example"))))

    assert "1.2 GB of 2.5 GB · 48 % · from cdn.example" in drawn
    assert 'value="1200000000"' in drawn
    assert "Cancel" in drawn
    assert "value=" not in to_xml(get_list(view(pulls=told("running", note="pulling manifest")))).split("<footer")[0]


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_what_broke_off_can_go_on(state: str) -> None:
    drawn = to_xml(get_list(view(offer("a:1b"), pulls=told(state, problem="The disk is full." * (state == "failed")))))

    assert "Go on" in drawn
    assert ("The disk is full." in drawn) == (state == "failed")
    assert ("What has come is kept." in drawn) == (state == "cancelled")
    assert "Cancel</button>" not in drawn


def test_what_is_here_can_be_used_as_soon_as_it_is_listed() -> None:
    here = {"name": "a:1b", "server": "ollama"}

    assert "disabled" in to_xml(get_list(view(pulls=told("done"))))
    assert "disabled" not in to_xml(get_list(view(models=[here], pulls=told("done"))))
    assert installed_name(view(models=[{"name": "new:latest"}]).models, "new") == "new:latest"


def test_what_is_over_when_it_is_first_heard_of_is_left_out() -> None:
    pulls = Pulls()

    assert not pulls.take(LlmPulled(model="a", state="failed", problem="No."), "A")
    assert pulls.all == ()


def test_a_download_of_what_nobody_can_have_asked_for_is_left_out() -> None:
    pulls = Pulls()

    assert not pulls.take(LlmPulled(model="y" * 201, state="running"), "")
    assert pulls.take(LlmPulled(model="y" * 200, state="running"), "")


def test_only_what_has_ended_is_put_away_and_the_list_stays_short() -> None:
    pulls = told("running")
    pulls.forget("a:1b")
    for number in range(30):
        pulls.take(LlmPulled(model=f"m{number}", state="running"), "")
        pulls.take(LlmPulled(model=f"m{number}", state="done"), "")

    assert len(pulls.all) == 20
    assert pulls.all[0].model == "a:1b"
    assert pulls.break_off("Ended.")
    pulls.forget("a:1b")
    assert pulls.of("a:1b") is None


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (" qwen3:4b ", "qwen3:4b"),
        ("ollama pull qwen3:4b", "qwen3:4b"),
        ("$ ollama run qwen3", "qwen3"),
        ("https://ollama.com/library/qwen3:4b", "qwen3:4b"),
        ("https://ollama.com/someone/model", "someone/model"),
    ],
)
def test_a_name_is_taken_as_people_copy_it(typed: str, name: str) -> None:
    assert asked_name(typed) == name


@pytest.mark.parametrize("typed", ["", "  ", "ollama pull ", "a\nb", "x" * 300])
def test_what_is_no_name_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(BadCommand, match="for example qwen3:4b-instruct"):
        asked_name(typed)


# --- a menu of many ---

MANY = [REHEARSAL, *({"name": f"lab/model-{number}:7b", "server": "lab"} for number in range(1_000))]


def test_a_menu_of_a_thousand_shows_some_and_says_how_many_are_not_shown() -> None:
    drawn = to_xml(model_menu(view(models=MANY, settings={"model": "lab/model-777:7b"})))

    assert drawn.count("<li>") == MOST_SHOWN
    assert "981 more models are not shown. Search for a part of the name." in drawn
    assert drawn.index("lab/model-777:7b") < drawn.index("lab/model-1:7b")
    assert len(drawn) < 60_000


def test_the_search_takes_several_words_and_says_when_nothing_is_found() -> None:
    found = to_xml(model_menu(view(models=MANY, model_words="LAB 77")))

    assert found.count("<li>") == 19
    assert "not shown" not in found
    assert "No model has all these words" in to_xml(model_menu(view(models=MANY, model_words="zz")))


def test_few_models_need_no_search() -> None:
    assert "model-search" not in to_xml(model_menu(view(models=MANY[:SEARCHED_FROM])))


# --- in the running page ---


def drawn_with(*words: str) -> Any:
    return lambda frame: frame.startswith("<") and all(word in frame for word in words)


def test_a_download_is_seen_in_every_tab_and_after_a_reload_and_goes_on_after_cancel() -> None:
    arrived, never = threading.Event(), threading.Event()
    with OllamaDouble(Model("old:1b")) as double, System({"OLLAMA_HOST": double.url}) as system:
        system.start("broker", "store", "llm_worker", "web")
        visitor = Visitor(system)
        double.play_pull([layer(NEW, TOTAL // 2, TOTAL), Tell(arrived), Wait(never)], pulling(NEW, 2))

        async def play(guest: Guest) -> None:
            async with visitor.tab() as tab, visitor.tab() as other:
                assert await tab.command("model-get", model=f"ollama pull {NEW}", typed="yes") == ""
                await tab.until(lambda frame: 'id="get-model-form"' in frame)  # empty again
                await other.until(drawn_with("500 kB of 1 MB · 50 %"))
                reloaded = await asyncio.to_thread(visitor.page)
                assert "500 kB of 1 MB · 50 %" in reloaded

                assert await other.command("model-get-stop", model=NEW) == ""
                await tab.until(drawn_with("Cancelled at 500 kB of 1 MB", "Go on"))
                async with visitor.tab(reloaded) as third:  # its page was sent before that
                    await third.until(drawn_with("Cancelled at 500 kB of 1 MB"))
                assert await other.command("model-get", model=NEW) == ""
                await tab.until(drawn_with("It is here.", "Use it"))
                await guest.until(message_of(LlmPulled, state="done"))
                assert await tab.command("set", key="model", value=NEW) == ""
                await other.until(drawn_with('id="model-menu"', f'<span class="chosen">{NEW}</span>'))
                assert await tab.command("model-get-forget", model=NEW) == ""
                assert NEW not in (await asyncio.to_thread(visitor.page)).partition('id="get-list"')[2]

        system.visit(play)
    assert arrived.is_set()
    assert [chat.body["model"] for chat in double.pulls] == [NEW, NEW]


def test_a_model_without_ollama_is_got_and_the_host_that_sends_it_is_named() -> None:
    needs(installed(), "no xllamacpp: run `make embedded`")
    card = catalogue.CARDS[1]
    name, content = f"embedded/{card.name}", gguf() + bytes(300_000)
    with ModelHost(content, hold_at=50_000) as host, System({"PIANOLA_MODEL_HOST": host.url}) as system:
        system.start("broker", "store", "llm_worker", "web")
        visitor = Visitor(system)

        async def play(_guest: Guest) -> None:
            async with visitor.tab() as tab:
                assert host.heard == []
                assert await tab.command("model-get", model=name) == ""
                await tab.until(drawn_with(f"of {size_in_words(len(content))}", "from 127.0.0.1"))
                host.go.set()
                await tab.until(drawn_with("It is here.", f'"value": "{name}"'))
                await tab.until(drawn_with('id="model-menu"', name))

        system.visit(play)


def test_what_cannot_begin_or_fails_is_told_in_the_dialog() -> None:
    with OllamaDouble(Model("old:1b")) as double, System({"OLLAMA_HOST": double.url}) as system:
        system.start("broker", "store", "llm_worker", "web")
        visitor = Visitor(system)
        double.play_pull([Line({"error": "pull model manifest: file does not exist"})])

        async def play(guest: Guest) -> None:
            async with visitor.tab() as tab:
                assert await tab.command("model-get", model="../x", typed="yes") == ""
                await tab.until(drawn_with("get-model-problem", "is no name of a model"))
                assert not any('id="get-model-form"' in frame for frame in tab.frames)  # the name stays
                assert guest.all(LlmPulled, state="running") == []
                assert await tab.command("model-get", model=NEW) == ""
                await tab.until(drawn_with("Is the name right?", "Go on"))

        system.visit(play)
    assert len(double.pulls) == 1


def test_a_download_whose_worker_was_killed_can_go_on() -> None:
    never = threading.Event()
    with OllamaDouble(Model("old:1b")) as double, System({"OLLAMA_HOST": double.url}) as system:
        system.start("broker", "store", "llm_worker", "web")
        visitor = Visitor(system)
        double.play_pull([layer(NEW, TOTAL // 2, TOTAL), Wait(never)])

        async def play(_guest: Guest) -> None:
            async with visitor.tab() as tab:
                assert await tab.command("model-get", model=NEW) == ""
                await tab.until(drawn_with("50 %"))
                system.kill("llm_worker")
                system.launch("llm_worker")
                await tab.until(drawn_with("The process that got it has ended", "Go on"))

        system.visit(play)


def test_nothing_is_begun_unasked() -> None:
    with System() as system:
        system.start("broker", "store", "llm_worker", "web")
        visitor = Visitor(system)

        async def play(guest: Guest) -> None:
            async with visitor.tab() as tab:
                assert await tab.command("models-search", words="x") == ""
                assert await tab.command("set", key="mode", value="quiet") == ""
                assert guest.all(LlmPull) == []

        system.visit(play)
