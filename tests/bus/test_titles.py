"""What people call a model: our own players by the titles on their cards."""

import pytest
from fastcore.xml import to_xml

from bus.messages import LlmListed
from bus.servers.tables import RECOMMENDED_MODEL
from bus.servers.titles import called, titles
from llm_worker.player_cards import read_cards
from services.cli.banner import describe_player
from web.files.talks.format import author as author_in_file
from web.html.chat.chat import article
from web.html.chat.progress import progress_words
from web.html.printed import author as author_on_paper
from web.state.turns import Progress

PLAYER = "embedded/pianola-player-0.5b"
TITLE = "Pianola's player 0.5B"
ANSWER = {
    "id": 1,
    "conversation": 1,
    "role": "assistant",
    "purpose": "chat",
    "state": "done",
    "text": "Done.",
    "thinking": "",
    "reply_to": 0,
    "attempt": 1,
    "model": PLAYER,
    "problem": "",
    "detail": {"instead_of": "embedded/pianola-player-135m"},
    "created": 0,
}


def test_each_player_is_called_as_its_card_says() -> None:
    assert titles() == {card.name: card.title for card in read_cards()[0]}


@pytest.mark.parametrize("name", [PLAYER, "pianola-player-0.5b", f"{PLAYER}:latest", "lab/pianola-player-0.5b"])
def test_a_player_has_its_title_whichever_server_plays_it(name: str) -> None:
    assert called(name) == TITLE


@pytest.mark.parametrize("name", ["", "rehearsal", RECOMMENDED_MODEL, "embedded/qwen2.5-coder-0.5b", "hf.co/a/b:Q4"])
def test_any_other_model_keeps_its_name(name: str) -> None:
    assert called(name) == name


def test_people_never_read_the_name_of_a_player() -> None:
    listed = LlmListed(player="server", default=PLAYER, models=[{"name": PLAYER}])
    shown = (
        to_xml(article(ANSWER, {})),
        progress_words(Progress("loading", PLAYER)),
        author_in_file(ANSWER),
        author_on_paper(ANSWER),
        describe_player(listed, ""),
    )

    for words in shown:
        assert TITLE in words.replace("&#x27;", "'").replace("&#39;", "'")
    assert "“Pianola's player 135M” is not there" in shown[0].replace("&#x27;", "'")
