"""The queue of a tab, and which parts of its page it has drawn again."""

import pytest

from web.live.outbox import Frame, Outbox


@pytest.mark.parametrize("calls", [(("app",), ("list",)), (("list",), ("app",)), (("list", "app"),)])
def test_a_list_is_drawn_with_its_app_and_not_apart(calls: tuple[tuple[str, ...], ...]):
    outbox = Outbox(lambda: None, lambda: False)

    for parts in calls:
        outbox.refresh(*parts)

    assert list(outbox.stale) == ["app"]


def test_a_list_that_changed_while_its_app_was_drawn_does_not_take_the_place_of_the_app():
    outbox = Outbox(lambda: None, lambda: False)
    outbox.refresh("app")
    asked = dict(outbox.stale)
    outbox.push(Frame(None, "app", revision=2))

    outbox.take_drawn([Frame("<section id=app>", "app", revision=1)], asked)

    assert list(outbox.stale) == ["app"]


def test_a_list_alone_is_drawn_alone():
    outbox = Outbox(lambda: None, lambda: False)

    outbox.refresh("list")

    assert list(outbox.stale) == ["list"]
