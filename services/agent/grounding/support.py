"""Which of the changes that the model wants to make the user's own words support, and why the others are not. Pure.

What is not supported is not dropped: the user is asked first. The words support a change when they order something,
name the row, and say each value that overwrites another one. A new row may be worded by the model, because one click
takes it back; but it must have something to do with what was said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from apps.tables import Row, Table
from services.agent.grounding.numbers import numbers_in, places_in
from services.agent.grounding.places import places_said
from services.agent.grounding.rows import Key, Named, named_rows, title_of
from services.agent.grounding.sentences import Wish, corrects, without_quotations
from services.agent.grounding.values import is_said, unsaid_fields, unsaid_plans
from services.agent.grounding.vocabulary import (
    AFTER,
    ALL,
    BEFORE,
    BOTTOM,
    COURTESY,
    JUST_DONE,
    MOVE,
    NEW,
    PLEASE,
    PRONOUNS,
    RENAMING,
    THANKS,
    TOP,
)
from services.agent.grounding.words import content_words, said, words_of

NO_ORDER = "You did not ask for a change."
NOT_NAMED = "You did not say which row."
OTHER_NAMED = "You named another row."
NEW_ROW = "You did not speak of this."
THERE_ALREADY = "There is “{title}” already."
OTHER_TITLE = "You did not ask for another name."
VALUE = "You did not say the new value of {fields}."
PLACE = "You did not say where to."
CONDITION = "You did not say for which rows."
CORRECTED = "You corrected the row before."
MOVED = "You asked to move a row."
REPEATS = "It only repeats your words."
MIN_REPEATED_WORDS = 4
"""Words of a text that may be nothing but the order itself; a shorter one may be meant so: "call the bank"."""
PLACES = TOP | BOTTOM | BEFORE | AFTER


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change that the model wants to make. `row`: as it is now; {} for a new one. `values`: the new ones."""

    operation: str
    table: Table
    row: Row
    values: Row
    where: Row
    """The condition by which the row was found; {}: by its id."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the user sees. `rows`: by the name of the table, in their order; `last`: the row that changed last."""

    rows: Mapping[str, Sequence[Row]]
    last: tuple[str, Key] = ("", 0)
    tables: Mapping[str, Table] = field(default_factory=dict)
    """The tables of `rows`, by name."""


def reason_against(wanted: Wanted, wish: Wish, known: Known) -> str:
    """Return why the user's words do not support a change, one sentence; "" if they do."""
    if not wish.orders:
        return NO_ORDER
    rows = known.rows.get(wanted.table.name, ())
    if wanted.operation == "insert":
        corrected = CORRECTED if _is_correction(wanted, wish, known) else ""
        return (
            _against_new_row(wanted, wish, rows)
            or corrected
            or _unsaid(_unsaid_of_new_row(wanted, wish, known), wanted.table)
        )
    if wanted.where:
        return _against_condition(wanted, wish)
    if against := _against_row(wanted, wish, rows, known.last):
        return against
    if wanted.operation == "sort":
        return "" if wanted.values["after"] in places_said(wish.orders, wanted.row["id"], rows, wanted.table) else PLACE
    return _against_values(wanted, wish) if wanted.operation == "update" else ""


def _against_values(wanted: Wanted, wish: Wish) -> str:
    if _is_tick(wanted) and not MOVE.isdisjoint(words_of(wish.orders)):
        return MOVED
    if _repeats_the_order(wanted, wish):
        return REPEATS
    if against := _unsaid(_unsaid_values(wanted, wish), wanted.table):
        return against
    return OTHER_TITLE if _is_renamed_unasked(wanted, wish) else ""


def _is_renamed_unasked(wanted: Wanted, wish: Wish) -> bool:
    """Return whether a row would get a quite different name, and no word speaks of names or of a correction."""
    old, new = title_of(wanted.row, wanted.table), wanted.values.get(wanted.table.title_field.name)
    if not old or not isinstance(new, str) or new == old:
        return False
    keeps_a_word = any(said(word, content_words(old)) for word in content_words(new))
    return not keeps_a_word and RENAMING.isdisjoint(words_of(wish.orders))


def _against_new_row(wanted: Wanted, wish: Wish, rows: Sequence[Row]) -> str:
    title = title_of(wanted.values, wanted.table)
    words, texts = frozenset(words_of(wish.orders)), content_words(title)
    if texts and not any(said(one, words) for one in texts):
        return NEW_ROW
    is_whole = words_of(title) == words_of(wish.talk)
    if texts and (COURTESY.issuperset(texts) or (is_whole and texts[0] in THANKS)):
        return NO_ORDER
    if is_whole and not PLEASE.isdisjoint(words):
        return REPEATS
    outside = frozenset(words_of(without_quotations(wish.orders)))
    is_there = any(words_of(title_of(row, wanted.table)) == words_of(title) for row in rows)
    if is_there and wanted.table.sortable and outside & PLACES:
        return THERE_ALREADY.format(title=title)
    if outside & NEW:
        return ""
    is_only_quoted = texts and not any(said(one, outside) for one in texts)
    if is_only_quoted or (outside & JUST_DONE and not _says_number(wanted, wish)):
        return NO_ORDER
    if is_there:
        return THERE_ALREADY.format(title=title)
    return "" if _says_number(wanted, wish) else _against_similar(title, rows, wanted.table)


def _is_correction(wanted: Wanted, wish: Wish, known: Known) -> bool:
    """Return whether the words correct the row that changed last, and ask for nothing new."""
    is_new = not NEW.isdisjoint(words_of(wish.orders))
    return not is_new and known.last[0] == wanted.table.name and corrects(wish.orders)


def _is_tick(wanted: Wanted) -> bool:
    """Return whether an update sets nothing but switches."""
    kinds = {one.name: one.kind for one in wanted.table.fields}
    return bool(wanted.values) and all(name in kinds and kinds[name].is_switch for name in wanted.values)


def _against_similar(title: str, rows: Sequence[Row], table: Table) -> str:
    """Return why a new row is not added unasked when one row has its words: “got the stamps” beside “buy stamps”."""
    similar = [row for row in rows if row["id"] in named_rows(title, rows, table).clearly]
    return THERE_ALREADY.format(title=title_of(similar[0], table)) if len(similar) == 1 else ""


def _unsaid_of_new_row(wanted: Wanted, wish: Wish, known: Known) -> list[str]:
    """Return the fields that plan something, or belong to a row, of which the user did not speak."""
    text = f"{wish.orders}\n{wish.talk}"
    return [*unsaid_plans(wanted.values, wanted.table, text, wish.reader), *_unsaid_links(wanted, text, known)]


def _unsaid_links(wanted: Wanted, text: str, known: Known) -> list[str]:
    """Return the links of a new row to rows that the words do not name, as far as those rows are known here."""
    points = _points(words_of(text))
    unsaid = []
    for one in wanted.table.fields:
        target = known.tables.get(one.to)
        if target is None or not wanted.values.get(one.name):
            continue
        named = set(named_rows(text, known.rows[one.to], target).every)
        named |= {known.last[1]} if points and known.last[0] == one.to else set()
        if not named.issuperset(wanted.values[one.name]):
            unsaid.append(one.name)
    return unsaid


def _repeats_the_order(wanted: Wanted, wish: Wish) -> bool:
    """Return whether a text that a row is given is the whole message, which small models write down as a note."""
    words = words_of(wish.talk)
    texts = [value for name, value in wanted.values.items() if wanted.row.get(name) != value and type(value) is str]
    return len(words) >= MIN_REPEATED_WORDS and any(words_of(one) == words for one in texts)


def _says_number(wanted: Wanted, wish: Wish) -> bool:
    """Return whether a number of the new row was said: "just spent 12.50 on lunch"."""
    numbers = numbers_in(wish.orders)
    return any(type(value) in (int, float) and value in numbers for value in wanted.values.values())


def _against_row(wanted: Wanted, wish: Wish, rows: Sequence[Row], last: tuple[str, Key]) -> str:
    key = wanted.row["id"]
    named = named_rows(wish.orders, rows, wanted.table)
    if (key in named.every and not _is_value(key, named, wanted, wish)) or (
        last == (wanted.table.name, key) and corrects(wish.orders)
    ):
        return ""
    if named.clearly:
        return OTHER_NAMED
    words = words_of(wish.orders)
    if _points(words) and key in named_rows(wish.talk, rows, wanted.table).clearly:
        return ""
    if _points(words) and named_rows(wish.before, rows, wanted.table).clearly == {key}:
        return ""
    if last == (wanted.table.name, key) and (_points(words) or _says_value(wanted, wish)):
        return ""
    return "" if _are_all_meant(words, rows) else NOT_NAMED


def _is_value(key: Key, named: Named, wanted: Wanted, wish: Wish) -> bool:
    """Return whether the number that may name a row is its new value: “down to two” names no row 2."""
    if key in named.clearly | named.numbered or places_in(wish.orders) or not BOTTOM.isdisjoint(words_of(wish.orders)):
        return False
    numbers = numbers_in(wish.orders)
    return bool(numbers) and numbers <= {one for one in wanted.values.values() if type(one) in (int, float)}


def _points(words: Sequence[str]) -> bool:
    """Return whether a row is pointed at: "it", "das"."""
    return any(word in PRONOUNS for word in words)


def _says_value(wanted: Wanted, wish: Wish) -> bool:
    """Return whether the new value itself was said: "no, I meant two"."""
    fields = {one.name: one for one in wanted.table.fields if not one.kind.is_switch}
    told = [name for name in wanted.values if name in fields] if wanted.operation == "update" else []
    return any(is_said(wanted.values[name], fields[name], wish.orders, reader=wish.reader) for name in told)


def _are_all_meant(words: Sequence[str], rows: Sequence[Row]) -> bool:
    """Return whether every row is meant: with a condition the model says so itself, so here there is only one row."""
    return len(rows) == 1 and any(word in ALL or word in PRONOUNS for word in words)


def _unsaid(fields: Sequence[str], table: Table) -> str:
    """Return that the new values of these fields were not said, "" for none."""
    return VALUE.format(fields=", ".join(table.all_fields[name].called for name in fields)) if fields else ""


def _against_condition(wanted: Wanted, wish: Wish) -> str:
    fields = {one.name: one for one in wanted.table.fields}
    told = {name: value for name, value in wanted.where.items() if not isinstance(value, bool)}
    known = [(fields[name], value) for name, value in told.items() if name in fields]
    if not all(is_said(value, one, wish.orders, reader=wish.reader) for one, value in known):
        return CONDITION
    if not told and not any(word in ALL for word in words_of(wish.orders)):
        return CONDITION
    unsaid = [name for name in _unsaid_values(wanted, wish) if name not in told]
    return _unsaid(unsaid, wanted.table)


def _unsaid_values(wanted: Wanted, wish: Wish) -> list[str]:
    """Return the fields whose new value overwrites another one, and was not said."""
    return unsaid_fields(wanted.values, wanted.row, wanted.table, wish.orders, wish.reader)
