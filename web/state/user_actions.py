"""What the user can do, and whether the assistant hears of it: one table for all of it.

What is heard stands among "what happened lately" in the prompt, as one line each, for the profile in which it was done
(`services/agent/prompt/describe.py` has the words). Nothing is heard of what the user typed but did not send. A test
keeps the table: each command and each setting of the page must stand in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """The page says `ui.acted` with this `action`."""

    action: str


@dataclass(frozen=True, slots=True)
class Stored:
    """The store's fact about this table says it (`store.changed`)."""

    table: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The assistant does not hear of it. `reason`: a sentence."""

    reason: str


Hearing = Told | Stored | LeftOut

ROWS = "row"
"""Stands for the tables of all apps in `Stored`."""

IN_THE_TALK = "The messages of the talk show it, and these the model reads."
ONLY_A_QUESTION = "It opens a dialog. What the user then decides is heard."
ONLY_THE_VIEW = "It moves the view, and says nothing about what the user wants."

A_LIMIT = "A limit that is kept for the model, or beside it, and not by it."
HOW_IT_IS_ASKED = "How a model is asked is told to its server, not to the model."
WHERE_MODELS_COME_FROM = "Which models there are does not help one to answer. The choice of one is heard."
FOR_THE_TERMINAL = "It says where `pianola ask` writes. What is asked there is read there."
WHETHER_IT_IS_ASKED = "Whether the user is asked is no concern of the model: it must write the same call in both cases."
WHICH_TOOLS = "The tools that there are stand among its instructions."
NO_KEYS = "It may carry a key, which only the server may get that wants it. The choice of a model is heard."
NO_ADDRESS = "Who has the address reads what is due, so only the user may see it."

COMMANDS: Mapping[str, Hearing] = {
    # the chat
    "say": LeftOut(IN_THE_TALK),
    "stop": Told("stopped"),
    "retry": LeftOut(IN_THE_TALK),
    "continue": LeftOut(IN_THE_TALK),
    "agree": LeftOut(IN_THE_TALK),
    "decline": LeftOut(IN_THE_TALK),
    # a question that waits
    "waiting-ask-edit": LeftOut(ONLY_A_QUESTION),
    "waiting-edit": LeftOut(IN_THE_TALK),
    "waiting-remove": LeftOut("A question that was not asked is no part of the talk."),
    "waiting-menu": LeftOut(ONLY_THE_VIEW),
    "waiting-move": LeftOut(IN_THE_TALK),
    # apps that the user declares in a form
    "app-ask": LeftOut(ONLY_A_QUESTION),
    "app-form": LeftOut(ONLY_A_QUESTION),
    "app-save": Stored("app"),
    "app-remove": Stored("app"),
    # one message
    "message-menu": LeftOut(ONLY_THE_VIEW),
    "ask-edit": LeftOut(ONLY_A_QUESTION),
    "edit-message": LeftOut(IN_THE_TALK),
    "another": LeftOut(IN_THE_TALK),
    "hand-over": LeftOut(IN_THE_TALK),
    "undo-versions": Stored(ROWS),
    "fork": LeftOut("The new conversation begins with the same messages, and these the model reads."),
    "delete-message": Stored("message"),
    "ask-rewind": LeftOut(ONLY_A_QUESTION),
    "rewind": Stored(ROWS),
    # remarks
    "remarks": LeftOut(ONLY_THE_VIEW),
    "remark-dismiss": LeftOut("It only tidies the list of remarks. The assistant does not tell of it any more."),
    "silence": LeftOut(A_LIMIT),
    "unsilence": LeftOut(A_LIMIT),
    # conversations
    "new": Stored("setting"),
    "choose": Stored("setting"),
    "ask_rename": LeftOut(ONLY_A_QUESTION),
    "ask_delete": LeftOut(ONLY_A_QUESTION),
    "delete_conversation": Stored("conversation"),
    "ask-here": LeftOut(FOR_THE_TERMINAL),
    "talks": LeftOut(ONLY_THE_VIEW),
    "talks-search": LeftOut("What it finds is heard when the user opens it."),
    "talk-menu": LeftOut(ONLY_A_QUESTION),
    # rows of an app
    "insert": Stored(ROWS),
    "row-new": LeftOut(ONLY_A_QUESTION),
    "row-edit": Told("selected"),
    "row-insert": Stored(ROWS),
    "row-update": Stored(ROWS),
    "edit": LeftOut("`selected` of `ui.acted` says which row it is."),
    "update": Stored(ROWS),
    "toggle": Stored(ROWS),
    "delete": Stored(ROWS),
    "move": Stored(ROWS),
    "act": Stored(ROWS),
    "enter": Stored(ROWS),
    "understand": LeftOut("Nothing is heard of what was typed and not sent."),
    "part-ask": LeftOut(ONLY_A_QUESTION),
    "snooze-ask": LeftOut(ONLY_A_QUESTION),
    "snooze": Stored(ROWS),
    "rows-tick": Stored(ROWS),
    "rows-delete": Stored(ROWS),
    "rows-move": Stored(ROWS),
    "rows-ask-insert": LeftOut(ONLY_A_QUESTION),
    "rows-insert": Stored(ROWS),
    # deletion for good
    "erase-ask": LeftOut(ONLY_A_QUESTION),
    "erase": LeftOut("The assistant forgets it, and what it heard lately."),
    # undo
    "undo": Stored(ROWS),
    "undo-through": Stored(ROWS),
    "undo-step": Stored(ROWS),
    "undo-own": Stored(ROWS),
    "undo-card": Stored(ROWS),
    "undo-answer": Stored(ROWS),
    "ask-undo-since": LeftOut(ONLY_A_QUESTION),
    "undo-since": Stored(ROWS),
    # causes and summaries
    "why": Told("asked_why"),
    "ask-note": LeftOut(ONLY_A_QUESTION),
    "write-note": LeftOut("The summary itself stands in the prompt, as the user wrote it."),
    # profiles and settings
    "profile-create": Stored("profile"),
    "profile-rename": Stored("profile"),
    "profile-ask": LeftOut(ONLY_A_QUESTION),
    "profile-delete": Stored("profile"),
    "set": Stored("setting"),
    "model-ask": LeftOut(ONLY_A_QUESTION),
    "model-set": LeftOut(HOW_IT_IS_ASKED),
    "model-unload": LeftOut(HOW_IT_IS_ASKED),
    # models that are got, and their servers
    "models-search": LeftOut(ONLY_THE_VIEW),
    "model-get": LeftOut(WHERE_MODELS_COME_FROM),
    "model-get-stop": LeftOut(WHERE_MODELS_COME_FROM),
    "model-get-forget": LeftOut("It only tidies the list of downloads."),
    "server-add": LeftOut(NO_KEYS),
    "server-ask-key": LeftOut(ONLY_A_QUESTION),
    "server-key": LeftOut(NO_KEYS),
    "server-ask-remove": LeftOut(ONLY_A_QUESTION),
    "server-remove": LeftOut(WHERE_MODELS_COME_FROM),
    # tools of other programs
    "tools-show": LeftOut(ONLY_A_QUESTION),
    "tool-allow": LeftOut(WHETHER_IT_IS_ASKED),
    "tool-ask-again": LeftOut(WHETHER_IT_IS_ASKED),
    "tool-server-add": LeftOut(WHICH_TOOLS),
    "tool-server-remove": LeftOut(WHICH_TOOLS),
    # imports
    "import-begin": Stored("import"),
    "import-stop": Stored("import"),
    "import-continue": Stored("import"),
    "import-undo": Stored("import"),
    "import-forget": LeftOut("It only tidies the list of imports. The rows stay."),
    # workflows
    "workflow-begin": Stored(ROWS),
    "workflow-back": Stored(ROWS),
    "workflow-finalise": Stored(ROWS),
    "workflow-reopen": Stored(ROWS),
    "workflow-keep": LeftOut("The app saves what is typed by itself. What is submitted is heard."),
    "workflow-submit": Stored(ROWS),
    "workflow-job": Stored(ROWS),
    "workflow-draft": LeftOut(IN_THE_TALK),
    "workflow-take": Stored(ROWS),
    "workflow-drop": Stored(ROWS),
    # long work of apps
    "job-run": Stored("job"),
    "job-cancel": Stored("job"),
    "job-pause": Stored("job"),
    "job-again": Stored("job"),
    "job-undo": Stored(ROWS),
    "job-delete": Stored("job"),
    "job-log": LeftOut(ONLY_THE_VIEW),
    "job-ask-key": LeftOut(ONLY_A_QUESTION),
    "job-key": LeftOut(NO_KEYS),
    # what is done again
    "macro-ask-make": LeftOut(ONLY_A_QUESTION),
    "macro-make": Stored("macro"),
    "macro-run": Stored(ROWS),
    "macro-ask-edit": LeftOut(ONLY_A_QUESTION),
    "macro-edit": Stored("macro"),
    # what the assistant may do
    "permission-accept": Stored("permission"),
    "permission-decline": LeftOut("The assistant asks again, as before."),
    "permission-give": Stored("permission"),
    # what has become due
    "reminder-dismiss": LeftOut("It only tidies the reminders. What is done with the row itself is heard."),
    # addresses for calendar programs
    "calendar-ask": LeftOut(ONLY_A_QUESTION),
    "calendar-make": LeftOut(NO_ADDRESS),
    "calendar-revoke": LeftOut(NO_ADDRESS),
    # what is done at a time
    "schedule-add": Stored("schedule"),
    "schedule-ask-edit": LeftOut(ONLY_A_QUESTION),
    "schedule-edit": Stored("schedule"),
    # the morning page
    "morning-set": Stored("schedule"),
    "morning-write": LeftOut("It asks for three lines about the day, which the page shows."),
    "morning-tidy": Stored(ROWS),
    # what the tab shows
    "opened": Told("opened"),
    "more": LeftOut(ONLY_THE_VIEW),
    "page": LeftOut(ONLY_THE_VIEW),
    "panel": LeftOut(ONLY_THE_VIEW),
    "older": LeftOut(ONLY_THE_VIEW),
    "newer": LeftOut(ONLY_THE_VIEW),
    "newest": LeftOut(ONLY_THE_VIEW),
    "trim": LeftOut(ONLY_THE_VIEW),
    "reveal": Told("found"),
    # what only the assistant hears about
    "selected": Told("selected"),
    "searched": Told("searched"),
    "poked": Told("poked"),
}
"""By the name of the command of the page (`web/commands/table.py`)."""

SETTINGS: Mapping[str, Hearing] = {
    "profile": Stored("setting"),
    "model": Stored("setting"),
    "mode": Stored("setting"),
    "persona": Stored("setting"),
    "ask": Stored("setting"),
    "conversation": Stored("setting"),
    "ask_conversation": LeftOut(FOR_THE_TERMINAL),
    "app": LeftOut("`opened` of `ui.acted` says it, also when the app was open in another tab."),
    "models": LeftOut(HOW_IT_IS_ASKED),
    "remark_model": LeftOut(HOW_IT_IS_ASKED),
    "general_model": LeftOut(HOW_IT_IS_ASKED),
    "hand_over": LeftOut(HOW_IT_IS_ASKED),
    "theme": LeftOut("Only the colours change."),
    "comments_per_minute": LeftOut(A_LIMIT),
    "comment_tokens_per_hour": LeftOut(A_LIMIT),
    "morning": LeftOut("The schedule that is changed with it says so."),
    "silence": LeftOut(A_LIMIT),
    "tools_allowed": LeftOut(WHETHER_IT_IS_ASKED),
    "title_seconds": LeftOut(A_LIMIT),
    **dict.fromkeys(
        ("backup_days", "history_days", "jobs_at_once", "job_memory_mb", "desktop_reminders"), LeftOut(A_LIMIT)
    ),
}
"""By the key of the setting."""

ELSEWHERE: Mapping[str, Hearing] = {
    "filter rows": Told("filtered"),
    "look at rows in another view, or at the page of a row": Told("viewed"),
    "export a table": Told("exported"),
    "upload a file": LeftOut("Nothing is imported before the user says so; that is heard."),
    "drop a file": LeftOut("A table is uploaded; a text stands in the message, and is heard when that is sent."),
    "divide the page between app and chat": LeftOut(ONLY_THE_VIEW),
    "type into a field": LeftOut("What was not sent is nobody's business."),
    "open a menu, help or a folded text": LeftOut(ONLY_THE_VIEW),
    "edit a persona's file": LeftOut("The text itself is the first part of the prompt."),
    "edit a file in “prompts”": LeftOut("The text itself stands in the prompt."),
}
"""What is no command of its own."""


def told_actions() -> set[str]:
    """Return each `action` of `ui.acted` that the page says."""
    hearings = (*COMMANDS.values(), *ELSEWHERE.values())
    return {one.action for one in hearings if isinstance(one, Told)}


def heard_settings() -> set[str]:
    """Return the keys of the settings whose change by the user is heard."""
    return {key for key, one in SETTINGS.items() if not isinstance(one, LeftOut)}
