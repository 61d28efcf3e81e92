"""What the page makes of macros and permissions, without a browser."""

from typing import Any

import pytest

from web.commands.profiles import move_macro
from web.html.chat.offers.permission import permission_offer
from web.html.macros.offer import offers_macro
from web.html.parts.fragments import html

NAME = "A name that is as long as the name of a macro may be: 60 chars"[:60]


@pytest.mark.parametrize(
    ("taken", "values"),
    [
        (set(), {"profile": 2}),
        ({"Friday"}, {"profile": 2}),
        ({NAME}, {"profile": 2, "name": f"{NAME[:50]} (7)"}),
    ],
)
def test_a_macro_whose_name_is_taken_in_the_other_profile_gets_a_number(
    taken: set[str], values: dict[str, Any]
) -> None:
    assert move_macro({"id": 7, "name": NAME}, 2, taken)["values"] == values


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("offered", "You have agreed three times that the assistant may run jobs in Links."),
        ("allowed", "From now on it may run jobs in Links without asking."),
        ("kept", "It asks again next time."),
    ],
)
def test_a_card_shows_its_offer_and_what_was_answered(state: str, said: str) -> None:
    kept = {"app": "links", "operation": "run", "label": "Links", "state": state}

    drawn = permission_offer({"id": 1, "detail": {"permission": kept}})

    assert drawn is not None
    assert said in html(drawn)


@pytest.mark.parametrize("detail", [None, {}, {"permission": {"app": "todo", "operation": "delete", "label": "Todo"}}])
def test_other_cards_offer_nothing(detail: dict[str, Any] | None) -> None:
    assert permission_offer({"id": 1, "detail": detail}) is None
    assert not offers_macro({"detail": detail})
