"""HTML elements; and buttons and forms that send a command over the WebSocket."""

from collections.abc import Callable
from functools import partial

from fastcore.xml import FT, ft, voids

from apps import views

Tag = Callable[..., FT]
"""Takes children, which are escaped, and attributes (`cls` means class, `fr` means for, `_` in a name becomes `-`)."""


def _tag(name: str) -> Tag:
    return partial(ft, name, void_=name in voids)


A = _tag("a")
Article = _tag("article")
Body = _tag("body")
Button = _tag("button")
Code = _tag("code")
Dd = _tag("dd")
Del = _tag("del")
Details = _tag("details")
Dialog = _tag("dialog")
Div = _tag("div")
Dl = _tag("dl")
Dt = _tag("dt")
Fieldset = _tag("fieldset")
Footer = _tag("footer")
Form = _tag("form")
H1 = _tag("h1")
H2 = _tag("h2")
H3 = _tag("h3")
H4 = _tag("h4")
Head = _tag("head")
Header = _tag("header")
Html = _tag("html")
Input = _tag("input")
"""`TextInput` for what people write."""
TextInput = partial(Input, dir="auto")
Ins = _tag("ins")
Kbd = _tag("kbd")
Label = _tag("label")
Legend = _tag("legend")
Li = _tag("li")
Link = _tag("link")
Main = _tag("main")
Mark = _tag("mark")
Meta = _tag("meta")
Nav = _tag("nav")
Ol = _tag("ol")
Option = _tag("option")
P = _tag("p")
Pre = _tag("pre")
Progress = _tag("progress")
Script = _tag("script")
Section = _tag("section")
Select = _tag("select")
Span = _tag("span")
Summary = _tag("summary")
Table = _tag("table")
Tbody = _tag("tbody")
Td = _tag("td")
Textarea = partial(_tag("textarea"), dir="auto")
Tfoot = _tag("tfoot")
Th = _tag("th")
Thead = _tag("thead")
Time = _tag("time")
Title = _tag("title")
Tr = _tag("tr")
Ul = _tag("ul")


commands = views.commands
"""Returns the attributes that make an element send a command. Apps use the same function."""


def sentence(text: str) -> list[object]:
    """Return a sentence for the user, in which text in backticks (a command to type) becomes code."""
    return [Code(part) if place % 2 else part for place, part in enumerate(text.split("`"))]


def command_button(label: str, do: str, *, cls: str = "", **values: object) -> FT:
    """Return a button that sends a command."""
    return Button(label, type="button", cls=cls or None, **commands(do, **values))


def command_form(do: str, *children: object, values: dict[str, object], **attributes: object) -> FT:
    """Return a form that sends a command with `values` and its own fields when it is submitted.

    The values are not hidden inputs: for scripts, an input named `id` would hide the form's own `id`.
    """
    return Form(*children, **commands(do, **values), **attributes)


def icon_button(icon: str, label: str, **attributes: object) -> FT:
    """Return a button that shows an icon (a class of icons.css). `label`: for screen readers and the tooltip."""
    return Button(type="button", cls=f"icon icon-{icon}", aria_label=label, title=label, **attributes)
