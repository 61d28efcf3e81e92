r"""Fragments: pieces of HTML that say where in the page they belong (htmx's `hx-swap-oob`).

A fragment is one kind of frame that the server sends over the WebSocket. The first character is the kind:

- `<…`: HTML for htmx, made here
- `=ID\nTEXT`: set the streaming text of message ID to TEXT, and empty its thinking
- `+ID\nTEXT`: append to its open block
- `|ID COUNT KIND\nHTML`: put finished blocks behind its first COUNT ones, in the place of all others, and begin an open
  block of this kind (`p`, `code`, `li` …: see `web/live/writing/draft.py`)
- `|ID COUNT.ITEMS KIND\nHTML`: put finished items into the list behind COUNT blocks, behind its first ITEMS ones
- `|ID COUNT.ITEMS.DEPTH KIND\nHTML`: put finished parts of the item behind these so many elements below that list: 1
  for the item, 2 for a list at its end
- `~ID SECONDS\nTEXT`: append to its thinking; the first such frame says for how long it thinks already
- `:ID\nTEXT`: what it is waiting for, in words
- `#ID\nDONE TOTAL\nWORDS`: how far job ID is; further jobs follow in the same way
- `@ADDRESS\nSENTENCE`: a sentence for the user, with a link
- `!NONCE`: a command was carried out
- `^WAY ORDER …\nWORDS`: what it changed, in words, and the orders to undo: see `web/commands/undoing/offers.py`
- `?NONCE\nSENTENCE`: a command was refused (without a nonce: a sentence for the user)
"""

from collections.abc import Iterable

from fastcore.xml import FT, Safe, to_xml


def html(*elements: FT) -> str:
    """Return the elements as HTML, without indentation: it would be visible in text that keeps its spaces."""
    return "".join(str(to_xml(element, indent=False)) for element in elements)


def fitting(elements: Iterable[FT], most: int) -> list[Safe]:
    """Return the elements, from the first one on, that have at most so many bytes as HTML, as HTML."""
    drawn: list[Safe] = []
    for element in elements:
        text = html(element)
        most -= len(text.encode())
        if most < 0:
            break
        drawn.append(Safe(text))
    return drawn


def replace(element: FT) -> str:
    """Return a fragment that replaces the element with the same id."""
    return html(_swapped(element, "true"))


def begin(target: str, *elements: FT) -> str:
    """Return a fragment that puts elements at the start of the element with the id `target`."""
    return html(_wrapped(f"afterbegin:#{target}", elements))


def append(target: str, *elements: FT) -> str:
    """Return a fragment that puts elements at the end of the element with the id `target`."""
    return html(_wrapped(f"beforeend:#{target}", elements))


def delete(target: str) -> str:
    """Return a fragment that removes the element with the id `target`."""
    return html(FT("div", (), {"id": target, "hx-swap-oob": "delete"}))


def _swapped(element: FT, how: str) -> FT:
    return FT(element.tag, element.children, {**element.attrs, "hx-swap-oob": how}, element.void_)


def _wrapped(where: str, elements: tuple[FT, ...]) -> FT:
    return FT("div", elements, {"hx-swap-oob": where})
