"""Every command that a browser tab can send, and the function that carries it out: what a click does begins here.

A tab sends a command as a JSON object over its WebSocket: its name in `do`, a `nonce` (unique for each click), and its
own fields. `listener.py` receives it, `command.py` reads it, and this table finds its function by the name. Most
functions order the store to change rows. The page then changes because of the store's facts (`live/events.py`).
"""

from collections.abc import Awaitable, Callable

from web.commands import (
    app_actions,
    cards,
    chat,
    conversations,
    heard,
    imports,
    profiles,
    reveal,
    rows,
    settings,
    undo,
    why,
    window,
)
from web.commands.branches import menu, rewind, versions
from web.commands.command import BadCommand, Command
from web.commands.erasing import erase
from web.commands.jobs import jobs
from web.commands.jobs import keys as job_keys
from web.commands.macros import macros
from web.commands.models import one_model, pulls, servers
from web.commands.morning import morning
from web.commands.own_apps import forms
from web.commands.permissions import permissions
from web.commands.quick import entry, snooze
from web.commands.remarks import remarks
from web.commands.reminders import calendar, reminders
from web.commands.schedules import schedules
from web.commands.several import rows as several
from web.commands.talks import listing, waiting
from web.commands.tools import tools
from web.commands.views import forms as view_forms
from web.commands.workflows import drafts, runs, steps
from web.commands.workflows.in_order import in_order

COMMANDS: dict[str, Callable[[Command], Awaitable[None]]] = {
    # the chat
    "say": chat.say,
    "stop": chat.stop,
    "retry": chat.retry,
    "continue": chat.resume,
    "agree": chat.agree,
    "decline": chat.decline,
    # a question that waits while an answer comes
    "waiting-ask-edit": waiting.ask_edit,
    "waiting-edit": waiting.edit,
    "waiting-remove": waiting.remove,
    "waiting-menu": waiting.show_menu,
    "waiting-move": waiting.move,
    # one message: its menu, another version of the talk, a fork, its deletion, the apps as they were before it
    "message-menu": menu.show_menu,
    "ask-edit": versions.ask_edit,
    "edit-message": versions.edit,
    "another": versions.another,
    "hand-over": versions.hand_over,
    "undo-versions": versions.undo_versions,
    "fork": versions.fork,
    "delete-message": versions.delete_message,
    "ask-rewind": rewind.ask_rewind,
    "rewind": rewind.rewind,
    # remarks
    "remarks": remarks.show_earlier,
    "remark-dismiss": remarks.dismiss,
    "silence": remarks.silence,
    "unsilence": remarks.lift,
    # conversations
    "new": conversations.new,
    "choose": conversations.choose,
    "ask_rename": conversations.ask_rename,
    "ask_delete": conversations.ask_delete,
    "delete_conversation": conversations.delete,
    "ask-here": conversations.ask_here,
    "talks": listing.show,
    "talks-search": listing.search,
    "talk-menu": listing.menu,
    # apps that the user declares in a form
    "app-ask": forms.ask,
    "app-form": forms.change_form,
    "app-save": forms.save,
    "app-remove": forms.remove,
    # rows of an app, and the actions that the app offers
    "insert": rows.insert,
    "row-new": view_forms.new,
    "row-edit": view_forms.edit,
    "row-insert": view_forms.insert,
    "row-update": view_forms.update,
    "edit": rows.edit,
    "update": rows.update,
    "toggle": rows.toggle,
    "delete": rows.delete,
    "move": rows.move,
    "act": app_actions.act,
    # rows by one line of words; rows that are due later
    "enter": entry.enter,
    "understand": entry.understand,
    "part-ask": entry.ask_part,
    "snooze-ask": snooze.ask_snooze,
    "snooze": snooze.snooze,
    # several rows
    "rows-tick": several.tick,
    "rows-delete": several.delete,
    "rows-move": several.move,
    "rows-ask-insert": several.ask_insert,
    "rows-insert": several.insert,
    # deletion for good, of rows, messages, conversations and profiles
    "erase-ask": erase.ask_erase,
    "erase": erase.erase,
    # undo of changes; undo of what the assistant did
    "undo": undo.undo,
    "undo-through": undo.undo_through,
    "undo-step": undo.undo_step,
    "undo-own": undo.undo_own,
    "undo-card": cards.undo_card,
    "undo-answer": cards.undo_answer,
    "ask-undo-since": cards.ask_undo_since,
    "undo-since": cards.undo_since,
    # what the assistant did: its causes; its summaries of older talk
    "why": why.why,
    "ask-note": cards.ask_note,
    "write-note": cards.write_note,
    # profiles and settings
    "profile-create": profiles.create,
    "profile-rename": profiles.rename,
    "profile-ask": profiles.ask_delete,
    "profile-delete": profiles.delete,
    "set": settings.change_setting,
    # models: how one is asked, getting one, and the servers they come from
    "model-ask": one_model.ask_model,
    "model-set": one_model.set_model,
    "model-unload": one_model.unload_model,
    "models-search": one_model.search_models,
    "model-get": pulls.get_model,
    "model-get-stop": pulls.stop_getting,
    "model-get-forget": pulls.forget_getting,
    "server-add": servers.add_server,
    "server-ask-key": servers.ask_key,
    "server-key": servers.set_key,
    "server-ask-remove": servers.ask_remove,
    "server-remove": servers.remove_server,
    # tools of other programs, and the servers they come from
    "tools-show": tools.show,
    "tool-allow": tools.allow,
    "tool-ask-again": tools.ask_again,
    "tool-server-add": tools.add,
    "tool-server-remove": tools.remove,
    # imports of files, once they are uploaded
    "import-begin": imports.begin,
    "import-stop": imports.stop,
    "import-continue": imports.resume,
    "import-undo": imports.undo,
    "import-forget": imports.forget,
    # workflows: whole runs, and the current step of one
    "workflow-begin": runs.begin,
    "workflow-back": in_order(runs.back),
    "workflow-finalise": in_order(runs.finalise),
    "workflow-reopen": in_order(runs.reopen),
    "workflow-keep": in_order(steps.keep),
    "workflow-submit": in_order(steps.submit),
    "workflow-job": in_order(steps.run_job),
    "workflow-draft": in_order(drafts.draft),
    "workflow-take": in_order(steps.take),
    "workflow-drop": in_order(steps.drop),
    # long work of apps
    "job-run": jobs.run,
    "job-cancel": jobs.cancel,
    "job-pause": jobs.pause,
    "job-again": jobs.again,
    "job-undo": jobs.undo_made,
    "job-delete": jobs.delete,
    "job-log": jobs.show_log,
    "job-ask-key": job_keys.ask_key,
    "job-key": job_keys.set_key,
    # what is done again
    "macro-ask-make": macros.ask_make,
    "macro-make": macros.make,
    "macro-run": macros.run,
    "macro-ask-edit": macros.ask_edit,
    "macro-edit": macros.edit,
    # what the assistant may do
    "permission-accept": permissions.accept,
    "permission-decline": permissions.decline,
    "permission-give": permissions.give,
    # what has become due
    "reminder-dismiss": reminders.dismiss,
    # addresses for calendar programs
    "calendar-ask": calendar.ask,
    "calendar-make": calendar.make,
    "calendar-revoke": calendar.revoke,
    # what is done at a time
    "schedule-add": schedules.add,
    "schedule-ask-edit": schedules.ask_edit,
    "schedule-edit": schedules.edit,
    # the morning page
    "morning-set": morning.choose,
    "morning-write": morning.write,
    "morning-tidy": morning.tidy,
    # what the tab shows: another app, more rows, older messages, a search result
    "opened": window.opened,
    "more": window.more,
    "page": window.page,
    "panel": window.panel,
    "older": window.older,
    "newer": window.newer,
    "newest": window.newest,
    "trim": window.trim,
    "reveal": reveal.reveal,
    # what only the assistant hears about
    "selected": heard.selected,
    "searched": heard.searched,
    "poked": heard.poked,
}
"""By the name in `do`. Which of them the assistant hears of: `web/state/user_actions.py`."""


async def carry_out(command: Command) -> None:
    """Carry out a command; raises `PianolaError` with the sentence for the user."""
    function = COMMANDS.get(command.name)
    if function is None:
        raise BadCommand(f"There is no command {command.name!r:.60}. Reload the page.")
    await function(command)
