"""The text that `pianola up` prints when everything is ready, and the URLs of the page."""

import time
from collections.abc import Mapping, Sequence

from bus.message_line import safe
from bus.messages import LlmListed
from bus.servers.tables import RECOMMENDED_MODEL
from bus.servers.titles import called
from bus.settings import Settings
from bus.token import make_ticket, page_use
from services.cli.engine import what_is_there
from services.cli.lab import what_is_there as lab_url
from services.supervise.ports import HOST


def page_url(settings: Settings) -> str:
    """Return the URL of the page, without the token."""
    return f"http://{HOST}:{settings.port}/"


def login_url(settings: Settings, token: str) -> str:
    """Return the URL with the token, which lets a browser in."""
    return f"{page_url(settings)}?token={token}"


def ticket_url(settings: Settings, token: str) -> str:
    """Return a URL that works once, within a minute: for a command line, which every user of the machine can read."""
    return f"{page_url(settings)}?ticket={make_ticket(token, time.time(), page_use(settings.port))}"


def banner(
    settings: Settings,
    token: str,
    listed: LlmListed | None,
    chosen: str,
    *,
    seconds: float,
    routes: Sequence[Mapping[str, str]],
    stays: bool,
    ctrl_c: bool,
    broken: Sequence[str] = (),
) -> str:
    """Return the text. `listed`: None if the list of models has not come yet; `seconds`: from start to ready.

    `routes`: as `/healthz` lists them. `stays`: it runs in the background, and prints into a log. `ctrl_c`: Ctrl-C
    reaches it. `broken`: names of apps that were left out.
    """
    return f"""
  Pianola is ready ({seconds:.1f} s).

  Page     {_way_in(settings) if stays else login_url(settings, token)}
  Routes   {describe_routes(routes)}
  Player   {describe_player(listed, chosen)}
  Engine   {what_is_there(settings)}{_lab(settings)}{_broken(broken)}
  Bus      {settings.subscribe_endpoint}  (connect a SUB here)
           {settings.publish_endpoint}  (connect a PUB here)
           pianola tail  shows every message
  Data     {settings.home}
  Stop     {"Ctrl-C here, or " if ctrl_c else ""}`pianola down`
"""


def _way_in(settings: Settings) -> str:
    """Return where the page is, without the token: what runs in the background prints into a log."""
    return f"{page_url(settings)}  (`pianola url` prints a link that lets a browser in)"


def describe_routes(routes: Sequence[Mapping[str, str]]) -> str:
    """Return a line for each route: what to ask with which method, and what for."""
    if not routes:
        return "not known yet (pianola status)"
    asked = [f"{one['method']} {one['path']}" for one in routes]
    width = max(map(len, asked))
    lines = [f"{ask:<{width}}  {one['about']}" for ask, one in zip(asked, routes, strict=True)]
    return "\n           ".join(lines)


def _lab(settings: Settings) -> str:
    url = lab_url(settings)
    return f"\n  Lab      {url}  (JupyterLab)" if url else ""


def _broken(apps: Sequence[str]) -> str:
    """Return the line about apps that were left out; "" for none."""
    named = ", ".join(map(safe, apps))
    return f"\n  Apps     {named}: left out because of an error (`pianola status` says which)" if apps else ""


def describe_player(listed: LlmListed | None, chosen: str) -> str:
    """Return which player or model answers, in one or two sentences. `chosen`: the user's last choice, "" for none."""
    if listed is None:
        return "not known yet (pianola status)"
    if listed.player == "ollama":
        return f"{called(listed.playing(chosen)) or 'no model'}, by Ollama at {listed.host}{_problem(listed)}"
    if listed.player == "server" and listed.playing(chosen).startswith("embedded/"):
        return f"{called(listed.playing(chosen))}, by the embedded engine{_problem(listed)}"
    if listed.player == "server":
        return f"{called(listed.playing(chosen))}, by another server than Ollama{_problem(listed)}"
    return f"the built-in rehearsal player, which is no language model{_problem(listed) or _how_to_get_a_model(listed)}"


def _problem(listed: LlmListed) -> str:
    return f"\n           {listed.problem}" if listed.problem else ""


def _how_to_get_a_model(listed: LlmListed) -> str:
    return (
        f"\n           For a real model start Ollama at {listed.host} and get a model: ollama pull {RECOMMENDED_MODEL}"
    )
