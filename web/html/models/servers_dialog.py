"""The dialog of the servers of models, as HTML: which there are, and how one is added, changed and removed.

A key goes only from the browser to the server. What comes back is whether there is one.
"""

from collections.abc import Iterator, Mapping

from fastcore.xml import FT

from bus.servers.keys import MAX_KEY_CHARACTERS
from web.html.models.menu import LEAVES, SERVERS
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
    P,
    Section,
    Span,
    command_button,
    command_form,
    commands,
    sentence,
)
from web.html.parts.fragments import replace
from web.state.page_view import PageView
from web.state.servers import OLLAMA, ServerEntry
from web.state.words import count, id_part

FORM = f"{SERVERS}-form"
KEY = "server-key"
"""Id of the dialog that changes a key."""
REMOVE = "server-removal"
"""Id of the dialog that asks before a server is removed."""
FIELDS = ("name", "address", "secret")
KINDS = {"openai": "OpenAI’s protocol", "ollama": "Ollama", "embedded": "Pianola’s own engine"}


def servers_dialog(view: PageView) -> FT:
    """Return the dialog; the button in the menu of models opens it."""
    return dialog(
        SERVERS,
        "Servers of models",
        Div(servers_list(view), add_form({}), cls="scrolls", tabindex="0"),
        stays=True,
    )


# --- the list ---


def servers_list(view: PageView) -> FT:
    """Return all servers, and what is wrong with their files."""
    return Div(
        *(P(*sentence(problem), cls="problem") for problem in view.server_problems),
        Section(*(_server(one) for one in view.servers), cls="offers", aria_label="Servers"),
        None if view.servers else P("The process that knows the servers does not answer yet.", cls="note"),
        id="servers-list",
    )


def _server(one: ServerEntry) -> FT:
    title = f"server-{id_part(one.name)}"
    away = "What you write to its models, and the rows that they are shown, are sent there."
    return Article(
        Header(
            H3(one.name, id=title),
            Span(
                Span(KINDS.get(one.kind, one.kind), cls="badge"),
                None if one.local else Span(LEAVES, cls="badge warning", title=away),
                cls="marks",
            ),
            cls="offer-head",
        ),
        P(one.address, cls="address") if one.address else None,
        P(" · ".join(_facts(one)), cls="note"),
        P(*sentence(one.problem), cls="problem") if one.problem else None,
        Footer(*_buttons(one), cls="tools"),
        id=f"{title}-card",
        cls="offer",
        aria_labelledby=title,
    )


def _facts(one: ServerEntry) -> Iterator[str]:
    if not one.listed:
        yield "it is being looked at …"
    elif not one.problem:
        yield count(one.models, "model") if one.models else "no models so far"
    if one.file:
        yield "added here" if one.editable else f"stands in {one.file}"
    elif one.name == OLLAMA:
        yield "set by OLLAMA_HOST"
    if one.takes_key:
        yield "a key is set" if one.has_key else "no key"


def _buttons(one: ServerEntry) -> Iterator[FT]:
    part = id_part(one.name)
    if one.takes_key:
        label = "Change the key …" if one.has_key else "Set a key …"
        yield _button(label, "server-ask-key", f"key-{part}", one)
    if one.editable:
        yield _button("Remove …", "server-ask-remove", f"remove-{part}", one)


def _button(label: str, do: str, key: str, one: ServerEntry) -> FT:
    spoken = f"{label} ({one.name})"
    return Button(label, type="button", id=key, aria_label=spoken, data_stays=True, **commands(do, server=one.name))


# --- a new server ---


def add_form(typed: Mapping[str, str]) -> FT:
    """Return the form for a new server. `typed`: what stands in it; never a key."""
    return command_form(
        "server-add",
        H3("Add a server"),
        P(
            "Any server that speaks OpenAI’s chat protocol: llama.cpp’s server, LM Studio, vLLM, or a hosted service.",
            cls="note",
        ),
        _field("name", "Name", "lab", typed),
        _field("address", "Address", "http://127.0.0.1:8080", typed),
        key_field(FORM, "Key, if it wants one"),
        problem_of(FORM, "", ""),
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
        aria_describedby=f"{FORM}-{name}-problem",
    )
    return Div(Label(Span(label), field, cls="field"), problem_of(FORM, name, ""))


def key_field(form: str, label: str) -> FT:
    """Return the field of a key: always empty, and not for the browser to remember."""
    field = Input(
        type="password",
        name="secret",
        id=f"{form}-secret",
        maxlength=str(2 * MAX_KEY_CHARACTERS),
        autocomplete="new-password",
        aria_describedby=f"{form}-secret-problem",
    )
    return Div(Label(Span(label), field, cls="field"), problem_of(form, "secret", ""))


def problem_of(form: str, field: str, problem: str) -> FT:
    """Return the sentence below a field (below the form if `field` is ""); hidden while there is none."""
    key = f"{form}-{field or 'form'}-problem"
    return P(*sentence(problem), id=key, cls="problem", role="alert", hidden=not problem)


# --- one server ---


def key_dialog(one: ServerEntry) -> FT:
    """Return the dialog that sets, changes or removes a key."""
    remove = Button(
        "Remove the key",
        type="button",
        data_stays=True,
        **commands("server-key", server=one.name, secret="", remove="yes"),
    )
    return dialog(
        KEY,
        f"Key of the server “{one.name}”",
        P("A key is set. It is not shown; a new one replaces it." if one.has_key else "No key is set."),
        P(f"It is sent only to {one.address}, and kept in keys.toml of your data folder, for you alone.", cls="note"),
        command_form(
            "server-key",
            key_field(KEY, "New key"),
            problem_of(KEY, "", ""),
            Footer(
                Button("Save", type="submit", cls="primary"),
                Button("Cancel", type="button", data_close=True),
                remove if one.has_key else None,
                cls="tools",
            ),
            values={"server": one.name},
            id=f"{KEY}-form",
            cls="fields",
            novalidate=True,
            data_stays=True,
        ),
    )


def removal_dialog(one: ServerEntry) -> FT:
    """Return the dialog that asks before a server is removed."""
    key = " Its key is deleted." if one.has_key else ""
    return dialog(
        REMOVE,
        f"Remove the server “{one.name}”?",
        P(f"Its models leave the menu.{key} The server itself is not touched."),
        Footer(
            command_button("Remove it", "server-remove", cls="danger", server=one.name),
            Button("Keep it", type="button", autofocus=True, data_close=True),
            cls="tools",
        ),
    )


# --- fragments ---


def draw_problems(form: str, problems: Mapping[str, str]) -> str:
    """Draw the sentence of each field of a form, in place of the one before. What was typed stays."""
    fields = ("secret", "") if form == KEY else (*FIELDS, "")
    return "".join(replace(problem_of(form, field, problems.get(field, ""))) for field in fields)


def draw_added() -> str:
    """Draw the form empty again."""
    return replace(add_form({}))
