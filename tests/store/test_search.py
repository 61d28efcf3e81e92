"""Search while the user types: in all tables, the best first, and any typed text is safe."""

import itertools
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.registry import load_apps
from apps.tables import Row
from bus.text.normal import normal, sort_key
from bus.text.places import has_any, spans
from store.tables.excerpt import excerpt
from tests.support.local_store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("search") / "pianola.db", load_apps())
    for title, profile in [("buy milk", 1), ("milk the cow, and then milk it again", 2), ("Müsli", 1), ("plan B", 1)]:
        store.order("insert", values={"title": title, "profile": profile})
    long = f"{'before ' * 300}the milk is in the middle{' after' * 300}"
    store.order("insert", "message", values={"conversation": 1, "role": "user", "text": long})
    store.order("insert", "message", values={"conversation": 2, "role": "user", "text": "no milk today"})
    store.order("insert", "conversation", values={"title": "About milk"})
    return store


def search(store: Store, text: str, table: str = "", **more: Any) -> list[Row]:
    outcome = store.order("search", table, values={"text": text}, **more)
    assert not outcome.error, outcome.error
    return outcome.rows


def places(rows: list[Row]) -> set[tuple[str, int]]:
    return {(row["_table"], row["id"]) for row in rows}


def test_one_word_finds_rows_of_all_tables_the_best_first(store: Store):
    found = search(store, "milk")

    assert places(found) == {("todo", 1), ("todo", 2), ("message", 1), ("message", 2), ("conversation", 1)}
    long = found.index(next(row for row in found if row["_table"] == "message" and row["id"] == 1))
    assert long > found.index(next(row for row in found if row["_table"] == "message" and row["id"] == 2))
    assert search(store, "milk", limit=2) == found[:2]


def test_each_letter_narrows_what_is_found(store: Store):
    counts = [len(search(store, "musli"[:length])) for length in range(1, 6)]

    assert counts[0] >= counts[-1] == 1
    assert places(search(store, "pl b")) == {("todo", 4)}


def test_a_profile_limits_the_tables_that_have_profiles(store: Store):
    assert places(search(store, "milk", where={"profile": 2})) == {
        ("todo", 2),
        ("message", 1),
        ("message", 2),
        ("conversation", 1),
    }


def test_one_table_can_be_limited_by_any_of_its_fields(store: Store):
    assert places(search(store, "milk", "message", where={"conversation": 2})) == {("message", 2)}
    refused = store.order("search", "", values={"text": "milk"}, where={"conversation": 2})
    assert refused.error["code"] == "unknown_field"


def test_a_hit_shows_a_short_piece_around_the_word_instead_of_a_long_text(store: Store):
    row = next(row for row in search(store, "MIDDLE") if row["_table"] == "message")

    assert "the milk is in the middle" in row["_snippet"]
    assert row["_snippet"].startswith("…")
    assert row["_snippet"].endswith("…")
    assert len(row["_snippet"]) < 200
    assert len(row["text"]) == 1_001


def test_an_excerpt_is_found_whatever_the_case_and_accents():
    assert excerpt(["", "x" * 100 + " ÉCLAIR"], ["eclair"]) == "…" + "x" * 39 + " ÉCLAIR"
    assert excerpt(["one\n two"], ["zzz"]) == "one two"
    assert excerpt(["", ""], ["a"]) == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        '"',
        "'",
        "milk'--",
        "milk AND",
        "NOT milk",
        "milk*",
        "title:milk",
        "{title}:milk",
        "milk^2",
        "NEAR(a b)",
        "(((",
        "milk\x00bread",
        "\x00",
        "🎹",
        "\u202eabc",
        "a" * 10_000,
        "a " * 5_000,
        '" ' * 5_000,
        "milk; drop table todo",
        "%_",
        "\\",
    ],
)
def test_typed_text_is_only_read_as_words(store: Store, text: str):
    found = search(store, text)

    assert all(set(row) >= {"id", "_table", "_snippet"} for row in found)
    assert store.order("list").total == 4


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=60))
def test_no_text_breaks_the_search(store: Store, text: str):
    search(store, text.encode(errors="ignore").decode())


@pytest.mark.parametrize(
    ("values", "where"), [({"text": 5}, {}), ({"text": ["a"]}, {}), ({"text": "a"}, {"profile": {"from": "x"}})]
)
def test_an_invalid_search_is_refused(store: Store, values: Row, where: Row):
    assert store.order("search", "", values=values, where=where).error["code"] == "wrong_type"


def test_a_changed_text_is_found_by_its_new_words_alone(tmp_path: Path):
    store = Store(tmp_path / "pianola.db", load_apps())
    store.order("insert", values={"title": "old words"})
    store.order("update", key=1, values={"title": "new words"})
    store.order("toggle", key=1, values={"field": "done"})

    assert search(store, "old") == []
    assert places(search(store, "new")) == {("todo", 1)}
    store.order("delete", key=1)
    assert search(store, "new") == []


# --- text of all scripts ---

FOUND = [
    ("会议", "明天下午三点的会议记录"),
    ("记", "明天下午三点的会议记录"),
    ("リスト", "買い物リストを作る"),
    ("りすと", "買い物リストを作る"),
    ("テスト", "ﾃｽﾄ 半角"),
    ("ﾃﾞｰﾀ", "データを送る"),
    ("ABC", "ＡＢＣ商事"),
    ("商事", "ＡＢＣ商事"),
    ("ａｂｃ商", "ABC商事"),
    ("가족", unicodedata.normalize("NFD", "가족여행 예약")),
    ("여행", "가족여행 예약"),
    ("がっこう", unicodedata.normalize("NFD", "がっこうへ行く")),
    (unicodedata.normalize("NFD", "がっこう"), "がっこうへ行く"),
    ("file", "\ufb01le the taxes"),
    ("🎉", "Party 🎉 tonight"),
    ("👍", "good👍🏽work"),
    ("🇩🇪", "trip to 🇩🇪🇫🇷"),
    ("ประชุม", "การประชุมพรุ่งนี้"),
    ("हिन्दी", "हिन्दी सीखना"),
    ("محمد", "مُحَمَّد يكتب"),
    ("می‌خواهم", "میخواهم بروم"),
    ("שלום", "שָׁלוֹם עולם"),
    ("ΟΔΟΣ", "οδός Αθηνών"),
    ("елка", "Ёлка для детей"),
    ("strasse", "Hauptstraße 5"),
    ("termin", "Zahnarzttermin"),
    ("lodz", "Łódź"),
    ("istanbul", "İSTANBUL"),
    ("tiếng", "Học TIÊ\u0301NG Việt"),
    ("cafe", "Cafe\u0301 au lait"),
    ("42", "número ٤٢"),
]


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("scripts") / "pianola.db", load_apps())
    for title in dict.fromkeys(title for _, title in FOUND):
        store.order("insert", values={"title": title})
    store.order("insert", values={"title": "会 and 议 apart, and an exfilet"})
    return store


@pytest.mark.parametrize(("text", "title"), FOUND, ids=str)
def test_words_of_all_scripts_are_found_and_stay_as_they_were_typed(scripts: Store, text: str, title: str):
    found = search(scripts, text)

    assert title in [row["title"] for row in found]
    assert all(row["title"] == title or (text, row["title"]) in FOUND or has_any(row["title"], [text]) for row in found)
    assert spans(title, [text])
    row = next(row for row in found if row["title"] == title)
    assert " ".join(title.split()) == row["_snippet"]


def test_a_word_is_not_found_where_its_letters_stand_apart(scripts: Store):
    assert len(search(scripts, "会议")) == 1
    assert search(scripts, "録会") == []


def test_a_word_inside_another_one_is_found_behind_whole_words(tmp_path: Path):
    store = Store(tmp_path / "pianola.db", load_apps())
    for title in ("a smilk", "milk", "milky way", "no mi lp"):
        store.order("insert", values={"title": title})

    assert [row["title"] for row in search(store, "milk")][2:] == ["a smilk"]
    assert len(search(store, "ilk")) == 3
    assert search(store, "lk") == []


letters = st.text(
    alphabet="aÄe\u0301\u0308ßﬁが\u304b\u3099カﾃﾞ会Ａ각\u1100\u1161👍\U0001f3fd\u200d हिİıσς1٤ ", max_size=20
)


@settings(max_examples=300, deadline=None)
@given(text=letters, words=st.lists(letters, max_size=3))
def test_places_of_words_are_pieces_of_the_text_with_these_words(text: str, words: list[str]):
    found = spans(text, words)

    assert found == sorted(found)
    assert all(0 <= start < end <= len(text) for start, end in found)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(found))
    assert normal(normal(text)) == normal(text)
    for start, end in found:
        assert any(normal(word) and normal(word) in normal(text[start:end]) for word in words)


SORTED = ["apple", "Äpfel", "Banana", "task 2", "task 10", "zebra", "Zoo"]


def test_rows_sort_as_people_sort(tmp_path: Path):
    store = Store(tmp_path / "pianola.db", load_apps())
    others = ["Ärger", "ark", "Arm", "か", "ガ", "き", "가", "나", "Ωμέγα", "ωραίο", "Яблоко", "яма"]
    for title in sorted(SORTED):
        store.order("insert", values={"title": title})
    assert [row["title"] for row in store.order("list", sort="title").rows] == SORTED
    assert [row["title"] for row in store.order("list", sort="-title").rows] == SORTED[::-1]

    assert not store.order("sort", where={"profile": 1}, values={"by": "title"}).error
    assert [row["title"] for row in store.order("list").rows] == SORTED
    assert sorted(others[2::-1], key=sort_key) == ["ark", "Arm", "Ärger"]
    assert sorted(sorted(others[3:]), key=sort_key) == ["Ωμέγα", "ωραίο", "Яблоко", "яма", "가", "나", "か", "ガ", "き"]
    assert sorted(["v1.10", "v1.9", "٣", "2", "007", "8", "1" * 50], key=sort_key) == [
        "2",
        "٣",
        "007",
        "8",
        "1" * 50,
        "v1.9",
        "v1.10",
    ]
