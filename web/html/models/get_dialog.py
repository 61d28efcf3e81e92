"""The dialog that gets models, as HTML: what fits this machine, how far each download is, and any other name."""

from collections.abc import Iterator, Sequence

from fastcore.xml import FT

from bus.messages import LlmListed, Values
from bus.servers.tables import RECOMMENDED_MODEL
from web.html.models.menu import GET, only_talks
from web.html.parts.dialogs import dialog
from web.html.parts.elements import (
    H3,
    H4,
    Article,
    Button,
    Div,
    Footer,
    Header,
    Input,
    Label,
    P,
    Progress,
    Section,
    Span,
    command_form,
    commands,
    sentence,
)
from web.html.parts.fragments import replace
from web.state.page_view import PageView
from web.state.pulls import Pull
from web.state.servers import EMBEDDED, OLLAMA
from web.state.words import id_part, size_in_words

FORM = f"{GET}-form"
PROBLEM = f"{GET}-problem"
PLAYERS = "players"
GROUPS = {
    PLAYERS: "Pianola’s own players, taught to carry out orders",
    OLLAMA: "With Ollama",
    EMBEDDED: "Without Ollama, played by Pianola itself",
}
"""Headings, by the group of an offer."""


def get_dialog(view: PageView) -> FT:
    """Return the dialog; buttons with its id in `data-dialog` open it."""
    return dialog(
        GET,
        "Get a model",
        Div(
            P("Nothing is fetched before you press Get. What has come is kept when it breaks off.", cls="note"),
            get_problem(""),
            get_list(view),
            other_name(),
            cls="scrolls",
            tabindex="0",
        ),
        stays=True,
    )


def get_problem(problem: str) -> FT:
    """Return the sentence about a download that could not begin; hidden while there is none."""
    return P(*sentence(problem), id=PROBLEM, cls="problem", role="alert", hidden=not problem)


def other_name() -> FT:
    """Return the form for any other model of Ollama's library."""
    field = Input(
        type="text",
        name="model",
        id=f"{FORM}-name",
        placeholder=RECOMMENDED_MODEL,
        maxlength="300",
        autocomplete="off",
        autocapitalize="none",
        spellcheck="false",
        aria_describedby=PROBLEM,
    )
    return command_form(
        "model-get",
        Label(Span("Another model of Ollama’s library, by its name"), field, cls="field"),
        Button("Get", type="submit"),
        values={"typed": "yes"},
        id=FORM,
        cls="one-line",
        novalidate=True,
        data_stays=True,
    )


# --- the list ---


def get_list(view: PageView) -> FT:
    """Return the downloads that no offer stands for, then our own players, then the offers of each server."""
    offers = view.models.offers if view.models else []
    offered = {str(offer["name"]) for offer in offers}
    others = [pull for pull in view.pulls if pull.model not in offered]
    return Div(
        Section(H3("Downloads"), *(_download(pull, view) for pull in others), cls="offers") if others else None,
        *(_group(name, view) for name in _groups(offers)),
        None if offers or others else P(_nothing(view), cls="note"),
        id="get-list",
    )


def _nothing(view: PageView) -> str:
    """Return what to say when there is nothing to choose from."""
    if view.models is None:
        return "The process that knows the models does not answer yet."
    return "All models that we advise for this machine are here already."


def _groups(offers: Sequence[Values]) -> list[str]:
    """Return the groups of the offers; first those whose offers can be got, and of these our own players."""
    names = sorted({_group_of(offer) for offer in offers}, key=lambda name: [*GROUPS, name].index(name))
    stuck = {name: all(offer.get("problem") for offer in offers if _group_of(offer) == name) for name in names}
    return sorted(names, key=lambda name: stuck[name])


def _group_of(offer: Values) -> str:
    """Return under which heading an offer stands: its server, or that it is a player of our own."""
    return PLAYERS if offer.get("about") else str(offer.get("server", ""))


def _group(group: str, view: PageView) -> FT:
    offered = view.models.offers if view.models else ()
    offers = sorted((one for one in offered if _group_of(one) == group), key=rank)
    problems = {str(offer.get("problem") or "") for offer in offers}
    common = problems.pop() if len(problems) == 1 else ""
    pulls = {pull.model: pull for pull in view.pulls}
    name = f"offers-{id_part(group)}"
    return Section(
        H3(GROUPS.get(group, group), id=name),
        P(*sentence(common), cls="problem") if common else None,
        *(_offer(offer, pulls.get(str(offer["name"])), common) for offer in offers),
        cls="offers",
        aria_labelledby=name,
    )


def rank(offer: Values) -> tuple[bool, bool, bool, bool]:
    """Return what offers are sorted by: what can be got now, the advised one, what fits, what understands orders."""
    return bool(offer.get("problem")), not offer.get("best"), not offer.get("fits"), not offer.get("plays")


def offer_named(listed: LlmListed | None, name: str) -> Values:
    """Return the offer of this name; {} if there is none."""
    return next((offer for offer in (listed.offers if listed else ()) if offer["name"] == name), {})


def _offer(offer: Values, pull: Pull | None, told: str) -> FT:
    """`told`: the problem that the group tells already."""
    name, problem = str(offer["name"]), str(offer.get("problem") or "")
    marks = Span(*_marks(offer), cls="marks")
    if pull:
        return _item(name, str(offer["title"]), marks, P(_facts(offer), cls="note"), *_state(pull, name))
    get = Button(
        "Get",
        type="button",
        id=f"get-{id_part(name)}",
        cls="primary" if offer.get("best") else None,
        aria_label=f"Get {offer['title']}",
        disabled=bool(problem),
        **commands("model-get", model=name),
    )
    return _item(
        name,
        str(offer["title"]),
        marks,
        P(_facts(offer), cls="note", title=offer.get("address") or None),
        P(str(offer["about"])) if offer.get("about") else None,
        P(*sentence(problem), cls="problem") if problem and problem != told else None,
        get,
    )


def _item(name: str, title: str, marks: FT | None, *parts: FT | None) -> FT:
    return Article(
        Header(H4(title, id=f"title-{id_part(name)}"), marks, cls="offer-head"),
        *parts,
        id=f"offer-{id_part(name)}",
        cls="offer",
        aria_labelledby=f"title-{id_part(name)}",
    )


def _marks(offer: Values) -> Iterator[FT]:
    if offer.get("best"):
        yield Span("advised", cls="badge good", title="The one that we advise for this machine")
    if offer.get("fits"):
        yield Span("fits this machine", cls="badge", title="It fits into the memory of this machine")
    else:
        yield Span("too large", cls="badge warning", title="It does not fit into the memory of this machine")
    if not offer.get("plays"):
        yield only_talks()
    if not offer.get("tried"):
        yield Span("untried", cls="badge", title="None of us could run it yet")


def _facts(offer: Values) -> str:
    size = int(offer.get("size") or 0)
    source = str(offer.get("from") or "")
    facts = (size_in_words(size) if size else "", str(offer.get("licence") or ""), f"from {source}" if source else "")
    return " · ".join(fact for fact in facts if fact)


# --- a download ---


def _download(pull: Pull, view: PageView) -> FT:
    return _item(pull.model, pull.title, None, *_state(pull, installed_name(view.models, pull.model)))


def installed_name(listed: LlmListed | None, name: str) -> str:
    """Return what a model that was got is called in the list; "" while it is not there. Ollama adds `:latest`."""
    wanted = (name.casefold(), f"{name}:latest".casefold())
    names = (str(model["name"]) for model in (listed.models if listed else ()))
    return next((one for one in names if one.casefold() in wanted), "")


def _state(pull: Pull, listed: str) -> Iterator[FT]:
    """Yield how far a download is, and what can be done. `listed`: its name in the menu, "" if it is not there."""
    part, state = id_part(pull.model), pull.now.state
    if pull.runs:
        yield pull_progress(pull)
        yield Footer(_button("Cancel", "model-get-stop", f"stop-{part}", pull), cls="tools")
        return
    if state == "done":
        yield P("It is here." if listed else "It is here, and is being looked at …", role="status")
        yield Footer(_use(pull, listed), _forget(pull), cls="tools")
        return
    yield P(*sentence(_ending(pull)), cls="problem" if state == "failed" else "note", role="status")
    yield Footer(_button("Go on", "model-get", f"get-{part}", pull, cls="primary"), _forget(pull), cls="tools")


def _button(label: str, do: str, key: str, pull: Pull, cls: str = "") -> FT:
    """Return a button about a download. `key`: its id, with which it keeps the focus when it is drawn again."""
    spoken = f"{label}: {pull.title}"
    return Button(label, type="button", id=key, cls=cls or None, aria_label=spoken, **commands(do, model=pull.model))


def _forget(pull: Pull) -> FT:
    return _button("Dismiss", "model-get-forget", f"forget-{id_part(pull.model)}", pull)


def _use(pull: Pull, listed: str) -> FT:
    """Return the button that chooses the model, and closes the dialog."""
    return Button(
        "Use it",
        type="button",
        id=f"get-{id_part(pull.model)}",
        cls="primary",
        aria_label=f"Use {pull.title}",
        data_close=True,
        disabled=not listed,
        **commands("set", key="model", value=listed),
    )


def _ending(pull: Pull) -> str:
    if pull.now.state == "failed":
        return pull.now.problem
    return f"Cancelled{' at ' + _amount(pull) if pull.now.total else ''}. What has come is kept."


def pull_progress(pull: Pull) -> FT:
    """Return the bar of a download and the same in words; drawn alone while only the number of bytes changes."""
    now = pull.now
    known = {"value": str(min(now.done, now.total)), "max": str(now.total)} if now.total > 0 else {}
    host = f"from {now.host}" if now.host else ""
    words = " · ".join(part for part in (_amount(pull), host, _doing(pull)) if part)
    return Div(
        Progress(**known, aria_label=f"Getting {pull.title}"),
        P(words or "It begins …"),
        id=f"progress-{id_part(pull.model)}",
        cls="pull-progress",
    )


def _doing(pull: Pull) -> str:
    """Return what is done now; "" where amount and host say so already, and for the digests of Ollama's layers."""
    now = pull.now
    return "" if now.total and (now.host or now.note.startswith("pulling")) else now.note


def _amount(pull: Pull) -> str:
    """Return "1.2 GB of 2.5 GB · 48 %"; "" while the size is not known."""
    if pull.percent is None:
        return ""
    return f"{size_in_words(pull.now.done)} of {size_in_words(pull.now.total)} · {pull.percent} %"


# --- fragments ---


def draw_get_problem(problem: str) -> str:
    """Draw why a download could not begin, or that nothing is wrong any more."""
    return replace(get_problem(problem))


def draw_empty_form() -> str:
    """Draw the form without the name that was typed."""
    return replace(other_name())
