"""Which commands of a tab are offered to be undone, and the frame that does so.

The browser remembers what it is offered, for as long as the tab is open: a click on *Undo*, or Ctrl+Z, sends the orders
back in the command `undo-own`. The server remembers nothing, so a reload or a restart takes nothing away.
"""

from collections.abc import Mapping

from apps.core import APP, CONVERSATION, JOB, MACRO, MESSAGE, PERMISSION, PROFILE, SCHEDULE, SETTING
from apps.sentences import shortened
from web.commands.command import Command
from web.commands.undoing.made import words_of
from web.live.outbox import Frame
from web.state.user_actions import COMMANDS, ROWS, Stored

LONGEST_WORDS = 200
OF_THE_CORE = (CONVERSATION, MESSAGE, PROFILE, SETTING, APP, JOB, SCHEDULE, PERMISSION, MACRO)
UNDONE_HERE = (ROWS, *(one.name for one in OF_THE_CORE))
"""Tables whose changes by a command are offered: rows of apps, and of the core what the user sees as data."""

MOVES_THE_VIEW = "It moves the view. The way back is the same click."
OWN_WAY_BACK = "A run of a workflow has its own Back, beside the step."
NOT_OFFERED: Mapping[str, str] = {
    "new": MOVES_THE_VIEW,
    "choose": MOVES_THE_VIEW,
    "workflow-begin": OWN_WAY_BACK,
    "workflow-back": OWN_WAY_BACK,
    "workflow-finalise": OWN_WAY_BACK,
    "workflow-reopen": OWN_WAY_BACK,
    "workflow-submit": OWN_WAY_BACK,
    "workflow-job": OWN_WAY_BACK,
    "workflow-take": OWN_WAY_BACK,
    "workflow-drop": OWN_WAY_BACK,
}
"""Commands that change such rows and are not offered, with the reason."""
OFFERED_UNHEARD = ("waiting-edit", "waiting-remove", "waiting-move")
"""Commands that are offered although the assistant does not hear of them."""
VIEWS = ("profile",)
"""Settings that only say what is in view."""

WAYS = ("undo", "redo")
"""What Ctrl+Z does, and what takes it back."""


def is_offered(command: Command) -> bool:
    """Return whether what a command has changed can be undone from where the user stands."""
    if command.name in OFFERED_UNHEARD:
        return True
    hearing = COMMANDS.get(command.name)
    offered = isinstance(hearing, Stored) and hearing.table in UNDONE_HERE and command.name not in NOT_OFFERED
    return offered and not (command.name == "set" and command.values.get("key") in VIEWS)


def offer(command: Command) -> Frame | None:
    """Return the frame that offers to undo what a command has changed; None if there is nothing to undo.

    The frame is `^WAY ORDER ORDER …` and the words in its second line. `WAY`: `done`, or which way the changes of the
    tab were walked: `undo`, `redo`.
    """
    made = [one for one in command.made if one.changes]
    if not made or not is_offered(command):
        return None
    way, words = "done", words_of(made, command.hub.registry.tables)
    if command.name == "undo-own":
        way, words = command.text("way"), command.text("words")
    return Frame(f"^{way} {' '.join(one.id for one in made)}\n{shortened(words, LONGEST_WORDS)}")
