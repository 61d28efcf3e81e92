"""Players of our own: their cards, which files are their bases, how they are offered and listed."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from llm_worker.contract import Model
from llm_worker.embedded import shelf
from llm_worker.embedded.catalogue import CARDS, PLAYERS, card_of
from llm_worker.embedded.shelf import Shelf
from llm_worker.listing import as_player
from llm_worker.offers import all_offers, of_card, with_best
from llm_worker.player_cards import FOLDER, BadCard, PlayerCard, check_adapter, read_card, read_cards, sha256_of

GB = 10**9


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one player whose base and adapter are small files."""
    made = tmp_path / "players"
    made.mkdir()
    (made / "small.gguf").write_bytes(b"adapter")
    (tmp_path / "base.gguf").write_bytes(b"the weights")
    card = (FOLDER / "pianola-player-135m.toml").read_text(encoding="utf-8")
    known = read_card(FOLDER / "pianola-player-135m.toml")
    for old, new in (
        (known.name, "small"),
        (known.adapter.file, "small.gguf"),
        (known.adapter.sha256, sha256_of(made / "small.gguf")),
        (known.base.file, "weights.gguf"),
        (known.base.sha256, sha256_of(tmp_path / "base.gguf")),
        ("10_408_352", "7"),
        ("98_362_432", "11"),
    ):
        card = card.replace(old, new)
    (made / "small.toml").write_text(card)
    return made


def test_the_cards_that_ship_are_whole_and_their_bases_can_be_got() -> None:
    cards, problems = read_cards()

    assert [card.name for card in cards] == ["pianola-player-0.5b", "pianola-player-135m"]
    assert problems == []
    known = {card.file: card for card in CARDS}
    for card in cards:
        assert card.base.size == known[card.base.file].size
        assert known[card.base.file].sha256 in ("", card.base.sha256)
        assert card.adapter.size < 20_000_000
        assert card.figures.untaught < card.figures.right <= card.figures.orders


def test_the_adapters_that_are_here_are_those_of_the_cards() -> None:
    for card in read_cards()[0]:
        if card.adapter_path.is_file():
            check_adapter(card)


BAD = {
    "no TOML": ('name = "small"', "name = small", "its card cannot be read"),
    "another name": ('name = "small"', 'name = "other"', "says the name 'other'. Expected 'small'"),
    "a form of later": ("form = 1", "form = 7", "was taught the form 7 of the prompt. This version knows: 1"),
    "a wrong type": ("form = 1", 'form = "1"', "says form = '1'. Expected a whole number"),
    "a list of something else": ('languages = ["English"]', "languages = [1]", "Expected a list of texts"),
    "a part that is none": ("[figures]", "[[figures]]", "Expected a table"),
    "a missing line": ("form = 1", "", "its card lacks form"),
    "a missing line in a part": ("size = 11", "", "[base] of its card lacks size"),
    "a line too many": ("form = 1", "form = 1\ncolour = 2", "its card has 'colour', which no card has"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_card_that_is_wrong_is_told_in_a_sentence(folder: Path, name: str) -> None:
    good, bad, problem = BAD[name]
    file = folder / "small.toml"
    file.write_text(file.read_text().replace(good, bad, 1))

    cards, problems = read_cards(folder)

    assert cards == []
    assert problem in str(problems[0])
    assert str(problems[0]).endswith(f"Get Pianola again, or remove {file}.")


def missing(file: Path) -> None:
    file.unlink()


def shorter(file: Path) -> None:
    file.write_bytes(b"short")


def different(file: Path) -> None:
    file.write_bytes(b"adaptor")


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (missing, "cannot be read (No such file or directory)"),
        (shorter, "has 5 bytes. Expected 7"),
        (different, "has the SHA-256 "),
    ],
)
def test_an_adapter_that_is_not_the_one_of_the_card_is_told(folder: Path, spoil, problem: str) -> None:
    spoil(folder / "small.gguf")

    with pytest.raises(BadCard, match="The player small cannot be used") as told:
        check_adapter(read_card(folder / "small.toml"))

    assert problem in str(told.value)


# --- which files are bases ---


@pytest.fixture
def on_shelf(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(shelf, "read_cards", lambda: read_cards(folder))
    return folder


def player_of(path: Path, models: Path) -> tuple[PlayerCard | None, str]:
    return Shelf(models).player_of(path, path.stat().st_size)


def test_a_base_is_known_by_its_name_and_size_or_by_what_is_in_it(on_shelf: Path, tmp_path: Path) -> None:
    base = tmp_path / "base.gguf"
    other = shutil.copyfile(base, tmp_path / "other.gguf")
    other.write_bytes(b"11 letters.")
    named = tmp_path / "weights.gguf"
    named.write_bytes(b"not looked.")
    longer = tmp_path / "longer.gguf"
    longer.write_bytes(b"the weights and more")

    found = {path.name: player_of(path, tmp_path)[0] for path in (base, other, named, longer)}

    assert {name for name, card in found.items() if card} == {"base.gguf", "weights.gguf"}


def test_what_is_in_a_file_is_looked_at_once(on_shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert player_of(tmp_path / "base.gguf", tmp_path)[0]
    monkeypatch.setattr(shelf, "sha256_of", lambda path: pytest.fail(f"{path} was read again"))

    assert player_of(tmp_path / "base.gguf", tmp_path)[0]


@pytest.mark.parametrize("notes", ["no JSON", "[]", '{"x": 1}'])
def test_notes_that_were_spoiled_are_made_again(on_shelf: Path, tmp_path: Path, notes: str) -> None:
    (tmp_path / ".known.json").write_text(notes)

    assert player_of(tmp_path / "base.gguf", tmp_path)[0]


def test_without_its_adapter_a_player_is_told_and_its_base_is_served_as_it_is(on_shelf: Path, tmp_path: Path) -> None:
    (on_shelf / "small.gguf").unlink()

    card, problem = player_of(tmp_path / "base.gguf", tmp_path)

    assert card is None
    assert "The player small cannot be used: its adapter" in problem


def test_a_base_in_a_folder_that_cannot_be_written_is_known_all_the_same(on_shelf: Path, tmp_path: Path) -> None:
    assert player_of(tmp_path / "base.gguf", tmp_path / "missing")[0]


# --- offers and the list ---


def test_a_player_is_offered_with_what_it_is_good_at_and_what_is_got_is_its_base() -> None:
    offers = {offer.name: offer for offer in all_offers("https://a.host", 16 * GB)}

    for card in PLAYERS:
        offer = offers[f"embedded/{card.name}"]
        assert offer.about.startswith("Good at ")
        assert "nothing of the world" in offer.about
        assert offer.plays
        assert card_of(card.name) is card
        assert card.file in [one.file for one in CARDS]
    assert not any(offer.about for name, offer in offers.items() if name.removeprefix("embedded/") not in str(PLAYERS))


def test_a_player_is_advised_before_a_general_model_that_understands_no_more() -> None:
    general = [of_card(card, "https://a.host") for card in CARDS]
    player = replace(general[2], name="player", about="Good.", comparable_bytes=1_500_000_000)

    assert [one.name for one in with_best([player, *general], 4 * GB) if one.best] == ["player"]
    assert [one.title for one in with_best([player, *general], 16 * GB) if one.best] == ["Qwen3 4B instruct"]


def test_a_model_of_any_server_with_the_name_of_a_player_is_that_player() -> None:
    card = read_cards()[0][0]

    for name in (card.name, f"{card.name}:latest"):
        found = as_player(Model(name, plays=False))
        assert (found.form, found.title, found.plays) == (card.form, card.title, True)
    assert as_player(Model("qwen3:4b")) == Model("qwen3:4b")
