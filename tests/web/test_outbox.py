"""The queue of a tab, and which parts of its page it has drawn again."""

import pytest

from web.live.outbox import Outbox


@pytest.mark.parametrize("calls", [(("app",), ("list",)), (("list",), ("app",)), (("list", "app"),)])
def test_a_list_is_drawn_with_its_app_and_not_apart(calls: tuple[tuple[str, ...], ...]):
    outbox = Outbox(lambda: None, lambda: False)

    for parts in calls:
        outbox.refresh(*parts)

    assert list(outbox.stale) == ["app"]


def test_a_list_alone_is_drawn_alone():
    outbox = Outbox(lambda: None, lambda: False)

    outbox.refresh("list")

    assert list(outbox.stale) == ["list"]
