"""The help dialog as HTML: keys, modes, what the assistant can do, where things are, how to read the bus.

The keys stand in `static/keys.js`, which lists them here.
"""

from fastcore.xml import FT

from web.html.controls import MODE_MANUAL
from web.html.parts.dialogs import dialog
from web.html.parts.elements import H3, Code, Dd, Div, Dl, Dt, P

PLACES = {
    "Apps": "at the top left. Above the rows of an app are its actions: export, import, and its own.",
    "A row’s menu": "opens with its button “…”: edit, select, move, why, delete. A click then selects more rows.",
    "Profiles": "keep your rows apart, for example home and work. Add one in Settings; then choose in the bar.",
    "Conversations": "above the chat. You can rename and delete each one.",
    "Settings": "at the top right: the persona, when the assistant asks first, remarks, colours, all settings.",
    "Remarks": "below the list of the app that they are about. Answer one, or say in its menu that you want no more.",
    "Why?": "for every row, card and message. It shows your click or sentence behind it, and what the model was told.",
    "Context window": "how full it is, above the chat. A summary, which you can edit, replaces older messages in time.",
    "Journal": "among the apps. It shows every change and who made it. You can undo each one there.",
}

PROMPTS = ("“Add milk and bread”", "“Tick the first one”", "“What is left?”", "“Delete what is done”")


def help_dialog() -> FT:
    """Return the help dialog, which a button of the bar opens."""
    return dialog(
        "help",
        "Help",
        Div(
            H3("Keys"),
            Dl(id="keys-list", cls="keys-list"),
            H3("How much the assistant says"),
            Dl(*(part for mode, manual in MODE_MANUAL.items() for part in (Dt(mode.capitalize()), Dd(manual)))),
            H3("What it can do"),
            P(
                "It sees the open app and its rows. It can add, change, tick, sort, search and delete rows: ",
                ", ".join(PROMPTS),
                ". It can also open another app. "
                "Before it deletes rows, or changes many, it asks. Choose Do it, Don’t, or Change… to say what it "
                "should do instead. You can undo everything it did. "
                "The button with the musical note, beside the message field, asks it for a remark on what you do.",
            ),
            H3("Where things are"),
            Dl(*(part for place, manual in PLACES.items() for part in (Dt(place), Dd(manual)))),
            H3("Listen in"),
            P(
                "Everything that happens is a message that your own programs on this machine can read. In a terminal, ",
                Code("pianola tail"),
                " shows the messages as they come, and ",
                Code("pianola status"),
                " shows the processes. To start a program of your own, copy ",
                Code("examples/subscriber.py"),
                ": it has twelve lines.",
            ),
            cls="help-text",
            tabindex="0",
            role="region",
            aria_label="Help text",
        ),
        stays=True,
    )
