"""The dialog of the tools of other programs, as HTML: which servers there are, their tools, and how one is added."""

from collections.abc import Collection, Mapping, Sequence

from fastcore.xml import FT

from apps.tables import Row
from bus.mcp.servers import McpServer
from web.html.parts.dialogs import dialog
from web.html.parts.elements import (
    H3,
    Article,
    Button,
    Div,
    Footer,
    Header,
    Input,
    Label,
    Li,
    P,
    Section,
    Span,
    Ul,
    command_form,
    commands,
    sentence,
)
from web.html.parts.fragments import replace
from web.state.words import id_part

NAME = "tools"
FORM = f"{NAME}-form"
LIST = f"{NAME}-list"
LEAVES = "leaves this machine"
STATES = {"starting": "it is being started …", "ready": "", "failed": "not connected"}
ABOUT = (
    "The assistant can use tools of other programs (MCP). It asks you before each call, until you allow a tool. "
    "Programs of this machine are added by `pianola mcp add`."
)
NONE = "There are no servers of tools."


def tools_dialog(servers: Sequence[McpServer], listed: Mapping[str, Row], allowed: Collection[str]) -> FT:
    """Return the dialog. `listed`: what was heard of each server, by its name. `allowed`: tools that need no asking."""
    body = Div(
        P(*sentence(ABOUT), cls="note"), tools_list(servers, listed, allowed), add_form({}), cls="scrolls", tabindex="0"
    )
    return dialog(NAME, "Tools of other programs", body)


def tools_list(servers: Sequence[McpServer], listed: Mapping[str, Row], allowed: Collection[str]) -> FT:
    """Return the servers, each with its tools."""
    shown = [_server(one, listed.get(one.name, {}), allowed) for one in servers]
    return Div(Section(*shown, cls="offers", aria_label="Servers of tools") if shown else P(NONE, cls="note"), id=LIST)


def _server(server: McpServer, heard: Row, allowed: Collection[str]) -> FT:
    title = f"tools-of-{id_part(server.name)}"
    state = STATES.get(str(heard.get("state", "starting")), "")
    tools = heard.get("tools") or []
    return Article(
        Header(
            H3(server.name, id=title),
            Span(Span(LEAVES, cls="badge warning"), cls="marks") if server.url and not server.local else None,
            cls="offer-head",
        ),
        P(server.where, cls="address"),
        P(state, cls="note") if state else None,
        P(*sentence(str(heard["problem"])), cls="problem") if heard.get("problem") else None,
        Ul(*(_tool(server.name, one, allowed) for one in tools), cls="tools-of", aria_labelledby=title)
        if tools
        else None,
        Footer(*_buttons(server), cls="tools"),
        cls="offer",
        aria_labelledby=title,
    )


def _tool(server: str, tool: Row, allowed: Collection[str]) -> FT:
    called = f"{server}.{tool['name']}"
    again = _button("Ask first again", called, "tool-ask-again", tool=called)
    return Li(
        Span(str(tool["name"]), cls="name"),
        Span(f" {tool['about']}", cls="note", dir="auto") if tool["about"] else None,
        Span(" · called without asking ", cls="note") if called in allowed else Span(" · asked first", cls="note"),
        again if called in allowed else None,
    )


def _buttons(server: McpServer) -> tuple[FT, ...]:
    if server.file == "pianola.toml" or not server.url:
        return ()
    return (_button("Remove", server.name, "tool-server-remove", server=server.name),)


def _button(label: str, of: str, do: str, **values: object) -> FT:
    """Return a button that leaves the dialog open."""
    return Button(label, Span(f" ({of})", cls="hidden"), type="button", data_stays=True, **commands(do, **values))


def add_form(typed: Mapping[str, str], problem: str = "") -> FT:
    """Return the form for a server at an address. `typed`: what stands in it."""
    return command_form(
        "tool-server-add",
        H3("Add a server"),
        _field("name", "Name", "weather", typed),
        _field("url", "Address", "https://example.org/mcp", typed),
        P(*sentence(problem), cls="problem", role="alert", hidden=not problem),
        Footer(Button("Add", type="submit", id=f"{FORM}-add", cls="primary"), cls="tools"),
        values={},
        id=FORM,
        cls="fields",
        novalidate=True,
        data_stays=True,
    )


def _field(name: str, label: str, example: str, typed: Mapping[str, str]) -> FT:
    field = Input(
        type="text",
        name=name,
        id=f"{FORM}-{name}",
        value=typed.get(name, ""),
        placeholder=example,
        maxlength="600",
        autocomplete="off",
        autocapitalize="none",
        spellcheck="false",
    )
    return Label(Span(label), field, cls="field")


def draw(servers: Sequence[McpServer], listed: Mapping[str, Row], allowed: Collection[str]) -> str:
    """Draw the list again."""
    return replace(tools_list(servers, listed, allowed))


def draw_form(typed: Mapping[str, str], problem: str = "") -> str:
    """Draw the form again."""
    return replace(add_form(typed, problem))
