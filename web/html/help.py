"""The help as HTML: keys, modes, where things are, how to attach a subscriber, what the assistant can do."""

from fastcore.xml import FT

from web.html.controls import MODE_MANUAL
from web.html.parts.dialogs import dialog
from web.html.parts.elements import H3, Code, Dd, Div, Dl, Dt, Kbd, P

KEYS = {
    ("/",): "write to the assistant",
    ("Control", "K"): "search messages and all apps; then the arrows, Enter to go there, Escape to close",
    ("Enter",): "send a message (with Shift: a new line), or save what you edit",
    ("Escape",): "stop an answer, leave an edit, close a menu or a dialog",
    ("Alt", "↑"): "move the row up (down with ↓); or drag it by its handle",
    ("?",): "this help",
}

PLACES = {
    "Apps": "at the top left, with the actions of the open one beside them: export, import, and what it adds itself.",
    "Profiles": "keep your rows apart, for example home and work. Choose one at the top right.",
    "Conversations": "above the chat. Each can be renamed and deleted.",
    "Personas": "in the top bar, with when the assistant asks first and how many remarks it may make.",
    "Why?": "on every row, card and message: the way back to your click or sentence, and what the model was told.",
    "The model’s window": "how full it is, above the chat. Older talk becomes a summary, which you can edit.",
    "What happened": "every change, whoever made it, is kept, and can be taken back.",
}

PROMPTS = ("“Add milk and bread”", "“Tick the first one”", "“What is left?”", "“Delete what is done”")


def help_dialog() -> FT:
    """Return the help, which a button of the bar opens."""
    return dialog(
        "help",
        "Help",
        Div(
            H3("Keys"),
            Dl(*(part for keys, manual in KEYS.items() for part in (Dt(*_keys(keys)), Dd(manual))), cls="keys-list"),
            H3("What the assistant says by itself"),
            Dl(*(part for mode, manual in MODE_MANUAL.items() for part in (Dt(mode.capitalize()), Dd(manual)))),
            H3("What it can do"),
            P(
                "It sees the open app and its rows, and can add, change, tick, sort, search and delete them: ",
                ", ".join(PROMPTS),
                ". It can also open another app. "
                "Before it deletes, or changes many rows, it asks: Do it, Don’t, or Change… it by words. "
                "What it did has Undo. "
                "The note beside the input asks it to say something about what you are doing.",
            ),
            H3("Where things are"),
            Dl(*(part for place, manual in PLACES.items() for part in (Dt(place), Dd(manual)))),
            H3("Listen in"),
            P(
                "Everything that happens is a message that any program on this machine may hear. In a terminal, ",
                Code("pianola tail"),
                " shows them as they come; ",
                Code("pianola status"),
                " shows the processes; ",
                Code("examples/subscriber.py"),
                " is a subscriber of twelve lines to begin with.",
            ),
            cls="help-text",
            tabindex="0",
            role="region",
            aria_label="Help text",
        ),
        stays=True,
    )


def _keys(keys: tuple[str, ...]) -> list[object]:
    first, *others = (Kbd(key) for key in keys)
    return [first, *(part for key in others for part in (" + ", key))]
