"""Which elements show each part of the page and each setting, and how they are drawn again."""

from collections.abc import Callable, Collection

from fastcore.xml import FT

from apps.core import BUDGETS
from apps.talk.silence import SILENCE
from web.html import all_settings, assistant_settings, controls, imports, remarks
from web.html.chat import action_log, chat, conversations, progress, waiting
from web.html.models import get_dialog, menu, servers_dialog
from web.html.parts import examples, menus, meter
from web.html.parts.fragments import replace
from web.html.views import app_pane
from web.state.page_view import PageView
from web.state.turns import Progress

Draw = Callable[[PageView], FT | None]

PARTS: dict[str, tuple[Draw, ...]] = {
    "bar": (
        menus.profile_menu,
        action_log.done_list,
        menu.model_menu,
        menu.no_model_hint,
        examples.sentence_examples,
        get_dialog.get_list,
        servers_dialog.servers_list,
        assistant_settings.assistant_settings,
        controls.mode_switch,
        controls.theme_switch,
    ),
    "talks": (conversations.menu_label, conversations.talk_list),
    "chat": (
        chat.chat_log,
        chat.older_button,
        chat.newer_button,
        lambda view: None if view.later else meter.meter(view.messages),
    ),
    "waiting": (waiting.waiting_list,),
    "app": (app_pane.app_pane, menus.app_menu, examples.sentence_examples),
    "remarks": (remarks.remark_strip,),
    "files": (imports.imports_list,),
    "settings": (all_settings.settings_list,),
    "list": (app_pane.list_of, app_pane.filters_of, app_pane.range_of),
}

SWITCHES: dict[str, Callable[[PageView], FT]] = {
    "mode": controls.mode_switch,
    "theme": controls.theme_switch,
    "persona": assistant_settings.assistant_settings,
    "personas": assistant_settings.assistant_settings,
    "prompt_files": assistant_settings.assistant_settings,
    "ask": assistant_settings.ask_switch,
    **dict.fromkeys(BUDGETS, assistant_settings.budgets),
    SILENCE: assistant_settings.silence,
}
"""The element that shows each setting; drawn without asking the store."""

IN_MODEL_MENU = {"model", "paths", "models", "remark_model", "general_model"}
"""Settings that the menu of models shows."""

DEPENDENT: dict[str, tuple[str, ...]] = {"profile": ("bar",)}
"""Parts of the page that change with a setting, by the setting."""


def draw_part(part: str, view: PageView) -> str:
    """Draw a part of the page, to replace the one that is there."""
    return "".join(replace(drawn) for draw in PARTS[part] if (drawn := draw(view)))


def draw_switch(setting: str, view: PageView) -> str:
    """Draw the element that shows a setting."""
    return replace(SWITCHES[setting](view))


def draw_row_count(app: str, view: PageView) -> str:
    """Draw the number of rows of an app in the menu."""
    return replace(menus.row_counts(app, view))


def draw_app_problem(view: PageView) -> str:
    """Draw what fails in the open app, and the menu that marks which apps fail. Calls no code of the app."""
    return "".join(replace(drawn) for draw in (app_pane.problem_of, menus.app_menu) if (drawn := draw(view)))


def draw_status(view: PageView) -> str:
    """Draw the status light."""
    return replace(controls.status_light(view))


def draw_action_log(view: PageView) -> str:
    """Draw the entries of the action log."""
    return replace(action_log.done_list(view))


def draw_progress(message: int, now: Progress) -> str:
    """Draw what is shown in place of an answer until its first token. Not as HTML: the answer may have come by then.

    The kind of frame says whether a Stop stands beside it: only beside an answer that waits for another one.
    """
    kind = ";" if now.state == "queued" else ":"
    return f"{kind}{message}\n{progress.progress_words(now)}"


def dependent_parts(settings: Collection[str]) -> set[str]:
    """Return the parts of the page that change with these settings."""
    return {part for key in settings for part in DEPENDENT.get(key, ())}
