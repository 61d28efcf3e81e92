"""The morning page: choose its hour, ask for its lines, carry out a proposal to tidy."""

import re
from datetime import date, datetime, timedelta
from functools import partial

from apps.core import MORNING, SCHEDULE, SETTING
from apps.daily.opening import CHOSEN
from apps.daily.reading import DayReader, schedule_in
from apps.daily.tidy import Card
from apps.tables import Row
from apps.types.reader import name_of
from bus.errors import Refused
from bus.store_client import ask_store
from web.commands.command import BadCommand, Command
from web.state.page_view import profile_in

HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
TITLE = "Morning page"
CHANGED = "Something of this has changed meanwhile, so nothing was done. The page shows how it is now."
EVERY_DAY = "FREQ=DAILY"


async def choose(command: Command) -> None:
    """Set the hour from which the page is ready and opens first; "" switches that off."""
    hour = command.text("hour")[:5]
    if hour and not HOUR.fullmatch(hour):
        raise BadCommand(f"{hour!r:.20} is no time of day. Expected one like 07:00.")
    profile = profile_in(command.hub.shared.settings)
    where = {"profile": profile, "kind": "order"}
    schedule = schedule_in((await command.hub.reader.read(SCHEDULE.name, 100, where)).rows)
    orders: list[Row] = [{"verb": "update", "table": SETTING.name, "id": CHOSEN, "values": {"value": hour}}]
    if hour:
        orders.append(scheduled(schedule, times(hour, datetime.now(command.tab.reader.zone)), profile))
    elif schedule:
        orders.append({"verb": "update", "table": SCHEDULE.name, "id": schedule["id"], "values": {"state": "off"}})
    await command.order(verb="batch", table=SETTING.name, values={"orders": orders})


def times(hour: str, now: datetime) -> Row:
    """Return when a schedule is due that comes each day at an hour, the next time after `now`."""
    day = now.date() + timedelta(days=1 if f"{now:%H:%M}" >= hour else 0)
    zone = name_of(now.tzinfo) if now.tzinfo else ""
    return {"at": f"{day.isoformat()}T{hour}", "repeat": EVERY_DAY, "zone": zone, "state": "on"}


def scheduled(schedule: Row | None, times: Row, profile: int) -> Row:
    """Return the order that changes the schedule of the page, or makes it."""
    if schedule:
        return {"verb": "update", "table": SCHEDULE.name, "id": schedule["id"], "values": times}
    action = {"verb": "insert", "table": MORNING.name, "values": {"profile": profile}}
    values = {"title": TITLE, "kind": "order", "action": action, "profile": profile, **times}
    return {"verb": "insert", "table": SCHEDULE.name, "values": values}


async def write(command: Command) -> None:
    """Ask the assistant for its lines."""
    profile = profile_in(command.hub.shared.settings)
    await command.order(verb="insert", table=MORNING.name, values={"profile": profile})


async def tidy(command: Command) -> None:
    """Carry out a card, if it still is exactly what the user saw."""
    card = await card_seen(command)
    if "day" in command.values:
        card = card.to(day_in(command))
    try:
        await command.order(verb="batch", table=card.table.name, values={"orders": card.orders})
    except Refused as refused:
        raise BadCommand(CHANGED) if refused.code in ("conflict", "not_found") else refused from None


async def card_seen(command: Command) -> Card:
    """Return the card that the user saw, or raise `BadCommand` if it is another one now."""
    hub, name = command.hub, command.text("card")
    tables = {app: one.tables for app, one in hub.registry.sound.items()}
    now, profile = datetime.now(command.tab.reader.zone), profile_in(hub.shared.settings)
    cards = await DayReader(partial(ask_store, hub.bus), tables, profile, now).cards()
    card = next((one for one in cards if one.name == name), None)
    if card is None or card.seen != command.text("seen"):
        raise BadCommand(CHANGED)
    return card


def day_in(command: Command) -> date:
    """Return the day that was chosen."""
    text = command.text("day")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadCommand(f"{text!r:.40} is no day. Expected one like 2026-11-28.") from None
