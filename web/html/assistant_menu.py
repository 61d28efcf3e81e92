"""The assistant's menu as HTML: its persona, when it asks before it acts, and how many remarks it may make."""

from collections.abc import Iterator

from fastcore.xml import FT

from apps.core import ASK_MODES, BUDGETS, DEFAULT_ASK, DEFAULT_PERSONA
from apps.tables import Row
from web.html.controls import switch
from web.html.parts.elements import (
    Button,
    Details,
    Div,
    Input,
    Label,
    Li,
    P,
    Section,
    Span,
    Summary,
    Ul,
    command_form,
    commands,
)
from web.state.page_view import PageView

ASK_LABELS = {
    "always": ("Always", "It asks before every change"),
    "harmful": ("If risky", "It asks before it deletes rows, or changes more than five rows at once"),
    "never": ("Never", "It makes each change at once. You can undo it"),
}
BUDGET_LABELS = {
    "comments_per_minute": "Remarks per minute, at most",
    "comment_tokens_per_hour": "Tokens per hour for remarks",
}


def assistant_menu(view: PageView) -> FT:
    """Return the menu."""
    chosen = chosen_persona(view)
    return Details(
        Summary(
            Span(str(chosen["name"]).capitalize(), cls="chosen"),
            title="Persona, and what the assistant may do without asking",
        ),
        Div(
            Ul(*(Li(_persona(one, chosen["name"])) for one in personas_of(view)), aria_label="Personas"),
            P(
                "Each persona is a text file in the folder “personas” of your data. You can edit and add them.",
                cls="note",
            ),
            Section(P("It asks first", cls="label-line"), ask_switch(view)),
            budgets(view),
            cls="panel",
        ),
        id="persona-menu",
        cls="menu",
    )


# --- personas ---


def personas_of(view: PageView) -> list[Row]:
    """Return the personas that the agent found: maps with `name`, `title`, `words` and `problem`."""
    listed = view.settings.get("personas")
    return [one for one in listed if isinstance(one, dict) and "name" in one] if isinstance(listed, list) else []


def chosen_persona(view: PageView) -> Row:
    """Return the chosen persona. It has only a `name` while the agent has not listed it."""
    name = view.settings.get("persona", DEFAULT_PERSONA)
    return next((one for one in personas_of(view) if one["name"] == name), {"name": name})


def persona_title(persona: Row) -> str:
    """Return the name of a persona for people."""
    return str(persona.get("title") or persona["name"])


def _persona(persona: Row, chosen: str) -> FT:
    problem = str(persona.get("problem") or "")
    words = f"{persona.get('words')} words" if persona.get("words") else ""
    return Button(
        Span(persona_title(persona), cls="chosen"),
        Span("broken", cls="badge warning", title=problem) if problem else Span(words, cls="size"),
        type="button",
        id=f"persona-{persona['name']}",
        cls="choice",
        title=problem or f"Answers in at most {words}",
        aria_current="true" if persona["name"] == chosen else None,
        **commands("set", key="persona", value=persona["name"]),
    )


# --- what it may do without asking ---


def ask_switch(view: PageView) -> FT:
    """Return the switch for when the assistant asks before it acts."""
    chosen = view.settings.get("ask")
    options = ((mode, *ASK_LABELS[mode]) for mode in ASK_MODES)
    return switch("ask", "It asks first", options=options, chosen=chosen if chosen in ASK_MODES else DEFAULT_ASK)


def budgets(view: PageView) -> FT:
    """Return the forms that limit how many remarks the assistant may make."""
    return Section(*_budget_forms(view), id="budgets", cls="budgets")


def _budget_forms(view: PageView) -> Iterator[FT]:
    for key, label in BUDGET_LABELS.items():
        least, most = BUDGETS[key]
        number = Input(
            type="number",
            name="value",
            id=f"budget-{key}",
            value=str(view.settings.get(key) or view.budgets.get(key, "")),
            min=str(least),
            max=str(most),
            required=True,
        )
        yield command_form(
            "set",
            Label(Span(label), number, cls="field"),
            values={"key": key},
            id=f"{key}-form",
            hx_trigger="change, submit",
        )
