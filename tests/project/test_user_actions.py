"""The table of what the user can do is whole: what is not in it, nobody decided about."""

import pytest

from apps.core import BUDGETS
from services.agent.prompt.describe import ACTIONS, SWITCHED
from web.commands import settings, table
from web.state.user_actions import COMMANDS, ELSEWHERE, SETTINGS, LeftOut, heard_settings, told_actions

WHAT_TO_DO = "Add it to web/state/user_actions.py: does the assistant hear of it, or why not?"
OWN_SETTINGS = {"conversation", "ask_conversation", "app", "models", "silence", "tools_allowed"}
"""Settings that the page changes by commands of their own, not by `set`."""


def test_each_command_of_the_page_is_heard_or_left_out_with_a_reason():
    missing = table.COMMANDS.keys() - COMMANDS.keys()

    assert not missing, f"the page has the command {', '.join(sorted(missing))}. {WHAT_TO_DO}"


def test_each_setting_of_the_page_is_heard_or_left_out_with_a_reason():
    missing = (settings.SETTINGS.keys() | OWN_SETTINGS | BUDGETS.keys()) - SETTINGS.keys()

    assert not missing, f"the page has the setting {', '.join(sorted(missing))}. {WHAT_TO_DO}"


def test_nothing_in_the_table_is_left_over():
    commands = COMMANDS.keys() - table.COMMANDS.keys()
    keys = SETTINGS.keys() - settings.SETTINGS.keys() - OWN_SETTINGS

    assert not commands, f"the page has no command {', '.join(sorted(commands))} (any more)"
    assert not keys, f"the page has no setting {', '.join(sorted(keys))} (any more)"


@pytest.mark.parametrize("name", sorted(COMMANDS | SETTINGS | ELSEWHERE))
def test_what_is_left_out_has_a_reason_in_a_sentence(name: str):
    hearing = (COMMANDS | SETTINGS | ELSEWHERE)[name]

    assert not isinstance(hearing, LeftOut) or (len(hearing.reason) > 10 and hearing.reason.endswith("."))


def test_each_action_that_is_told_has_words_for_the_model():
    assert told_actions() == ACTIONS.keys()


def test_each_setting_that_is_heard_has_words_for_the_model():
    assert heard_settings() == SWITCHED.keys()
