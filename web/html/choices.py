"""What the search field offers beside what is stored: apps, actions, models, profiles and settings, by their names."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from apps.core import ASK_MODES, BUDGETS, CORE, DEFAULT_ASK, MODES
from apps.tables import Row
from apps.views import Action
from bus.servers.titles import called
from bus.text.normal import normal
from web.html.assistant_settings import ASK_LABELS, BUDGET_LABELS, chosen_persona, persona_title, personas_of
from web.html.controls import THEMES
from web.html.models.menu import found_models
from web.html.parts.menus import app_title
from web.state.filters import address
from web.state.found import Choice
from web.state.page_view import PageView

MOST = 8
"""Choices that a search offers, at most."""
BEGINS = 1
"""Rank of a choice whose name begins with what was typed."""

IN_USE = " (in use)"
PRESSED = {
    "new-conversation": "New conversation",
    "get-model-button": "Get a model …",
    "servers-button": "Servers of models …",
    "help-button": "Help: all keys",
}
"""Buttons of the page, by their id."""
IMPORT, EXPORT = "import-button", "export-csv"
WORD = re.compile(r"\w+")


def choices(
    text: str, view: PageView, profiles: Sequence[Row], actions: Sequence[Action]
) -> tuple[list[Choice], list[Choice]]:
    """Return what begins with `text`, and what has its words elsewhere. `actions`: those of the open app itself."""
    wanted = normal(text).split()
    if not wanted:
        return [], []
    offered = (*_apps(view), *_actions(view, actions), *_profiles(view, profiles), *_settings(view))
    ranked = [(rank, one) for one in offered if (rank := _rank(wanted, one)) is not None]
    first = [one for rank, one in sorted(ranked, key=lambda pair: pair[0]) if rank <= BEGINS]
    others = [*(one for rank, one in ranked if rank > BEGINS), *_models(text, view)]
    return first[:MOST], others[: MOST - len(first[:MOST])]


def _rank(wanted: list[str], one: Choice) -> int | None:
    """Return 0 if a name is what was typed, 1 if it begins so, 2 if words of it do, None if they do not."""
    label, typed = normal(one.label.removesuffix(IN_USE)), " ".join(wanted)
    if label.startswith(typed):
        return 0 if label == typed else 1
    words = WORD.findall(label)
    return 2 if all(any(word.startswith(one) for word in words) for one in wanted) else None


# --- what there is to choose ---


def _apps(view: PageView) -> Iterator[Choice]:
    for name in view.apps:
        yield Choice("App", app_title(name, view), {"data_go": address(name, {})})


def _actions(view: PageView, actions: Iterable[Action]) -> Iterator[Choice]:
    for one in actions:
        yield Choice("Action", one.label, _command("act", app=view.app, action=one.label))
    for key, label in PRESSED.items():
        yield Choice("Action", label, {"data_press": key})
    if view.table is not None:
        title = app_title(view.app, view)
        yield Choice("Action", f"Export {title} as CSV", {"data_press": EXPORT})
        if view.table not in CORE:
            yield Choice("Action", f"Import into {title} …", {"data_press": IMPORT})


def _profiles(view: PageView, profiles: Sequence[Row]) -> Iterator[Choice]:
    for one in profiles if len(profiles) > 1 else ():
        does = _command("set", key="profile", value=one["id"])
        yield Choice("Profile", _used(str(one["name"]), used=one["id"] == view.profile), does)


def _models(text: str, view: PageView) -> Iterator[Choice]:
    """Yield the models that have all words anywhere in their name: people know a part of it."""
    for one in found_models(view.models.models if view.models else (), text):
        name = str(one["name"])
        yield Choice("Model", _used(called(name), used=name == view.model), _command("set", key="model", value=name))


def _settings(view: PageView) -> Iterator[Choice]:
    for mode in MODES:
        yield _setting("mode", mode, f"Mode: {mode.capitalize()}", used=mode == view.mode)
    for theme, label in THEMES.items():
        yield _setting("theme", theme, f"Colours: {label}", used=theme == view.theme)
    for ask in ASK_MODES:
        used = ask == view.settings.get("ask", DEFAULT_ASK)
        yield _setting("ask", ask, f"It asks first: {ASK_LABELS[ask][0]}", used=used)
    chosen = chosen_persona(view)["name"]
    for one in personas_of(view):
        yield _setting("persona", one["name"], f"Persona: {persona_title(one)}", used=one["name"] == chosen)
    for key in BUDGETS:
        yield Choice("Setting", BUDGET_LABELS[key], {"data_show": f"budget-{key}"})
    yield Choice("Setting", "Settings", {"data_show": "settings-menu"})


def _setting(key: str, value: object, label: str, *, used: bool) -> Choice:
    return Choice("Setting", _used(label, used=used), _command("set", key=key, value=value))


def _used(label: str, *, used: bool) -> str:
    return f"{label}{IN_USE}" if used else label


def _command(do: str, **values: object) -> dict[str, str]:
    """Return the attribute with the command that a choice sends."""
    return {"data_command": json.dumps({"do": do, **values})}
