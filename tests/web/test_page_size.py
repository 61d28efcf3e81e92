"""How large a page is when the tables are full."""

from collections.abc import Iterator

import pytest

from tests.support.full_tables import fill
from tests.support.http_client import Visitor
from tests.support.system import System
from web.html.first_page import LARGEST_PAGE_BYTES

APPS = ("todo", "journal", "jobs", "profiles", "links", "simulator", "workflows")


@pytest.fixture(scope="module")
def visitor() -> Iterator[Visitor]:
    with System() as system:
        system.start("broker", "store", "web")
        fill(system)
        yield Visitor(system)


@pytest.mark.parametrize("app", APPS)
def test_a_page_is_small_whatever_stands_in_the_tables(visitor: Visitor, app: str) -> None:
    status, _, page = visitor.ask(f"/apps/{app}")

    assert status == 200
    assert len(page.encode()) <= LARGEST_PAGE_BYTES
    assert 'id="message-60"' in page


def test_what_does_not_fit_comes_when_it_is_wanted(visitor: Visitor) -> None:
    page = visitor.ask("/apps/todo")[2]

    assert page.count('class="row"') > 5
    assert "Show more" in page
    assert "more models are not shown. Search for a part of the name." in page
