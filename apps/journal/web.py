"""The journal's page: a filter, and the changes, the newest first, each with its cause and an Undo button."""

from collections.abc import Sequence
from itertools import groupby

from fastcore.xml import (
    FT,
    A,
    Button,
    Dd,
    Details,
    Div,
    Dl,
    Dt,
    Form,
    Input,
    Label,
    Li,
    Ol,
    Option,
    P,
    Select,
    Span,
    Summary,
    Time,
)

from apps.causes import Why
from apps.hookspecs import hook
from apps.journal.reading import CHAT, CLIENT, EVERYTHING, SETTINGS, Entry, Filter, Journal, read_journal
from apps.macro_steps.steps import can_repeat
from apps.sentences import ACTORS, differences, is_emptied, kind_of, verb_of, who_did
from apps.tables import Row
from apps.types.reader import Reader
from apps.types.unix_time import SECONDS, date_and_time, iso_time
from apps.views import AppView, commands
from apps.work.runs import is_draft
from bus.messages import StoreChanged

NOT_UNDONE_HERE = ("import",)
"""Tables whose changes only record progress; their rows have no Undo here."""


NOT_ERASED_HERE = ("import", "setting", "told", "layer")
"""Tables whose rows cannot be deleted for good by themselves."""
TOLD = {"job": ("state", "problem"), "workflow_run": ("title", "step", "data", "draft", "proposed", "finalised")}
"""Of tables whose pages show the others: the fields that an entry shows."""
NEVER_KEPT = ("told", "layer")
"""Tables whose values the history does not keep."""


@hook
async def read(view: AppView) -> Journal:
    """Read the changes, the titles of their rows, and their causes."""
    return await read_journal(view)


@hook
def concerned(fact: StoreChanged) -> bool:
    """Return True for every change that is an entry."""
    return fact.table not in NOT_UNDONE_HERE


@hook
def view(view: AppView) -> FT:
    """Return the journal."""
    journal: Journal = view.read
    return Div(
        filter_form(view, journal),
        Button("Make a macro of your last changes …", type="button", id="macro-make", **commands("macro-ask-make")),
        Ol(*steps(journal), id="journal-list", cls="journal", aria_label="What happened, the newest first"),
        P("Nothing happened that passes this filter.", cls="empty") if not journal.entries else None,
        older(view, journal),
        cls="journal-page",
    )


# --- the filter ---


def filter_form(view: AppView, journal: Journal) -> FT:
    """Return the filter form. The page's script applies it; without scripts the browser submits it."""
    chosen = journal.filter
    apps = {"": "All apps", **{app: title(app) for app in view.tables if app != view.app}}
    apps |= {CHAT: "Chat", SETTINGS: "Settings", EVERYTHING: "Everything"}
    return Form(
        labelled("Where", choice("app", apps, chosen.app)),
        labelled("Who", choice("actor", actors(journal), who(chosen))),
        labelled("From", day_input("from", chosen.first)),
        labelled("To", day_input("to", chosen.last)),
        Button("Show", type="submit", cls="without-script"),
        id="journal-filter",
        cls="journal-filter",
        action=f"/apps/{view.app}",
        method="get",
        data_query_of=view.app,
    )


def actors(journal: Journal) -> dict[str, str]:
    """Return who can be chosen: the programs that have a key as well."""
    named = dict.fromkeys((*journal.clients, *([journal.filter.client] if journal.filter.client else [])))
    return {"": "Anybody", **ACTORS, **{f"{CLIENT}{name}": f"The program “{name}”" for name in named}}


def who(chosen: Filter) -> str:
    """Return the choice of who did it."""
    return f"{CLIENT}{chosen.client}" if chosen.client else chosen.actor


def title(app: str) -> str:
    """Return the name of an app for people."""
    return app.replace("_", " ").capitalize()


def labelled(label: str, control: FT) -> FT:
    """Return a control with its label."""
    return Label(Span(label), control, cls="field")


def choice(name: str, labels: dict[str, str], chosen: str) -> FT:
    """Return a menu of choices."""
    options = (Option(label, value=value, selected=value == chosen) for value, label in labels.items())
    return Select(*options, name=name, id=f"journal-{name}")


def day_input(name: str, chosen: object) -> FT:
    """Return an input that takes a day."""
    return Input(type="date", name=name, id=f"journal-{name}", value=str(chosen) if chosen else None)


# --- the entries ---


def steps(journal: Journal) -> list[FT]:
    """Return the entries. Those of one order are grouped, because they can be undone together; and kept drafts."""
    made = []
    for (order, row), group in groupby(journal.entries, key=group_of):
        entries = list(group)
        if len(entries) == 1:
            made.append(item(entries[0], journal))
        else:
            made.append(drafts(entries, journal) if row else step(order, entries, journal))
    return made


def group_of(entry: Entry) -> tuple[str, str]:
    """Return the order of a change; for what is kept while the user types, the run into which it was typed."""
    return ("", entry.change["row"]) if is_draft(entry.change) else (entry.change["asked"], "")


def drafts(entries: Sequence[Entry], journal: Journal) -> FT:
    """Return one entry for all that was kept while the user typed into a run: one in each pause."""
    first = entries[-1].change["id"]
    return Li(
        Div(what(entries[0], journal), cls="step-head"),
        Details(
            Summary(f"Kept {len(entries):,} times while you typed"),
            Ol(*(item(entry, journal) for entry in entries), cls="journal"),
            id=f"step-{first}",
        ),
        cls="step",
        id=f"step-item-{first}",
    )


def step(order: str, entries: Sequence[Entry], journal: Journal) -> FT:
    """Return a group: the changes of one order."""
    first, last = entries[-1].change["id"], entries[0].change["id"]
    standing = any(not entry.change["undone_by"] and not is_emptied(entry.change) for entry in entries)
    who, file = who_did(entries[0].change), entries[0].why.file
    did = f"imported {len(entries):,} rows from “{file}”" if file else f"made {len(entries):,} changes in one step"
    label = "Undo the import" if file else "Undo all"
    return Li(
        Div(
            P(Span(who, cls="who"), f" {did}.", cls="did"),
            Button(label, type="button", id=f"undo-step-{last}", **commands("undo-step", order=order))
            if standing
            else Span("undone", cls="badge"),
            cls="step-head",
        ),
        Details(
            Summary(f"Changes {first} to {last}"),
            Ol(*(item(entry, journal) for entry in entries), cls="journal"),
            id=f"step-{first}",
            open=len(entries) <= 3,
        ),
        cls="step",
        id=f"step-item-{first}",
    )


def item(entry: Entry, journal: Journal) -> FT:
    """Return one change."""
    change = entry.change
    return Li(
        what(entry, journal),
        details(change, journal),
        Div(moment(change["at"], journal.reader), because(change, entry.why, journal), cls="about"),
        tools(change),
        id=f"change-{change['id']}",
        cls="entry",
        data_id=str(change["id"]),
        data_actor=change["actor"],
        data_client=change.get("client") or None,
        data_undone=True if change["undone_by"] else None,
    )


def what(entry: Entry, journal: Journal) -> FT:
    """Return the sentence that says who did what."""
    change = entry.change
    table = journal.tables.get(change["subject"])
    undone = f", which undid change {change['undoes']}" if change["undoes"] else ""
    name = Span(f" “{entry.name}”", cls="name", dir="auto") if entry.name else f" {change['row']}"
    if is_draft(change):
        return P(Span(ACTORS["user"], cls="who"), " wrote in", name, ".", cls="did")
    who = Span(who_did(change), cls="who")
    return P(who, f" {verb_of(change)} {kind_of(change, table)}", name, f"{undone}.", cls="did")


def details(change: Row, journal: Journal) -> FT | None:
    """Return the changed fields, before and after."""
    found = differences(change, journal.tables.get(change["subject"]), journal.profiles, journal.reader)
    if shown := TOLD.get(change["subject"]):
        found = [one for one in found if one.field in shown]
    if not found:
        return None
    return Dl(
        *(
            Div(
                Dt(one.field),
                Dd(Span(one.before, cls="before", dir="auto"), " → ", Span(one.after, cls="after", dir="auto")),
            )
            for one in found
        ),
        cls="differences",
    )


def value(text: str, which: str) -> FT:
    """Return a value before or after a change."""
    return Span(text, cls=which, dir="auto")


def moment(at: float, reader: Reader) -> FT:
    """Return the time of a change, on the reader's clock."""
    return Time(date_and_time(at, SECONDS, reader.zone), datetime=iso_time(at))


def because(change: Row, why: Why, journal: Journal) -> FT:
    """Return the cause (a message in the chat, an earlier change, or a click), and the chain of ids."""
    return Details(
        Summary(Span(why.sentence, cls="why")),
        Ol(*(Li(name) for name in why.chain), cls="chain", aria_label="From the order back to its cause"),
        link_to(change, why),
        reasons_of(change),
        macro_button(change, journal),
        since_button(change),
        erase_button(change),
        id=f"why-{change['id']}",
        cls="because",
    )


def link_to(change: Row, why: Why) -> FT | None:
    """Return the link to the cause."""
    if why.message:
        name = f"show-{change['id']}"
        return Button(
            "Show it in the chat", type="button", id=name, **commands("reveal", table="message", id=why.message)
        )
    return A(f"Go to change {why.change}", href=f"#change-{why.change}") if why.change else None


def reasons_of(change: Row) -> FT:
    """Return the button that shows the whole chain, and what the model was told."""
    name = f"reasons-{change['id']}"
    return Button("Why, in full", type="button", id=name, **commands("why", table="change", id=change["id"]))


def macro_button(change: Row, journal: Journal) -> FT | None:
    """Return the button that makes a macro of what the user did from this change on."""
    if change["actor"] != "user" or not can_repeat(change, journal.tables):
        return None
    name = f"macro-from-{change['id']}"
    return Button(
        "Make a macro from here on …", type="button", id=name, **commands("macro-ask-make", change=change["id"])
    )


def since_button(change: Row) -> FT:
    """Return the button that undoes everything the assistant did from this change on; it asks first."""
    label, name = "Undo everything the assistant did since here", f"since-{change['id']}"
    return Button(label, type="button", id=name, **commands("ask-undo-since", change=change["id"]))


def erase_button(change: Row) -> FT | None:
    """Return the button that deletes the row of a change for good, also when it was deleted before; it asks first."""
    if change["subject"] in NOT_ERASED_HERE or is_emptied(change):
        return None
    which = commands("erase-ask", table=change["subject"], id=change["row"])
    return Button("Delete for good …", type="button", id=f"erase-{change['id']}", **which)


def tools(change: Row) -> FT | None:
    """Return the Undo button, or a badge if the change was undone."""
    if change["undone_by"]:
        return Span("undone", cls="badge", title=f"By change {change['undone_by']}")
    if change["subject"] in NOT_UNDONE_HERE or (change["subject"] == "job" and change["verb"] == "update"):
        return None  # the state of a job is what happened to it
    if is_emptied(change):
        return Span("deleted for good", cls="badge") if change["subject"] not in NEVER_KEPT else None
    name = f"undo-{change['id']}"
    return Button("Undo", type="button", id=name, cls="undo", **commands("undo", change=change["id"]))


def older(view: AppView, journal: Journal) -> FT:
    """Return how many changes are shown, and the button that shows older ones."""
    shown = len(journal.entries)
    return Div(
        P(f"{view.offset + 1:,} to {view.offset + shown:,} of {journal.total:,}") if shown else None,
        Button("Show older", type="button", id="journal-more", **commands("more"))
        if view.offset + shown < journal.total
        else None,
        cls="range",
        hidden=view.offset + shown >= journal.total,
    )
