r"""Fragments: HTML that says where in the page it belongs (htmx's `hx-swap-oob`).

They are one of the kinds of frames that the server sends over the WebSocket; the first character tells the kind:

- `<…`: HTML for htmx, made here
- `=ID\nTEXT`: set the streaming text of message ID to TEXT, and empty its thinking
- `+ID\nTEXT`: append to its text
- `~ID\nTEXT`: append to its thinking
- `:ID\nTEXT`: what it is waiting for
- `!NONCE`: a command was carried out
- `?NONCE\nSENTENCE`: a command was refused (without a nonce: a sentence for the user)
"""

from fastcore.xml import FT, to_xml


def html(*elements: FT) -> str:
    """Render without indentation, which would show in text that keeps its spaces."""
    return "".join(str(to_xml(element, indent=False)) for element in elements)


def replace(element: FT) -> str:
    """Render an element that takes the place of the one of the same id."""
    return html(_swapped(element, "true"))


def begin(target: str, *elements: FT) -> str:
    """Render elements that go to the beginning of the element of id `target`."""
    return html(_wrapped(f"afterbegin:#{target}", elements))


def append(target: str, *elements: FT) -> str:
    """Render elements that go to the end of the element of id `target`."""
    return html(_wrapped(f"beforeend:#{target}", elements))


def insert_after(target: str, *elements: FT) -> str:
    """Render elements that go behind the element of id `target`."""
    return html(_wrapped(f"afterend:#{target}", elements))


def delete(target: str) -> str:
    """Render what removes the element of id `target`."""
    return html(FT("div", (), {"id": target, "hx-swap-oob": "delete"}))


def _swapped(element: FT, how: str) -> FT:
    return FT(element.tag, element.children, {**element.attrs, "hx-swap-oob": how}, element.void_)


def _wrapped(where: str, elements: tuple[FT, ...]) -> FT:
    return FT("div", elements, {"hx-swap-oob": where})
