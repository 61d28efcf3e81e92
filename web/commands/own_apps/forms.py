"""The commands of the form in which an app is declared. The store checks the declaration; its fact shows the app."""

from apps.core import APP, MESSAGE
from apps.names import name_from
from apps.own.declaration import read, with_emptied
from apps.tables import BadValue, Row
from bus.errors import Refused
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.commands.command import BadCommand, Command
from web.html.chat.app_card import is_about_app
from web.html.own_app.dialog import Targets, own_app_dialog, tables_part
from web.html.own_app.inputs import NAME
from web.html.own_app.unfit_dialog import unfit_dialog
from web.html.parts.dialogs import draw_dialog, draw_end
from web.html.parts.fragments import replace
from web.live.outbox import Frame
from web.state.fields import plural
from web.state.own_app.begun import form_of, form_of_card
from web.state.own_app.changed import changed
from web.state.own_app.declared import decided, declaration_of
from web.state.own_app.faults import input_at, opened_at
from web.state.own_app.form import AppForm, new_form
from web.state.own_app.sent import from_values


async def ask(command: Command) -> None:
    """Open the form: of a new app, of the app that is named, or of one that the assistant proposes in a message."""
    if "message" in command.values:
        form = form_of_card(await _proposal(command, command.number("message")), command.tab.reader)
        command.tab.push(Frame(draw_dialog(own_app_dialog(form, targets_of(command)))))
        return
    name = str(command.values.get("app", ""))
    form = form_of(await _row(command, {"name": name}), command.tab.reader) if name else new_form()
    command.tab.push(Frame(draw_dialog(own_app_dialog(form, targets_of(command)))))


async def change_form(command: Command) -> None:
    """Change the form itself: a field or a table is added, moved or removed. Nothing is stored."""
    act, place = command.text("act"), command.text("place")
    form = changed(from_values(command.values), act, place)
    if form is None:
        raise BadCommand(f"The form has no button {act!r:.40} at {place!r:.40}. Reload the page.")
    command.tab.push(Frame(replace(tables_part(form, targets_of(command)))))


def targets_of(command: Command) -> Targets:
    """Return the tables to whose rows a field may link: those that apps show, with what people call their rows."""
    apps = command.hub.apps
    return [(table.name, plural(table)) for app in apps.tables for table in apps.tables_of(app) if not table.keyed]


async def save(command: Command) -> None:
    """Make the app, or change it; a new one is opened. What is refused is marked in the form, which keeps it all."""
    sent, empties = _sent(command)
    form = from_values(sent)
    try:
        unfit = await _save(command, form, empties=empties)
    except (BadValue, Refused) as problem:
        raise _marked(command, problem, form) from problem
    command.tab.push(Frame(draw_dialog(unfit_dialog(unfit, sent)) if unfit else draw_end(NAME)))


def _marked(command: Command, problem: BadValue | Refused, form: AppForm) -> BadCommand:
    """Return the refusal of what the form says, with the input that it is about; unfold the part that holds it."""
    refusal = BadCommand(str(problem))
    refusal.field = input_at(problem.field, form)
    if opened := opened_at(refusal.field, form):
        command.tab.push(Frame(replace(tables_part(opened, targets_of(command)))))
    return refusal


async def _save(command: Command, form: AppForm, *, empties: bool) -> str:
    """Make or change the app; return which values do not fit new types of their fields, "" if it is done."""
    if not form.label:
        raise BadValue("bad_value", "The app has no name. Write one, for example My plants.", field="label")
    if form.card:
        await _agree(command, form)
        return ""
    row = await _row(command, {"id": form.id}) if form.id else None
    declaration = declaration_of(form, row["declaration"] if row else None, command.tab.reader)
    if row:
        return await _change(command, row, declaration, empties=empties)
    (made,) = await command.order(verb="insert", table=APP.name, values={"declaration": declaration})
    command.tab.push(Frame(f"@/apps/{made['name']}\nThe app “{form.label}” is there. Open it"))
    return ""


async def _change(command: Command, row: Row, declaration: Row, *, empties: bool) -> str:
    """Change an app; return which values do not fit new types of their fields, "" if it was changed.

    `empties`: these values are none then.
    """
    values = {"declaration": with_emptied(declaration, row["declaration"]) if empties else declaration}
    try:
        await command.order(verb="update", table=APP.name, id=row["id"], values=values)
    except Refused as refused:
        if refused.code != "unfit":
            raise
        return str(refused)
    return ""


async def remove(command: Command) -> None:
    """Remove the app. Its rows are kept, and come back with it."""
    row = await _row(command, {"id": command.number("id")})
    await command.order(verb="delete", table=APP.name, id=row["id"])


def _sent(command: Command) -> tuple[Row, bool]:
    """Return what the form says; and whether values that do not fit are to be none, which was asked after it."""
    again = command.values.get("again")
    return (again, True) if isinstance(again, dict) else (command.values, False)


async def _agree(command: Command, form: AppForm) -> None:
    """Have the assistant make what the form says in place of what it has proposed."""
    card = await _proposal(command, form.card)
    (would,) = card["detail"]["would"]
    declaration = declaration_of(form, would["after"]["declaration"], command.tab.reader)
    if not would["row"] and form.label != would["after"]["declaration"]["label"]:
        declaration["name"] = name_from(form.label, command.hub.registry.apps, "app")
    before = would["before"].get("declaration")  # the card says which values are none then
    whole = read(with_emptied(declaration, before) if before else declaration, command.hub.registry.tables)
    values, where = decided(card, whole.json), {"state": "proposed"}
    await command.order(verb="update", table=MESSAGE.name, id=card["id"], values=values, where=where)


async def _proposal(command: Command, number: int) -> Row:
    order = StoreOrder(verb="list", table=MESSAGE.name, where={"id": number, "state": "proposed"}, limit=1)
    found = (await ask_store(command.hub.bus, order)).rows
    if not found or not is_about_app(found[0]["detail"] or {}):
        raise BadCommand("This was decided already. Ask the assistant again.")
    return found[0]


async def _row(command: Command, where: Row) -> Row:
    order = StoreOrder(verb="list", table=APP.name, where={**where, "source": "declaration"}, limit=1)
    found = (await ask_store(command.hub.bus, order)).rows
    if not found:
        raise BadCommand("This app is not one that can be changed here, or it is not there any more.")
    return found[0]
