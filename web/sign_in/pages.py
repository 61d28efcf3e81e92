"""The pages for a browser that is not signed in, and pages of one sentence. They load only what everybody may load."""

import re
from html import escape
from http import HTTPStatus

from starlette.responses import JSONResponse, PlainTextResponse, Response

from web.sign_in.headers import POLICY, policy

OPEN_FILES = ("/static/sign-in.css", "/static/sign-in.js")
"""What these pages load."""
SIGN_IN = "/sign-in"
"""Path to which their forms are sent."""
ENTERED = "entered"
"""In the query of the address to which a browser comes after it has signed in."""

MANUAL = "Open the URL printed by `pianola up`: it carries the token that opens this page."
NOT_SIGNED_IN = f"This browser is not signed in. {MANUAL} Or run `pianola url`, and open what it prints."
FOR_SCRIPTS = (
    "You are not signed in. A script sends the header `Authorization: Bearer TOKEN`; the token is in the file `token` "
    "of the data folder; or a key that `pianola key add` has made. In a browser, open what `pianola url` prints."
)
WRONG_TOKEN = "This token, or this link, opens nothing (any more). A link of `pianola url` works once, within a minute."  # noqa: S105 (no password)
NO_COOKIE = (
    "You have just signed in, but this browser did not keep the cookie. Allow cookies for this address: without one "
    "Pianola cannot know this browser again."
)
COOKIES_OFF = "This browser keeps no cookies here. Allow them for this address: Pianola needs one to know this browser."
PLAIN_ADDRESS = (
    "This browser does not find the address that only Pianola has, so it is signed in at 127.0.0.1. Browsers send the "
    "cookie of 127.0.0.1 to every port: a program of this machine whose page you open there gets it too, and could use "
    "Pianola. Firefox, Chrome and Edge find the other address."
)
"""What it means to be signed in at 127.0.0.1."""


def with_code(sentence: str) -> str:
    """Return a sentence as HTML; what stands in backticks is code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(sentence))


def document(title: str, content: str, *, attributes: str = "", assets: str = "") -> str:
    """Return an HTML document."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title>{assets}</head><body{attributes}><main>{content}</main></body></html>"
    )


def sentence_page(status: HTTPStatus, sentence: str) -> Response:
    """Return a page that holds one sentence."""
    page = document(f"Pianola: {status.phrase}", f"<p>{with_code(sentence)}</p>")
    return Response(page, status, media_type="text/html")


def plain_answer(status: HTTPStatus, sentence: str, accept: str) -> Response | None:
    """Return an answer for a client that does not ask for HTML: JSON if it asks for that, else text; None for others.

    `accept`: its header Accept. Browsers name `text/html` in it when they go to an address; curl and scripts do not.
    """
    if "text/html" in accept or "application/xhtml" in accept:
        return None
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    if "json" in accept:
        return JSONResponse({"error": sentence}, status, headers)
    return PlainTextResponse(f"{sentence}\n", status, headers)


def sentence_answer(status: HTTPStatus, sentence: str, accept: str) -> Response:
    """Return a sentence in the form for which a client asks. `accept`: its header Accept."""
    return plain_answer(status, sentence, accept) or sentence_page(status, sentence)


def signed_out_page(port: int, *, problem: str = "", own_name: bool) -> Response:
    """Return the page that takes a token.

    `problem`: why the last try failed. `own_name`: whether it is shown at the page's own name.
    """
    said = f'<p class="problem" role="alert">{with_code(problem)}</p>' if problem else ""
    content = (
        f"<h1>Pianola</h1>{said}<p>{with_code(NOT_SIGNED_IN)}</p>"
        f'<form method="post" action="{SIGN_IN}"><label for="token">Token</label>'
        '<input type="password" id="token" name="token" required autocomplete="off" spellcheck="false" '
        'aria-describedby="where"><button type="submit">Sign in</button>'
        '<p id="where">It is in the file <code>token</code> of the data folder, which '
        "<code>pianola up</code> names.</p></form>"
        f'<p id="no-cookies" class="problem" hidden>{escape(COOKIES_OFF)}</p>'
    )
    return _page("Pianola: sign in", content, HTTPStatus.UNAUTHORIZED, port, "" if own_name else " data-lost")


def leading_page(port: int, own: str, ticket: str) -> Response:
    """Return the page that leads a browser from 127.0.0.1 to the page's own name, or lets it stay.

    `own`: the origin with the own name. `ticket`: opens the page once, at one of both.
    """
    there = escape(f"{own}/?ticket={ticket}")
    content = (
        f'<h1>Pianola</h1><p role="status">Opening the page at its own address …</p>'
        f'<p><a id="own" href="{there}">Open it now</a></p>'
        f'<form id="stay" method="post" action="{SIGN_IN}"><input type="hidden" name="ticket" value="{escape(ticket)}">'
        '<p>If this browser does not find that address:</p><button type="submit">Stay at this one</button></form>'
    )
    return _page("Pianola", content, HTTPStatus.OK, port, f' data-own="{escape(own)}"')


def _page(title: str, content: str, status: HTTPStatus, port: int, attributes: str) -> Response:
    style, script = OPEN_FILES
    assets = f'<link rel="stylesheet" href="{style}"><script src="{script}" defer></script>'
    page = document(title, content, attributes=attributes, assets=assets)
    headers = {
        POLICY: policy(f"http://*.localhost:{port}"),
        "Referrer-Policy": "same-origin",  # with no-referrer a browser sends its form with the Origin `null`
    }
    return Response(page, status, headers, media_type="text/html")
