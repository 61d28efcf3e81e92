"""The app and the model that a question wants for itself, checked before it is asked."""

import asyncio
from collections.abc import Sequence

from bus.bus import Bus
from bus.errors import PianolaError
from bus.messages import LlmListed, ServiceAsked, Values
from bus.settings import Settings
from bus.text.normal import normal
from services.cli.data.handed_over import words_behind

LIST_SECONDS = 3.0
"""How long the worker may take to list its models."""


class NotThere(PianolaError):
    """There is no app or model of this name."""

    def __init__(self, what: str, name: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no {what} {name!r:.80}. There is: {', '.join(known) or 'none'}.")


def app_called(settings: Settings, name: str) -> str:
    """Return the name of an app, in whatever case it was written; "" for none."""
    return _one_of("app", name, apps(settings)) if name else ""


def apps(settings: Settings) -> list[str]:
    """Return the names of the apps."""
    return words_behind(settings, ["ask", "--app", ""])


async def model_called(bus: Bus, name: str) -> str:
    """Return the name of a model, in whatever case it was written; "" for none."""
    return _one_of("model", name, await models(bus)) if name else ""


async def models(bus: Bus) -> list[str]:
    """Return the names of the models that the worker lists."""
    listed: asyncio.Future[list[Values]] = asyncio.get_running_loop().create_future()

    def take(models: list[Values]) -> None:
        if not listed.done():
            listed.set_result(models)

    bus.hear(LlmListed, lambda heard: take(heard.message.models))
    await bus.greet(LIST_SECONDS)
    bus.say(ServiceAsked())
    try:
        async with asyncio.timeout(LIST_SECONDS):
            return [str(one["name"]) for one in await listed]
    except TimeoutError:
        raise NoModels from None


class NoModels(PianolaError):
    """The worker does not say which models there are."""

    def __init__(self) -> None:
        super().__init__(
            f"the process that speaks with the models has not listed them within {LIST_SECONDS:.0f} s. "
            "`pianola status` shows what is wrong."
        )


def _one_of(what: str, name: str, known: Sequence[str]) -> str:
    found = next((one for one in known if normal(one) == normal(name)), None)
    if found is None:
        raise NotThere(what, name, known)
    return found
