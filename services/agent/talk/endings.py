"""The values of a row after its generation has ended. Pure."""

import json

from apps.tables import Row
from bus.messages import MAX_TEXT_CHARACTERS, Values
from services.agent.limits import MAX_CALLS, MAX_PROBLEM, MAX_ROW_BYTES, MAX_THINKING
from services.agent.parse.spans import spans_of, without_instructions
from services.agent.prompt.build import BuiltPrompt, generation_of
from services.agent.talk.generations import Ending
from services.agent.talk.joining import joined
from services.agent.talk.word_limit import fold_of, within_words

KEPT_DETAILS = (
    "round", "retries", "feedback", "results", "repair", "happened", "upto", "changed", "reads", "looked", "first",
    "drafts", "about", "profile", "by",
)  # fmt: skip
"""The keys of `detail` that a row keeps from one attempt to the next: they say what the text is generated for."""
SILENT_ANSWERS = ("", "-", "–", "—", '"-"', "`-`")
"""What the model answers when it has nothing to say."""
QUOTATION_MARKS = ('""', "“”", "„“", "„”", "«»", "»«", "''", "‘’")
ONLY_WORDS = ("comment", "note")
"""Purposes of rows that change nothing, whatever the model writes."""
WITHOUT_A_WORD = "The model ended without a word. Try again, or choose another model."
TOO_MANY_CALLS = "The model called its tools with more than can be kept; none of it was done."


def is_silent(row: Row, ending: Ending) -> bool:
    """Return whether the model had nothing to say, so that the row is deleted."""
    if row["purpose"] == "note" and not ending.proper:
        return True
    if row["purpose"] in ONLY_WORDS:
        return words_only(ending.text) in SILENT_ANSWERS and (ending.proper or row["purpose"] == "comment")
    nothing = ending.text.strip() in SILENT_ANSWERS and not ending.tool_calls
    return nothing and row["purpose"] == "step" and ending.proper


def final_values(row: Row, ending: Ending, built: BuiltPrompt) -> Row:
    """Return the values of a row at its end."""
    said = reply_as_text(ending.text) if built.path == "format" else ending.text
    text = joined(row["text"], said)[:MAX_TEXT_CHARACTERS]
    if row["purpose"] in ONLY_WORDS:
        text = words_only(text)
        if row["purpose"] == "comment" and ending.proper:
            text = within_words(text, built.kept["words"])
    room = max(0, MAX_ROW_BYTES - len(text.encode())) // 4
    calls = [] if row["purpose"] in ONLY_WORDS else ending.tool_calls
    too_many = len(json.dumps(calls)) > MAX_CALLS
    says_nothing = not text.strip() and not calls and ending.proper
    problem = TOO_MANY_CALLS if too_many else WITHOUT_A_WORD if says_nothing else ending.problem
    return {
        "state": "failed" if says_nothing else ending.state,
        "text": text,
        "thinking": ending.thinking[: min(room, MAX_THINKING)],
        "generation": generation_of(row),
        "model": ending.model,
        "problem": problem[:MAX_PROBLEM],
        "detail": _detail(row, ending, built, text, [] if too_many else calls),
    }


def _detail(row: Row, ending: Ending, built: BuiltPrompt, text: str, calls: list[Values]) -> Row:
    """Return `path`, the `tokens` used of the model's context, the `calls`, and the `spans` of instructions."""
    detail = {name: value for name, value in (row["detail"] or {}).items() if name in KEPT_DETAILS}
    tokens = {
        "prompt": ending.prompt_tokens,
        "answer": ending.tokens,
        "window": built.window,
        "guess": built.guess,
        "bytes": built.bytes,
        **ending.counts,
    }
    detail |= built.kept | {"path": built.path, "tokens": tokens}
    spans = spans_of(text)
    return detail | _if_any("calls", calls) | _if_any("spans", spans) | _fold(row, ending, built, text, spans)


def _fold(row: Row, ending: Ending, built: BuiltPrompt, text: str, spans: list[list[int]]) -> Row:
    """Return `folded`: where the page folds an answer that has more words than its persona allows, and how many."""
    most = built.kept.get("words", 0)
    if not most or not ending.proper or row["purpose"] in ONLY_WORDS:
        return {}
    fold = fold_of(text, spans, most)
    return {"folded": fold} if fold else {}


def _if_any(name: str, value: list[Values] | list[list[int]]) -> Row:
    return {name: value} if value else {}


def words_only(text: str) -> str:
    """Return a remark or a summary without instructions, and without quotation marks around all of it."""
    text = without_instructions(text)
    inside = text[1:-1]
    return inside.strip() if text[:1] + text[-1:] in QUOTATION_MARKS and not set(inside) & set('"“”„«»') else text


def reply_as_text(text: str) -> str:
    """Return a reply that follows the schema (`path` format) as text: the words, then each instruction in a fence."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if type(value) is not dict or type(value.get("instructions")) is not list:
        return text
    fences = [f"```json\n{json.dumps(one, ensure_ascii=False)}\n```" for one in value["instructions"]]
    return "\n\n".join([str(value.get("say", "")), *fences]).strip()
