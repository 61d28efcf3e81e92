"""The kinds of phrases that each language must have, and the gaps of each. `README.md` shows them to speakers."""

ROW, NEW, VALUE = frozenset({"row"}), frozenset({"new"}), frozenset({"value"})
FIELD_OF_ROW = frozenset({"row", "field"})

PHRASES: dict[str, frozenset[str]] = {
    # --- a new row ---
    "add": NEW,
    "add_thing": frozenset({"new", "thing"}),
    "add_task": NEW,
    "add_several": NEW,
    "detail": frozenset({"field", "value"}),
    # --- a row changes ---
    "on": frozenset({"row", "state"}),
    "off": frozenset({"row", "state"}),
    "did": frozenset({"past", "what"}),
    "set": frozenset({"row", "field", "value"}),
    "choose": frozenset({"row", "value"}),
    "rename": frozenset({"row", "new"}),
    "clear": FIELD_OF_ROW,
    "instead": VALUE,
    "correct": VALUE,
    "yes": frozenset(),
    "no": frozenset(),
    "correct_title": NEW,
    # --- rows go, move ---
    "delete": ROW,
    "delete_all": frozenset({"state"}),
    "all_on": frozenset({"state"}),
    "change_chosen": frozenset({"value", "other"}),
    "delete_chosen": VALUE,
    "top": ROW,
    "bottom": ROW,
    "behind": frozenset({"row", "other"}),
    "open": frozenset({"app"}),
    # --- how rows are named ---
    "article": frozenset(),
    "first": frozenset(),
    "last": frozenset(),
    "second": frozenset(),
    "number": frozenset({"id"}),
    "it": frozenset(),
    "task": frozenset({"verb", "what"}),
    # --- around an order ---
    "and": frozenset(),
    "polite_before": frozenset(),
    "polite_behind": frozenset(),
    "story_before": frozenset(),
    "story_behind": frozenset(),
    # --- questions ---
    "ask_count": frozenset(),
    "ask_all": frozenset(),
    "ask_open": frozenset({"state"}),
    "ask_state": frozenset({"row", "state"}),
    "ask_value": FIELD_OF_ROW,
    "ask_there": ROW,
    "ask_hidden": frozenset(),
    "find": ROW,
    # --- nothing to do ---
    "infinitive": ROW,
    "quote": frozenset({"order"}),
    "others": frozenset({"order"}),
    "perhaps": ROW,
    "keep": ROW,
    "elsewhere": ROW,
    # --- answers ---
    "said_added": NEW,
    "said_on": frozenset({"row", "state"}),
    "said_off": frozenset({"row", "state"}),
    "said_set": frozenset({"row", "field", "value"}),
    "said_renamed": frozenset({"row", "new"}),
    "said_deleted": ROW,
    "said_moved": ROW,
    "said_opened": frozenset({"app"}),
    "said_several": frozenset(),
    "offer_on": frozenset({"row", "state"}),
    "offer_delete": ROW,
    "said_missing": ROW,
    "said_which": frozenset({"rows"}),
    "said_count": frozenset({"count"}),
    "said_rows": frozenset({"rows"}),
    "said_nothing": frozenset(),
    "said_yes": frozenset({"row", "state"}),
    "said_no": frozenset({"row", "state"}),
    "said_value": frozenset({"row", "field", "value"}),
    "said_empty": FIELD_OF_ROW,
    "said_there": ROW,
    "said_not_there": ROW,
    "said_looking": frozenset(),
    "said_beyond": frozenset(),
    "said_quote": frozenset(),
    "said_others": frozenset(),
    "said_keep": ROW,
    "said_perhaps": ROW,
    "said_elsewhere": ROW,
    # --- remarks on what the user did ---
    "remark_added": ROW,
    "remark_on": ROW,
    "remark_deleted": ROW,
    "sassy_added": ROW,
    "sassy_on": ROW,
    "sassy_deleted": ROW,
}
"""Each kind with the gaps that its phrases must have."""

OPTIONAL = frozenset({"state", "what"})
"""Gaps that a phrase may leave out."""

ANSWERS = ("said_", "remark_", "sassy_")
"""How the kinds begin that the assistant says. They may leave out any gap."""

PAIRS = ("chat", "persona")
"""Talk without an order: what is said, and the answer."""

LISTS = (
    "small",
    "apart",
    "world",
    "cannot",
    "person",
    "text",
    "web",
    "mail",
    "tag",
    "date",
    "moment",
    "duration",
    "money_word",
)
"""Lists of words that every language must have; titles may use others."""
