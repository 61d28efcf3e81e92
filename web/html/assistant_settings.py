"""The assistant's settings as HTML: its persona, when it asks before it acts, and how many remarks it may make."""

from collections.abc import Iterator
from time import time

from fastcore.xml import FT

from apps.core import ASK_MODES, BUDGETS, DEFAULT_ASK, DEFAULT_PERSONA
from apps.tables import Row
from apps.talk.silence import silence_in
from bus.servers.titles import called
from web.html.controls import switch
from web.html.parts.elements import (
    Button,
    Div,
    Input,
    Label,
    Li,
    P,
    Section,
    Span,
    Ul,
    command_form,
    commands,
    icon_button,
)
from web.html.parts.fragments import fitting, replace
from web.html.parts.menus import app_title
from web.state.model_settings import settings_of
from web.state.page_view import PageView

ASK_LABELS = {
    "always": ("Always", "It asks before every change"),
    "harmful": ("If risky", "It asks before it deletes rows, or changes more than five rows at once"),
    "never": ("Never", "It makes each change at once. You can undo it"),
}
MOST_BYTES = 6_000
"""Of HTML, for the personas, and for the user's own texts: more files than fit are not listed."""
BUDGET_LABELS = {
    "comments_per_minute": "Remarks per minute, at most",
    "comment_tokens_per_hour": "Tokens per hour for remarks",
}


def assistant_settings(view: PageView) -> FT:
    """Return the settings."""
    chosen = chosen_persona(view)
    personas = fitting((Li(_persona(one, chosen["name"])) for one in personas_of(view)), MOST_BYTES)
    return Div(
        P("Persona", cls="label-line"),
        Ul(*personas, aria_label="Personas"),
        persona_of_model(view),
        P("Each persona is a text file in the folder “personas” of your data. You can edit and add them.", cls="note"),
        *_prompt_files(view),
        Section(P("It asks first", cls="label-line"), ask_switch(view)),
        budgets(view),
        silence(view),
        id="assistant-settings",
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


def persona_of_model(view: PageView) -> FT:
    """Return a sentence that says that the model in use has a persona of its own; hidden if it has none."""
    name = _own_persona(view)
    title = next((persona_title(one) for one in personas_of(view) if one["name"] == name), name)
    words = f"{called(view.model)} speaks as “{title}”, as its settings say. The choice above is for other models."
    return P(words if name else "", id="persona-of-model", cls="note", hidden=not name)


def draw_persona_of_model(view: PageView) -> str:
    """Draw what depends on the model in use, in place of what was there."""
    return replace(persona_of_model(view))


def _own_persona(view: PageView) -> str:
    """Return the persona of the model in use; "" if it has none, or one that there is no file for."""
    name = settings_of(view.settings, view.model).get("persona")
    return next((str(one["name"]) for one in personas_of(view) if one["name"] == name), "")


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


# --- files that take the place of built-in texts ---


def _prompt_files(view: PageView) -> Iterator[FT]:
    """Yield what the agent found in the folder “prompts”; nothing if there is nothing."""
    listed = view.settings.get("prompt_files")
    files = [one for one in listed if isinstance(one, dict) and "file" in one] if isinstance(listed, list) else []
    if files:
        label = P("Your own texts for it", cls="label-line")
        lines = fitting(map(_prompt_file, files), MOST_BYTES)
        yield Section(label, Ul(*lines, aria_label="Your own texts for it"), cls="prompt-files")


def _prompt_file(one: Row) -> FT:
    problem = str(one.get("problem") or "")
    return Li(
        Span(Span(str(one["file"]), cls="file"), None if problem else Span("in use", cls="size"), cls="line"),
        P(problem, cls="problem") if problem else None,
    )


# --- what it may do without asking ---


def ask_switch(view: PageView) -> FT:
    """Return the switch for when the assistant asks before it acts."""
    chosen = view.settings.get("ask")
    options = ((mode, *ASK_LABELS[mode]) for mode in ASK_MODES)
    return switch("ask", "It asks first", options=options, chosen=chosen if chosen in ASK_MODES else DEFAULT_ASK)


def silence(view: PageView) -> FT:
    """Return where the user wants no remarks, each with a button that allows them again; hidden if nowhere."""
    wish = silence_in(view.settings)
    entries = [(f"about {app_title(app, view)}", {"scope": "app", "app": app}) for app in wish.apps]
    if wish.until > time():
        entries.append(("today", {"scope": "today"}))
    return Section(
        P("No remarks", cls="label-line"),
        Ul(*(_silent_place(label, values) for label, values in entries), aria_label="No remarks"),
        id="silence",
        hidden=not entries,
    )


def _silent_place(label: str, values: dict[str, str]) -> FT:
    lift = icon_button("close", f"Allow remarks {label} again", **commands("unsilence", **values))
    return Li(Span(label.capitalize(), cls="chosen"), lift)


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
