"""Addresses in titles become links, and nothing else does."""

from fastcore.xml import FT, to_xml

from web.html.parts.elements import Span
from web.html.parts.links import addresses, linked

WHOLE = 400


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in addresses(text)]


def test_addresses_are_found_without_the_sentence_around_them():
    assert found("see https://example.org/a?b=1&c=2#d.") == ["https://example.org/a?b=1&c=2#d"]
    assert found("(HTTPS://en.wikipedia.org/wiki/Piano_(disambiguation)), or mailto:ada@example.org!") == [
        "HTTPS://en.wikipedia.org/wiki/Piano_(disambiguation)",
        "mailto:ada@example.org",
    ]
    assert found("“http://a.example”, http://b.example;\nhttp://[::1]:8000/x") == [
        "http://a.example",
        "http://b.example",
        "http://[::1]:8000/x",
    ]


def test_only_what_leads_to_a_page_or_a_mailbox_is_an_address():
    for text in (
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "xhttps://example.org",
        "http:///path",
        "http://[broken",
        "mailto:nobody",
        "https://",
        "www.example.org",
    ):
        assert found(text) == [], text


def test_a_link_opens_a_new_tab_that_knows_nothing_of_this_page_and_its_text_is_escaped():
    before, link, after = linked("buy https://shop.example/?a='1'&b=2 today", WHOLE)

    assert (before, after) == ("buy ", " today")
    assert isinstance(link, FT)
    assert link.attrs["rel"] == "noopener noreferrer"
    assert link.attrs["target"] == "_blank"
    assert "?a='1'&amp;b=2" in to_xml(link)
    assert "<script" not in to_xml(Span(*linked("https://x.example/<script>alert(1)</script>", WHOLE)))


def test_a_title_is_cut_but_a_link_in_it_leads_to_the_whole_address():
    address = f"https://example.org/{'x' * 50}"

    assert linked("y" * 10, 5) == ["yyyyy…"]
    text, link = linked(f"see {address}", 30)
    assert isinstance(link, FT)
    assert (text, link.children[0], link.attrs["href"]) == ("see ", f"{address[:26]}…", address)
    assert linked("milk", WHOLE) == ["milk"]
    assert linked(f"{'y' * 40} {address}", 30) == [f"{'y' * 30}…"]
