"""A change as an entry of the action log: one sentence. Changes of one order are one entry."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from apps.core import APP
from apps.registry import Registry
from apps.sentences import kind_of, row_ref, title_of, verb_of, who_did
from apps.tables import Row, Table
from bus.messages import StoreChanged
from bus.wire import Envelope
from web.state.page_view import MOST_DONE, Done

DOERS = ("user", "model")
"""Whose changes are entries: what apps and Pianola do by themselves is in the journal alone."""


def told_tables(registry: Registry) -> dict[str, Table]:
    """Return the tables whose changes are entries: those of the apps, without the ones that can only be read.

    And the table of own apps: a change of it changes what an app is.
    """
    return {APP.name: APP} | {
        table.name: table for app in registry.sound.values() for table in app.tables if not table.read_only
    }


def entry_of(change: Row, name: str, table: Table | None) -> Done:
    """Return a row of the history as an entry. `name`: the title of the changed row."""
    did = f"took back a change of {kind_of(change, table)}" if change["undoes"] else _what(change, table)
    return Done(
        change["id"],
        change["asked"],
        who_did(change),
        did,
        f"“{name}”" if name else str(change["row"]),
        change["at"],
    )


def _what(change: Row, table: Table | None) -> str:
    return f"{verb_of(change)} {kind_of(change, table)}"


def entry_of_fact(heard: Envelope, table: Table) -> Done:
    """Return a fact as the entry that its row of the history would give."""
    fact: StoreChanged = heard.message
    change = {
        "id": fact.revision,
        "asked": heard.header.cause,
        "actor": fact.actor,
        "client": fact.client,
        "verb": fact.verb,
        "row": fact.id,
        "subject": fact.table,
        "after": _differing(fact),
        "at": heard.header.sent,
        "undoes": fact.undoes,
    }
    return entry_of(change, title_of(fact.row or fact.before, table), table)


def _differing(fact: StoreChanged) -> Row:
    if fact.verb != "update":
        return fact.row
    return {name: value for name, value in fact.row.items() if fact.before.get(name) != value}


def entries_of(
    changes: Iterable[Row], names: Mapping[tuple[str, int | str], str], tables: Mapping[str, Table]
) -> tuple[Done, ...]:
    """Return rows of the history, the newest first, as entries. `names`: the titles of the changed rows."""
    done: tuple[Done, ...] = ()
    for change in reversed(list(changes)):
        done = added(done, entry_of(change, names.get(row_ref(change), ""), tables.get(change["subject"])))
    return done


def added(done: tuple[Done, ...], one: Done) -> tuple[Done, ...]:
    """Return the entries with a newer one, which joins the newest if both are of one order. Only so many are kept."""
    if done and done[0].order == one.order:
        return replace(done[0], id=one.id, at=one.at, count=done[0].count + 1), *done[1:]
    return (one, *done)[:MOST_DONE]
