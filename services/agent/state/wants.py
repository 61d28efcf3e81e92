"""What a question wants for itself alone: another app than the open one, another model than the chosen one."""

from apps.tables import Row

NAMES = ("app", "model")
"""Keys of `detail.wants` of a question; each goes before the setting of the same name."""
NOT_HANDED_OVER = {"hand_over": "never"}
"""The model that was asked for answers itself."""


def settings_for(question: Row | None, settings: Row) -> Row:
    """Return the settings under which a question is answered. None: nobody asked."""
    wants = ((question or {}).get("detail") or {}).get("wants") or {}
    own = {name: wants[name] for name in NAMES if wants.get(name)}
    return settings | own | (NOT_HANDED_OVER if "model" in own else {})
