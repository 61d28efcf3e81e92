"""The results of a search: choices by name, and what is stored."""

from collections.abc import Mapping
from dataclasses import dataclass

from web.state.window import Key


@dataclass(frozen=True, slots=True)
class Found:
    """A row that was found.

    `place`: its app, or Conversation or Message; and its profile, if that is not in view (`other`).
    `named`: its title has all the words.
    """

    table: str
    id: Key
    text: str
    place: str
    other: bool = False
    named: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be opened or done. `place`: App, Action, Model, Profile or Setting.

    `does`: the attribute that says what choosing it does: `data_go` opens the address of an app, `data_command` sends a
    command, `data_press` presses the button with this id, `data_show` opens the menu around this id and goes there.
    """

    place: str
    label: str
    does: Mapping[str, str]
