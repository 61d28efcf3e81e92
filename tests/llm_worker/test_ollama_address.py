"""The worker asks only the address in the settings, directly, whatever tries to send it to another one."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bus.errors import EXIT_REFUSED
from bus.messages import LlmFailed, LlmFinished, LlmListed
from tests.llm_worker.test_worker import generated, list_of_models, order
from tests.support.ollama_double import Model, OllamaDouble, Redirect, speech
from tests.support.openai_double import OpenAiDouble
from tests.support.system import NO_OLLAMA, ROOT, Guest, System
from tests.support.user import User, visit

PROXIES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
NO_EXCEPTION = {"NO_PROXY": "", "no_proxy": ""}


def proxied(by: OllamaDouble) -> dict[str, str]:
    """Return an environment that sends all HTTP to a proxy, without an exception for this machine."""
    return dict.fromkeys(PROXIES, by.url) | NO_EXCEPTION


@pytest.fixture(scope="module")
def away() -> Iterator[OllamaDouble]:
    """A server that nobody should ask: it answers like the right one, and records each request."""
    with OllamaDouble() as double:
        yield double


@pytest.fixture
def elsewhere(away: OllamaDouble) -> Iterator[OllamaDouble]:
    """The same server; after each test it must have received nothing."""
    away.paths.clear()
    yield away
    assert away.paths == []


@pytest.fixture(scope="module")
def module_system(away: OllamaDouble) -> Iterator[tuple[OllamaDouble, System]]:
    """Worker and agent, in an environment with a proxy at the wrong server."""
    with OllamaDouble() as double, System({"OLLAMA_HOST": double.url, **proxied(away)}) as system:
        system.start("broker", "store", "llm_worker", "agent")
        yield double, system


@pytest.fixture
def double(module_system: tuple[OllamaDouble, System], elsewhere: OllamaDouble) -> Iterator[OllamaDouble]:
    """The right server; it must have received only requests with its own host name."""
    double, _ = module_system
    double.chats.clear()
    yield double
    double.answers.clear()
    assert {chat.headers["host"] for chat in double.chats} <= {double.url.removeprefix("http://")}


@pytest.fixture
def system(module_system: tuple[OllamaDouble, System]) -> System:
    return module_system[1]


async def look_again(guest: Guest, wanted: Any) -> LlmListed:
    """Make the worker check Ollama, as after a failed order; return the first list that passes the test."""
    heard = len(guest.heard)
    await generated(guest, order(model="nosuch"))
    found = await guest.until(lambda heard: isinstance(heard.message, LlmListed) and wanted(heard.message), after=heard)
    listed: LlmListed = found.message
    return listed


# --- proxies -----------------------------------------------------------------------------------------------------


def test_a_proxy_of_the_environment_is_not_asked(system: System, double: OllamaDouble):
    async def play(guest: Guest) -> None:
        listed = await list_of_models(guest)
        end = await generated(guest, order())
        assert (listed.host, listed.player) == (double.url, "ollama")
        assert isinstance(end, LlmFinished)

    system.visit(play)
    assert len(double.chats) == 1


def test_a_proxy_for_https_is_not_asked_either(elsewhere: OllamaDouble):
    """Nobody listens at this address: with a proxy, the proxy would be asked to connect to it."""
    address = NO_OLLAMA.replace("http:", "https:")
    with System({"OLLAMA_HOST": address, **proxied(elsewhere)}) as system:
        system.start("broker", "llm_worker")
        listed = system.visit(list_of_models)

    assert f"Ollama does not answer at {address} (connection refused)" in listed.problem


ASKED = ("GET /api/tags", "GET /api/ps", "POST /api/show", "POST /api/chat", "POST /api/pull")


def test_only_the_paths_that_the_docs_list_are_asked(system: System, double: OllamaDouble):
    page = (ROOT / "docs" / "servers.md").read_text()

    system.visit(lambda guest: generated(guest, order()))

    assert set(double.paths) <= set(ASKED)
    assert all(f"`{path.split()[1]}`" in page for path in ASKED)


def test_other_servers_are_asked_only_at_their_address_and_without_a_proxy(elsewhere: OllamaDouble):
    with OpenAiDouble(Model("one")) as lab, System(proxied(elsewhere)) as system:
        (system.home / "pianola.toml").write_text(f'[servers.lab]\naddress = "{lab.url}"\n')
        system.start("broker", "llm_worker")
        end = system.visit(lambda guest: generated(guest, order(model="lab/one")))

    assert isinstance(end, LlmFinished)
    assert set(lab.paths) <= {"GET /v1/models", "GET /props", "POST /v1/chat/completions"}


# --- redirections ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_chat_that_is_redirected_ends_with_a_sentence(
    system: System, double: OllamaDouble, elsewhere: OllamaDouble, code: int
):
    double.play([Redirect(f"{elsewhere.url}/api/chat", code)])

    end = system.visit(lambda guest: generated(guest, order()))

    assert isinstance(end, LlmFailed)
    assert f"redirects to another address with HTTP {code}: '{elsewhere.url}/api/chat'" in end.problem
    assert "set OLLAMA_HOST" in end.problem
    assert (end.text, end.retryable, end.interrupted) == ("", False, False)


@pytest.mark.parametrize("path", ["/api/tags", "/api/ps"])
@pytest.mark.parametrize("code", [302, 307])
def test_a_list_that_is_redirected_leaves_the_rehearsal_player_with_a_sentence(
    system: System, double: OllamaDouble, elsewhere: OllamaDouble, path: str, code: int
):
    async def play(guest: Guest) -> None:
        double.answers[path] = [Redirect(f"{elsewhere.url}{path}", code)]
        led = await look_again(guest, lambda listed: listed.player == "rehearsal")
        assert f"redirects to another address with HTTP {code}: '{elsewhere.url}{path}'" in led.problem
        assert led.host == double.url

        double.answers.clear()
        assert (await look_again(guest, lambda listed: listed.player == "ollama")).problem == ""

    system.visit(play)


@pytest.mark.parametrize("code", [302, 307])
def test_nothing_is_known_of_a_model_whose_description_is_redirected(
    system: System, double: OllamaDouble, elsewhere: OllamaDouble, code: int
):
    shown = Model(f"shown:{code}", capabilities_in_tags=False)
    double.answers["/api/show"] = [Redirect(f"{elsewhere.url}/api/show", code)]
    double.models.append(shown)

    async def play(guest: Guest) -> None:
        listed = await look_again(guest, lambda listed: any(model["name"] == shown.name for model in listed.models))
        (found,) = [model for model in listed.models if model["name"] == shown.name]
        assert (found["capabilities"], found["context"]) == ([], 0)
        assert "POST /api/show" in double.paths

    system.visit(play)
    double.models.remove(shown)


# --- orders and instructions -------------------------------------------------------------------------------------


def test_an_order_that_names_another_address_changes_nothing(
    system: System, double: OllamaDouble, elsewhere: OllamaDouble
):
    names = ("host", "url", "base_url", "OLLAMA_HOST", "proxy", "proxies", "follow_redirects", "trust_env", "headers")
    options = dict.fromkeys(names, elsewhere.url) | {"stream": False, "model": elsewhere.url, "messages": []}

    async def play(guest: Guest) -> None:
        end = await generated(guest, order(options=options))
        assert isinstance(end, LlmFinished)
        assert double.chats[-1].body["options"] == options
        assert set(double.chats[-1].body) == {"model", "messages", "options", "stream"}

    system.visit(play)


@pytest.mark.parametrize("form", ["{url}/x:1b", "//{host}/x:1b", "@{host}/x", "../../{host}", "x\r\nHost: {host}\r\n"])
def test_a_model_named_like_an_address_is_only_a_name(
    system: System, double: OllamaDouble, elsewhere: OllamaDouble, form: str
):
    name = form.format(url=elsewhere.url, host=elsewhere.url.removeprefix("http://"))

    end = system.visit(lambda guest: generated(guest, order(model=name)))

    assert isinstance(end, LlmFailed)
    assert "has no model" in end.problem
    assert double.chats[-1].body["model"] == name


def test_neither_the_model_nor_a_setting_can_change_the_address(
    system: System, double: OllamaDouble, elsewhere: OllamaDouble
):
    change = {"operation": "update", "table": "setting", "values": {"value": elsewhere.url}}
    attempts: list[dict[str, Any]] = [
        *(change | {"id": name} for name in ("ollama_host", "OLLAMA_HOST", "model")),
        {"operation": "insert", "table": "setting", "values": {"id": "ollama_host", "value": elsewhere.url}},
        {"operation": "open", "app": elsewhere.url},
        {"operation": "fetch", "url": elsewhere.url},
        {"operation": "list", "table": elsewhere.url},
    ]

    async def play(user: User) -> None:
        await user.set("ask", "never")
        settings = await user.order("list", "setting", sort="id", limit=1000)
        for attempt in attempts:
            double.play(speech(json.dumps(attempt)))
            await user.answer(await user.say(f"Use the server at {elsewhere.url}."), purpose="chat")
            await user.answer(await user.say("And now?"))
            double.forget()
        assert await user.order("list", "setting", sort="id", limit=1000) == settings
        for name in ("ollama_host", "OLLAMA_HOST", "host"):
            await user.set(name, elsewhere.url)
        await user.answer(await user.say("Who plays?"))
        await user.set("ask", "harmful")
        assert {listed.host for listed in user.guest.all(LlmListed)} == {double.url}

    visit(system, play)


# --- the setting itself ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["ftp", "file", "gopher", "socks5"])
def test_a_worker_with_an_address_of_another_protocol_refuses_to_start(elsewhere: OllamaDouble, scheme: str):
    address = elsewhere.url.replace("http:", f"{scheme}:")
    with System() as system:
        system.environment["OLLAMA_HOST"] = address
        worker = system.launch("llm_worker")

        assert worker.wait(60) == EXIT_REFUSED
        del system.processes["llm_worker"]
        assert f"OLLAMA_HOST={address!r} is not an address of http or https" in system.output("llm_worker")
        assert "Traceback" not in system.output("llm_worker")
