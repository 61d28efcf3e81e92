"""The current step: keep what is typed, finish it, take what the assistant proposes, run its job."""

from typing import Any

from apps.tables import BadValue, Field, Row
from apps.work.runs import RUN, document, finished, held_in, in_list, title_of_row
from apps.work.workflows import Rows, Step
from bus.errors import Refused
from bus.messages import JobAnswered, JobRun, StoreOrder
from bus.store_client import ask_store
from web.commands.command import BadCommand, Command
from web.commands.workflows.current import (
    Current,
    change,
    changed_meanwhile,
    current,
    done_already,
    newest_change,
    open_step,
    typed,
    typed_of,
)
from web.state.form_values import from_form

MOST_NEW_ROWS = 50
"""Rows that one step may insert."""


async def keep(command: Command) -> None:
    """Keep what the user has typed in the current step, before it is submitted. The app does so by itself."""
    try:
        await keep_as_is(command, "")
    except Refused as refused:
        if refused.code != "conflict":
            raise
        await keep_as_is(command, "again")  # a proposal came at the same moment


async def keep_as_is(command: Command, attempt: str) -> None:
    """Keep what was typed in the run as it is now. Raises `Refused` (conflict) if it changes at the same moment."""
    now = await current(command)
    run = now.run
    if command.number("turn") != run["turn"] or run["finalised"]:
        if keeps_same(run, command):
            return
        step = now.workflow.step(command.text("step"))
        raise done_already(now, step, command) if step else BadCommand(f"{now.title} has changed.{typed_of(command)}")
    drafted = with_boxes(now.workflow.step(run["step"]), typed(command))
    placed = in_list(command.values.get("placed"))
    proposed = {name: value for name, value in run["proposed"].items() if name not in placed}
    if (drafted, proposed) == (run["draft"], run["proposed"]):
        return
    where = {"turn": run["turn"], "finalised": False, "proposed": run["proposed"]}
    values = {"draft": drafted, "proposed": proposed}
    await command.order(attempt, verb="update", table=RUN.name, id=run["id"], values=values, where=where, actor="app")


def with_boxes(step: Step | None, sent: Row) -> Row:
    """Return what a form holds, also the boxes that are not ticked, of which a browser sends nothing."""
    fields = (*step.form, *(step.job.fields if step.job else ())) if step else ()
    unticked: Row = {one.name: False for one in fields if one.kind.is_switch}
    return {**unticked, **({"rows": []} if step and step.rows else {}), **sent}


def keeps_same(run: Row, command: Command) -> bool:
    """Return whether the run holds already what is to be kept: it was submitted at the same moment."""
    held = held_in(run, str(command.values.get("step")))
    return all(isinstance(value, list) or str(held.get(name, value)) == value for name, value in typed(command).items())


async def submit(command: Command) -> None:
    """Finish the current step with what the form holds."""
    now, step = await open_step(command)
    holds, before = await held_by(command, now, step)
    values = finished(now.workflow, now.run, holds)
    locks = step.kind == "result" and not values["step"]
    update = {
        "verb": "update",
        "table": RUN.name,
        "id": now.run["id"],
        "values": values | ({"finalised": True} if locks else {}),
        "where": {"turn": now.run["turn"], "finalised": False},
    }
    try:
        await command.order(verb="batch", table=RUN.name, values={"orders": [update, *before]})
    except Refused as refused:
        if refused.code == "conflict":
            await open_step(command)  # says what is wrong now, for example after a double click
        raise changed_meanwhile(command, now.run, refused) from None


async def held_by(command: Command, now: Current, step: Step) -> tuple[Row, list[Row]]:
    """Return what the step holds when it is finished, and the orders that change other tables with it."""
    if step.rows:
        return await rows_held(command, now, step.rows)
    if step.job:
        return await job_held(command, now), []
    if step.result:
        return {"text": document(now.workflow, now.run, step)}, []
    return form_held(step.form, typed(command)), []


def form_held(fields: tuple[Field, ...], sent: Row) -> Row:
    """Return the values of a form in the types of its fields; raise `BadCommand` that names the field."""
    return {one.name: checked(one, sent) for one in fields}


def checked(one: Field, sent: Row) -> Any:
    """Return the value of a field, or raise `BadCommand`. No default takes the place of what the user emptied."""
    label = one.heading
    if one.kind.is_switch:
        value = sent.get(one.name, "") not in ("", "false", "off", False)
    elif one.name not in sent:
        raise BadCommand(f"The form came without “{label}”. Nothing was changed. Reload the page, and try again.")
    else:
        value = sent[one.name]
        if value == "" and not one.required and not one.kind.is_text:
            if one.kind.is_ordered and one.default is not None:
                raise BadCommand(f"“{label}” is empty. Give it {one.kind.expected}.")
            return one.empty
    try:
        return one.checked(from_form(one, value))
    except BadValue as problem:
        words = str(problem).replace(f"`{one.called}`", f"“{label}”")
        raise BadCommand(words) from None


# --- rows ---


async def rows_held(command: Command, now: Current, rows: Rows) -> tuple[Row, list[Row]]:
    """Return the chosen rows, and the orders that insert new ones and move the chosen ones to the head."""
    table = command.hub.registry.tables.get(rows.table)
    if table is None:
        raise BadCommand(f"The table {rows.table!r} of this step is not there (any more). Its app may be broken.")
    sent = typed(command)
    ids: list[Any] = list(map(str, in_list(sent.get("rows"))))
    ids = ids if table.keyed else [int(one) for one in ids if one.isdecimal() and len(one) < 19]
    new = [line.strip("-* \t") for line in str(sent.get("new", "")).splitlines()] if rows.adds else []
    new = [line for line in new if line]
    if rows.most and len(ids) + len(new) > rows.most:
        raise BadCommand(f"{len(ids) + len(new)} are chosen. Choose at most {rows.most}.")
    if len(new) > MOST_NEW_ROWS:
        raise BadCommand(f"These are {len(new)} new ones. Write at most {MOST_NEW_ROWS}.")
    chosen = await chosen_rows(command, now, rows, ids)
    held = [{"id": row["id"], "title": title_of_row(table, row)} for row in chosen]
    orders = [insertion(command, now, rows, line) for line in new]
    if rows.first and table.sortable:
        moves = [{"verb": "sort", "table": table.name, "id": row["id"], "values": {"after": 0}} for row in chosen[::-1]]
        orders = [*moves, *orders]
    return {"rows": [*held, *({"id": 0, "title": line} for line in new)]}, orders


async def chosen_rows(command: Command, now: Current, rows: Rows, ids: list[Any]) -> list[Row]:
    """Return the chosen rows in their order; raise `BadCommand` if one is gone."""
    if not ids:
        return []
    table = command.hub.registry.tables[rows.table]
    where = {"id": ids, **({"profile": now.run["profile"]} if table.scoped else {})}
    order = StoreOrder(verb="list", table=table.name, where=where, limit=1_000)
    found = (await ask_store(command.hub.bus, order)).rows
    if gone := len(set(ids)) - len(found):
        raise BadCommand(f"{gone} of the chosen rows were deleted meanwhile. Look at the list, and try again.")
    return found


def insertion(command: Command, now: Current, rows: Rows, title: str) -> Row:
    """Return the order that inserts a row that the user wrote."""
    table = command.hub.registry.tables[rows.table]
    name = next(one.name for one in table.fields if one.kind.is_text and not one.choices)
    values = {**rows.where, name: title, **({"profile": now.run["profile"]} if table.scoped else {})}
    return {"verb": "insert", "table": table.name, "values": values}


# --- jobs ---


async def run_job(command: Command) -> None:
    """Run the job of the current step with the values of the form."""
    state = await newest_change(command)
    now, step = await open_step(command)
    if step.job is None:
        raise BadCommand(f"The step “{step.title}” runs no job.")
    sent = typed(command)
    arguments = step.job.checked({one.name: checked(one, sent) for one in step.job.fields})
    run = now.run
    order = JobRun(app=now.app, job=step.job.name, arguments=arguments, title=step.job.title(arguments),
                   profile=run["profile"])  # fmt: skip
    id_ = f"workflow-job-{run['id']}-{state}"
    heard = await command.hub.bus.ask(order, now.app, id=id_)
    answer: JobAnswered = heard.message
    if not answer.ok:
        raise BadCommand(f"The job was not begun. {answer.error.get('message', '')}")
    await change(command, run, {"asked": answer.job, "draft": with_boxes(step, sent)})


async def job_held(command: Command, now: Current) -> Row:
    """Return what a finished job leaves; raise `BadCommand` while it is not done."""
    where = {"id": now.run["asked"]}
    rows = (await ask_store(command.hub.bus, StoreOrder(verb="list", table="job", where=where, limit=1))).rows
    if not rows:
        raise BadCommand(f"The job of “{now.step.title}” was not run yet. Run it first.")
    if rows[0]["state"] != "done":
        raise BadCommand(
            f"The job {rows[0]['title']!r:.80} is {rows[0]['state']}. Wait until it is done, or run it again."
        )
    return {"job": rows[0]["id"], "arguments": rows[0]["arguments"], "result": rows[0]["result"] or {}}


# --- what the assistant proposes ---


async def take(command: Command) -> None:
    """Replace what stands in a field by what the assistant proposes."""
    now, _ = await open_step(command)
    name = command.text("field")
    run = now.run
    if name not in run["proposed"]:
        raise BadCommand("The assistant proposes nothing for this field (any more).")
    proposed = {one: value for one, value in run["proposed"].items() if one != name}
    await change(command, run, {"draft": {**run["draft"], name: run["proposed"][name]}, "proposed": proposed})


async def drop(command: Command) -> None:
    """Drop what the assistant proposes for a field."""
    now, _ = await open_step(command)
    name = command.text("field")
    proposed = {one: value for one, value in now.run["proposed"].items() if one != name}
    await change(command, now.run, {"proposed": proposed})
