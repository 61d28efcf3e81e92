"""Messages as bytes: three frames, the catalogue, and bad bytes that are only dropped."""

from contextlib import suppress

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bus.errors import BadMessage
from bus.messages import CATALOGUE, LlmToken, StoreOrder
from bus.wire import MAX_DEPTH, Header, decode, encode

HEADER = Header("a-1", "", "a", 1, 1.5)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def test_a_message_comes_back_as_it_was_sent():
    token = LlmToken(generation="7.1", index=3, text="hé\u0085\n", thinking=True)

    heard = decode(encode(token, "4", HEADER))

    assert (heard.message, heard.key, heard.header) == (token, "4", HEADER)


def test_unknown_fields_are_ignored():
    topic, header, body = encode(LlmToken(generation="7.1", index=3, text="x"), "4", HEADER)
    newer = msgpack.packb(msgpack.unpackb(body) | {"colour": "green"})

    assert decode([topic, header, newer]).message.text == "x"


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        ([], "wrong frames"),
        ([b"llm.token/4"], "wrong frames"),
        ([b"x"] * 50_000, "wrong frames"),
        ([b"llm.token", b"", b""], "bad topic"),
        ([b"\xff/", b"", b""], "bad topic"),
        ([b"a/" + b"b" * 2_000, b"", b""], "bad topic"),
        ([b"llm.nothing/", b"", b""], "unknown kind"),
        ([b"llm.token/", b"", b""], "not msgpack"),
        ([b"llm.token/", b"\xc1", b""], "not msgpack"),
        ([b"llm.token/", b"\x90", b""], "not a map"),
        ([b"llm.token/", b"\x80", b"\x80"], "bad header"),
        ([b"llm.token/", b"\xdf\xff\xff\xff\xff", b""], "not msgpack"),
    ],
)
def test_frames_that_break_the_contract_have_a_reason(frames: list[bytes], reason: str):
    with pytest.raises(BadMessage) as raised:
        decode(frames)

    assert raised.value.reason == reason


def body_of(**fields: object) -> list[bytes]:
    return [b"store.order/todo", encode(StoreOrder(verb="get", table="todo"), "", HEADER)[1], msgpack.packb(fields)]


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"table": "todo"}, "missing field"),
        ({"verb": "explode", "table": "todo"}, "unknown value"),
        ({"verb": "get", "table": 7}, "wrong type"),
        ({"verb": "get", "table": "todo", "limit": True}, "wrong type"),
        ({"verb": "get", "table": "todo", "values": nested(900)}, "too deep"),
        ({"verb": "get", "table": "todo", "values": {"a": nested(MAX_DEPTH)}}, "too deep"),
    ],
)
def test_a_body_that_does_not_fit_its_kind_is_bad(fields: dict, reason: str):
    with pytest.raises(BadMessage) as raised:
        decode(body_of(**fields))

    assert raised.value.reason == reason


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*CATALOGUE, "x"]), st.binary(max_size=60) | PLAIN.map(msgpack.packb), PLAIN.map(msgpack.packb))
def test_for_any_bytes_the_only_error_is_bad_message(kind: str, header: bytes, body: bytes):
    good = encode(StoreOrder(verb="get", table="t"), "", HEADER)[1]
    for head in (header, good):
        with suppress(BadMessage):
            decode([f"{kind}/k".encode(), head, body])


def test_a_message_that_would_not_pass_the_broker_is_refused_when_it_is_said():
    with pytest.raises(BadMessage, match="at most 1048576 pass the broker"):
        encode(LlmToken(generation="1", index=0, text="x" * 1_100_000), "", HEADER)


@pytest.mark.parametrize("value", [{1, 2}, 2**64, "\ud800"])
def test_what_msgpack_cannot_express_is_refused_when_it_is_said(value: object):
    with pytest.raises(BadMessage, match="not encodable"):
        encode(StoreOrder(verb="get", table="t", values={"a": value}), "", HEADER)
