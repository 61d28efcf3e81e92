"""What a question brings along for itself alone: another app than the open one, another model, who reads the answer."""

from collections.abc import Sequence

from apps.tables import Row

NAMES = ("app", "model")
"""Keys of `detail.wants` of a question; each goes before the setting of the same name."""
NOT_HANDED_OVER = {"hand_over": "never"}
"""The model that was asked for answers itself."""
READER = "reader"
"""Key of `detail` of a question: the language and zone of the page in which it was asked."""


def settings_for(question: Row | None, settings: Row, talk: Sequence[Row] = ()) -> Row:
    """Return the settings under which a question is answered, with its `reader`.

    None: nobody asked; then the reader is who asked last in the `talk`.
    """
    detail = (question or {}).get("detail") or {}
    wants = detail.get("wants") or {}
    own = {name: wants[name] for name in NAMES if wants.get(name)}
    reader = {READER: detail.get(READER) if question else _last_reader(talk)}
    return settings | reader | own | (NOT_HANDED_OVER if "model" in own else {})


def _last_reader(talk: Sequence[Row]) -> Row | None:
    asked = (one for one in reversed(talk) if one["role"] == "user")
    return next(((one["detail"] or {}).get(READER) for one in asked), None)
