"""Deleted for good: no word of it is left in the tables, in the history, nor in the bytes of the file."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.registry import load_apps
from bus.messages import StoreOrder
from store.file.compact import compact
from store.file.leftovers import blank_log, blank_logs, clear_spool
from store.tables.history import Reason
from tests.support.local_store import Store

WORD = "xyzzyplugh"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "pianola.db", load_apps())


def words_left(store):
    """Return the tables in which the word still stands, and whether it stands in the bytes of the file."""
    compact(store.connection)
    tables = [name for (name,) in store.connection.execute("select name from sqlite_master where type = 'table'")]
    left = [
        name
        for name in tables
        if any(
            WORD in str(value).lower() for row in store.connection.execute(f'select * from "{name}"') for value in row
        )
    ]
    files = store.file.parent.glob("pianola.db*")
    return left, [path.name for path in files if WORD.encode() in path.read_bytes().lower()]


def insert(store, table, **values):
    return store.order("insert", table, values=values).rows[0]["id"]


def test_a_row_its_history_cards_and_prompts_lose_every_word_and_nothing_else_does(store):
    other = insert(store, "todo", title="milk")
    talk = insert(store, "conversation", title="Shopping")
    question = insert(store, "message", conversation=talk, role="user", text="add it, please")
    key = insert(store, "todo", title=f"buy {WORD}")
    revision = store.order("update", "todo", key, values={"title": f"sell {WORD.upper()} “now”"}).revisions[0]
    instruction = {"operation": "update", "table": "todo", "id": key, "values": {"title": f"sell {WORD.upper()} “now”"}}
    detail = {"block": {"tables": [WORD]}, "results": WORD, "calls": [instruction], "tokens": {"read": 5}}
    said = {"conversation": talk, "role": "assistant", "reply_to": question, "text": f"Done: {json.dumps(instruction)}"}
    answer = insert(store, "message", **said, detail=detail)
    applied = {"conversation": talk, "role": "action", "reply_to": answer, "state": "applied"}
    detail = {"instruction": instruction, "changes": [revision], "change": revision, "app": "todo"}
    card = insert(store, "message", **applied, text=f"Changed “{WORD}”.", detail=detail)
    detail = {"instruction": {}, "changes": [1], "change": 1, "app": "todo"}
    other_card = insert(store, "message", **applied, text="Added “milk”.", detail=detail)
    store.order("update", "layer", "prompt", values={"text": f"rows: {WORD}", "used": time.time()})
    store.order("update", "told", "3.0", values={"parts": [{"layer": "prompt"}]})
    store.order("update", "todo", key, values={"title": f"{WORD} " * 400})  # refused, and the answer is remembered
    assert WORD in str(store.order("update", "todo", key, values={"done": WORD}).error)

    done = store.order("erase", "todo", key)

    assert done.error == {}
    assert words_left(store) == ([], [])
    assert store.rows("todo") == [store.order("get", "todo", other).rows[0]]
    assert store.order("get", "message", card).rows[0]["text"] == "Deleted for good."
    assert store.order("get", "message", card).rows[0]["state"] == "erased"
    assert store.order("get", "message", other_card).rows[0]["text"] == "Added “milk”."
    assert store.order("get", "message", answer).rows[0]["detail"]["tokens"] == {"read": 5}
    assert all(WORD not in str((change.before, change.after)).lower() for change in done.changes)
    assert [change.verb for change in done.changes if change.table == "todo"] == ["erase"]
    assert store.found("xyzzy") == []


def test_a_conversation_takes_its_messages_along_also_those_deleted_before(store):
    talk = insert(store, "conversation", title=f"about {WORD}")
    for number in range(3):
        insert(store, "message", conversation=talk, role="user", text=f"{WORD} {number}")
    store.order("delete", "message", 2)

    assert store.order("erase", "conversation", talk).error == {}

    assert words_left(store) == ([], [])
    assert store.rows("message") == store.rows("conversation") == []


def test_a_message_takes_its_answers_later_summaries_and_the_title_made_of_it(store):
    talk = insert(store, "conversation", title=f"tell me of {WORD}")
    before = insert(store, "message", conversation=talk, role="user", text="hello")
    question = insert(store, "message", conversation=talk, role="user", text=f"tell  me of {WORD} at length")
    answer = insert(store, "message", conversation=talk, role="assistant", reply_to=question, text=f"{WORD}!")
    insert(store, "message", conversation=talk, role="action", reply_to=answer, text=WORD, detail={"app": "todo"})
    insert(store, "message", conversation=talk, role="assistant", purpose="note", text=f"They spoke of {WORD}.")

    assert store.order("erase", "message", question).error == {}

    assert words_left(store) == ([], [])
    assert [row["id"] for row in store.rows("message")] == [before]
    assert [row["title"] for row in store.rows("conversation")] == [""]


def test_a_message_takes_the_row_in_which_it_waited_and_a_conversation_what_waits_in_it(store):
    talk = insert(store, "conversation", title="Talk")
    waited = insert(store, "waiting_message", conversation=talk, text=f"first {WORD}")
    store.order("update", "waiting_message", waited, values={"text": f"and {WORD}?"})
    said = insert(store, "message", conversation=talk, role="user", text=f"and {WORD}?", detail={"waited": waited})
    store.order("delete", "waiting_message", waited)

    assert store.order("erase", "message", said).error == {}
    assert words_left(store) == ([], [])

    insert(store, "waiting_message", conversation=talk, text=f"still {WORD}")
    removed = insert(store, "waiting_message", conversation=talk, text=f"removed {WORD}")
    store.order("delete", "waiting_message", removed)
    assert store.order("erase", "conversation", talk).error == {}
    assert words_left(store) == ([], [])
    assert store.rows("waiting_message") == []


def test_a_profile_takes_its_rows_along_and_the_only_one_stays(store):
    assert "only profile" in store.order("erase", "profile", 1).error["message"]
    other = insert(store, "profile", name=WORD)
    insert(store, "todo", title=f"{WORD} one", profile=other)
    gone = insert(store, "todo", title=f"{WORD} two", profile=other)
    moved = insert(store, "todo", title="moved", profile=other)
    store.order("update", "todo", moved, values={"profile": 1})
    store.order("delete", "todo", gone)

    assert store.order("erase", "profile", other).error == {}

    assert words_left(store) == ([], [])
    assert [row["id"] for row in store.rows("todo")] == [moved]


def test_what_was_deleted_before_can_be_deleted_for_good_and_then_not_be_undone(store):
    key = insert(store, "todo", title=WORD)
    store.order("delete", "todo", key)
    newest = store.order("erase", "todo", key).revision

    assert words_left(store) == ([], [])
    refused = [store.order("undo", values={"change": change}).error["message"] for change in (1, 2, 3)]
    assert all("deleted for good" in sentence for sentence in refused)
    assert insert(store, "todo", title="new") == key + 1
    assert store.order("get", "todo", key + 1).revision == newest + 1


@pytest.mark.parametrize("actor", ["model", "app", "system"])
def test_only_the_user_deletes_for_good(store, actor):
    key = insert(store, "todo", title=WORD)

    assert "Only the user" in store.order("erase", "todo", key, actor=actor).error["message"]
    batch = store.order("batch", "todo", values={"orders": [{"verb": "erase", "id": key}]})
    assert batch.error["code"] == "bad_value"
    assert [row["title"] for row in store.rows("todo")] == [WORD]


@pytest.mark.parametrize("table", ["change", "told", "setting", "nothing"])
def test_what_is_no_row_of_the_user_is_refused_with_a_sentence(store, table):
    assert store.order("erase", table, "1").error["message"].endswith(".")


# --- files ---


def test_lines_of_logs_lose_their_texts_in_place_while_the_writer_goes_on(tmp_path):
    path = tmp_path / "bus.log.1"
    head = "12:00:00.000 store.changed/todo           store-1a2b           "
    kept = "12:00:01.000 service.changed/web          web-1a2b             state=ready\n"
    path.write_text(f"{head}row={WORD}\n{kept}12:00:02 {WORD}")
    printed = tmp_path / "web.log"
    printed.write_text(f"12:00:00 web error: {WORD} failed\nTraceback:\n  {WORD}\n")
    sizes = path.stat().st_size, printed.stat().st_size
    with path.open("a") as writer:
        blank_logs(tmp_path)
        writer.write("later\n")

    assert WORD not in path.read_text() + printed.read_text()
    assert head.rstrip() in path.read_text()
    assert kept in path.read_text()
    assert path.read_text().endswith("later\n")
    assert (path.stat().st_size - len("later\n"), printed.stat().st_size) == sizes
    assert printed.read_text().startswith("12:00:00 web error:  ")


def test_the_spool_keeps_only_what_is_still_streaming(tmp_path):
    for generation in ("4.0", "5.1", "of-another-program"):
        (tmp_path / f"{generation}.spool").write_bytes(
            b"\x92" + bytes([0xA0 + len(generation)]) + generation.encode() + b"\xa1m"
        )

    clear_spool(tmp_path, {"5.1"})

    assert sorted(path.name for path in tmp_path.iterdir()) == ["5.1.spool", "of-another-program.spool"]
    blank_log(tmp_path / "not there")


# --- pruning ---


@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(1, 4), min_size=1, max_size=8), old=st.integers(0, 40), at_once=st.integers(1, 6))
def test_the_history_forgets_whole_orders_oldest_first_and_never_the_newest_revision(
    tmp_path_factory, sizes, old, at_once
):
    store = Store(tmp_path_factory.mktemp("prune") / "pianola.db", load_apps())
    for size in sizes:
        orders = [{"verb": "insert", "values": {"title": "one"}} for _ in range(size)]
        store.order("batch", values={"orders": orders})
    store.connection.execute("update change set at = revision")
    history = store.orders._history
    total = history.revision
    while history.forget(old, at_once):
        pass

    left = store.connection.execute("select revision, asked from change order by revision").fetchall()
    bounds = [sum(sizes[: place + 1]) for place in range(len(sizes))]
    first = left[0][0]
    assert [revision for revision, _ in left] == list(range(first, total + 1))
    assert first - 1 in [0, *bounds[:-1]]  # whole orders, and never the last one
    last_old = max((bound for bound in [0, *bounds[:-1]] if bound < old), default=0)
    assert first - 1 >= last_old
    history.reload_revision()
    assert history.revision == total
    if first > 1:
        assert "too old" in store.order("undo", values={"change": 1}).error["message"]


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("erased", ["the row", "the remark in the talk"])
def test_a_remark_that_was_taken_into_a_talk_is_forgotten_with_what_it_was_before(store, erased: str, kept: bool):
    talk = insert(store, "conversation", title="Shopping")
    key = insert(store, "todo", title="buy it")
    said = {"role": "assistant", "purpose": "comment", "text": f"A {WORD}!"}
    (revision,) = store.order("update", "todo", key, values={"title": "buy them"}).revisions
    order = StoreOrder(verb="insert", table="message", values={**said, "conversation": 0, "app": "todo"})
    before = store.orders.carry_out(order, Reason("model", f"remark-{revision}", "")).rows[0]["id"]
    taken = insert(store, "message", **said, conversation=talk, detail={"remark": before})
    store.order("delete", "message", before)
    if not kept:
        store.order("delete", "message", taken)

    store.order("erase", *(("todo", key) if erased == "the row" else ("message", taken)))

    assert words_left(store) == ([], [])


def test_an_order_that_may_repeat_what_was_deleted_for_good_after_its_texts_were_read_is_refused(store):
    talk = insert(store, "conversation", title="Shopping")
    key = insert(store, "todo", title=f"buy {WORD}")
    known = store.order("list", "todo").revision
    store.order("erase", "todo", key)
    remark = {"conversation": talk, "role": "assistant", "purpose": "comment", "detail": {"happened": f"added {WORD}"}}
    prompt = {"verb": "update", "table": "layer", "id": "prompt", "values": {"text": WORD, "used": time.time()}}

    late = store.order("insert", "message", values=remark, since=known)
    told = store.order("batch", "told", values={"orders": [prompt]}, since=known)
    fresh = store.order("insert", "todo", values={"title": "milk"}, since=store.order("list", "todo").revision)

    assert (late.error["code"], told.error["code"]) == ("erased", "erased")
    assert not fresh.error
    assert words_left(store) == ([], [])


def test_a_conversation_takes_its_versions_along_also_deleted_ones_and_leaves_what_moved_to_a_fork(store):
    talk = insert(store, "conversation", title="Shopping")
    question = insert(store, "message", conversation=talk, role="user", text="kept by the fork")
    said = insert(store, "message", conversation=talk, role="user", text=f"about {WORD}")
    version = insert(store, "conversation", parent=talk, before=said, version=True)
    insert(store, "message", conversation=version, role="user", text=f"again {WORD}")
    of_version = insert(store, "conversation", parent=version, before=said + 5, version=True)
    insert(store, "message", conversation=of_version, role="user", text=f"once more {WORD}")
    gone = insert(store, "conversation", parent=talk, before=said, version=True)
    insert(store, "message", conversation=gone, role="user", text=f"deleted {WORD}")
    store.order("delete", "message", where={"conversation": gone})
    store.order("delete", "conversation", gone)
    fork = insert(store, "conversation", title="Fork", parent=talk, before=said)
    store.order("update", "message", question, values={"conversation": fork})

    done = store.order("erase", "conversation", talk)

    assert done.error == {}
    assert words_left(store) == ([], [])
    assert [row["id"] for row in store.rows("conversation")] == [fork]
    assert [row["text"] for row in store.rows("message")] == ["kept by the fork"]


def test_a_summary_in_a_branch_goes_with_the_message_that_it_may_tell_of(store):
    talk = insert(store, "conversation", title="Shopping")
    said = insert(store, "message", conversation=talk, role="user", text=f"about {WORD}")
    fork = insert(store, "conversation", title="Fork", parent=talk, before=said + 1)
    insert(store, "message", conversation=fork, role="assistant", purpose="note", text=f"They spoke of {WORD}.")
    other = insert(store, "conversation", title="Other")
    kept = insert(store, "message", conversation=other, role="assistant", purpose="note", text="Nothing.")

    store.order("erase", "message", said)

    assert words_left(store) == ([], [])
    assert [row["id"] for row in store.rows("message")] == [kept]
