"""What `pianola up` prints when everything is ready."""

import time

from bus.messages import LlmListed
from bus.settings import Settings
from bus.token import make_ticket
from services.supervise.ports import HOST


def address(settings: Settings) -> str:
    """Return the URL of the page, without the token."""
    return f"http://{HOST}:{settings.port}/"


def entrance(settings: Settings, token: str) -> str:
    """Return the URL that lets a browser in."""
    return f"{address(settings)}?token={token}"


def side_entrance(settings: Settings, token: str) -> str:
    """Return a URL that lets a browser in once, now: for a command line, which every user of the machine can read."""
    return f"{address(settings)}?ticket={make_ticket(token, time.time())}"


def banner(settings: Settings, token: str, listed: LlmListed | None, chosen: str, seconds: float) -> str:
    """Return the lines. `listed`: None while the worker has not said what plays; `seconds`: from start to ready."""
    return f"""
  Pianola is ready ({seconds:.1f} s).

  Page     {entrance(settings, token)}
  Routes   /  the chat, with the app used last     /apps/todo  an app     /healthz  whether all is well
  Player   {player(listed, chosen)}
  Bus      {settings.subscribe_endpoint}  (connect a SUB here)
           {settings.publish_endpoint}  (connect a PUB here)
           pianola tail  shows every message
  Data     {settings.home}
  Stop     Ctrl-C here, or `pianola down`
"""


def player(listed: LlmListed | None, chosen: str) -> str:
    """Return who plays, in one sentence or two. `chosen`: the user's last choice, "" for none."""
    if listed is None:
        return "not known yet (pianola status)"
    if listed.player == "ollama":
        return f"{listed.playing(chosen) or 'no model'}, by Ollama at {listed.host}{_problem(listed)}"
    return f"the built-in rehearsal player, which is no language model{_problem(listed) or _way_to_a_model(listed)}"


def _problem(listed: LlmListed) -> str:
    return f"\n           {listed.problem}" if listed.problem else ""


def _way_to_a_model(listed: LlmListed) -> str:
    return f"\n           For a real one start Ollama at {listed.host} and give it a model: ollama pull qwen3"
