"""What the row of an answer says when its generation has ended. Pure."""

import json

from apps.tables import Row
from bus.messages import MAX_TEXT_CHARACTERS, Values
from services.agent.parse.spans import spans_of
from services.agent.prompt.build import BuiltPrompt, generation_of
from services.agent.prompt.layers import tokens_in
from services.agent.talk.generations import Ending

LONGEST_THINKING = 50_000
LARGEST_ROW_BYTES = 800_000
"""Of text and reasoning together, so that the row passes the bus."""
LARGEST_CALLS = 20_000
"""Characters of native calls, as JSON."""
KEPT = ("round", "retries", "feedback", "results", "repair", "happened", "upto")
"""What a row's `detail` keeps from one attempt to the next: what it was asked for."""
SILENT_ANSWERS = ("", "-", "–", "—", '"-"', "`-`")
"""What the model answers when it has nothing to say."""
TOO_MANY_CALLS = "The model called its tools with more than can be kept; none of it was done."


def is_silent(row: Row, ending: Ending) -> bool:
    """Return whether the model had nothing to say, so that its row is not worth keeping."""
    if row["purpose"] == "note" and not ending.proper:
        return True
    nothing = ending.text.strip() in SILENT_ANSWERS and not ending.tool_calls
    return nothing and (row["purpose"] == "comment" or (row["purpose"] in ("step", "note") and ending.proper))


def final(row: Row, ending: Ending, built: BuiltPrompt) -> Row:
    """Return the values of an answer's row at its end."""
    said = unfolded(ending.text) if built.path == "format" else ending.text
    text = (row["text"] + said)[:MAX_TEXT_CHARACTERS]
    room = max(0, LARGEST_ROW_BYTES - len(text.encode())) // 4
    calls = ending.tool_calls
    too_many = len(json.dumps(calls)) > LARGEST_CALLS
    return {
        "state": ending.state,
        "text": text,
        "thinking": ending.thinking[: min(room, LONGEST_THINKING)],
        "generation": generation_of(row),
        "model": ending.model,
        "problem": (TOO_MANY_CALLS if too_many else ending.problem)[:2_000],
        "detail": _detail(row, ending, built, text, [] if too_many else calls),
    }


def _detail(row: Row, ending: Ending, built: BuiltPrompt, text: str, calls: list[Values]) -> Row:
    """Return `path`, the `tokens` used of the model's window, the `calls`, and the `spans` of instructions."""
    detail = {name: value for name, value in (row["detail"] or {}).items() if name in KEPT}
    told = built.characters
    tokens = {
        "prompt": ending.prompt_tokens,
        "answer": ending.tokens,
        "window": built.window,
        "guess": tokens_in(told),
    }
    spans = spans_of(text)
    return detail | {"path": built.path, "tokens": tokens} | _given("calls", calls) | _given("spans", spans)


def _given(name: str, value: list[Values] | list[list[int]]) -> Row:
    return {name: value} if value else {}


def unfolded(text: str) -> str:
    """Return a reply of the prescribed form as other models write it: words, then each instruction in a fence."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if type(value) is not dict or type(value.get("instructions")) is not list:
        return text
    fences = [f"```json\n{json.dumps(one, ensure_ascii=False)}\n```" for one in value["instructions"]]
    return "\n\n".join([str(value.get("say", "")), *fences]).strip()
