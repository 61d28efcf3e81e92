"""Which parts of a text that is being written are instructions, or may become some: they are never shown raw. Pure.

This is a guess, because the text still grows. Where the instructions stand in a finished answer is said by the agent,
which parses it (`detail.spans`); what was guessed otherwise is then drawn again.
"""

import re

OPERATION = "operation|op|verb|command|method|action"
"""Keys whose text names what is to be done."""
AROUND = (
    "operations|instructions?|actions?|steps?|commands|calls?|tool_calls?|function_call|requests|"
    "insert|update|delete|toggle|sort|list|get|search|open|add|create|remove|run|cancel"
)
"""Keys of objects that have an instruction in them."""
OTHERS = (
    "say|table|id|ids|values|rows|app|job|name|tool|tool_name|function|function_name|json|arguments|parameters|params|"
    "args|input|tool_input|action_input|kwargs"
)
"""Other keys with which an instruction may begin."""
BEGINS = re.compile(
    r"(?:```[\w-]{0,20}[ \t]{0,9}|(?<![\"'“‘«„‹`]))(?:\[\s{0,9})?\{\s{0,9}"
    r"[\"'“]?(?:" + f"{OPERATION}|{AROUND}|{OTHERS}" + r")[\"'”]?\s{0,9}:"
)
"""The beginning of an object that may be an instruction, with its fence if it stands in the same line."""
MAY_BEGIN = re.compile(
    r"(?:`{1,3}|```[\w-]{0,20}\s{0,9})?(?:\[\s{0,9})?(?:\{\s{0,9}(?:[\"'“]?[a-z_]{0,20}[\"'”]?\s{0,9})?)?\Z"
)
"""An end of the text that may become such a beginning with the next token."""
OPENED = re.compile(r"^[ \t]*(?:[-*+][ \t]+|\d{1,3}[.)][ \t]+)?`{3,}[\w-]{0,20}[ \t]*\n\s*\Z", re.MULTILINE)
"""A line that begins code, right before an object."""
LONGEST_LINE = 80
"""Characters of such a line."""
MARKS = re.compile(r'\\.|["{}\[\]]', re.DOTALL)
KEYED = re.compile(
    r"[{,]\s*[\"'“]?(?:(?:" + OPERATION + r")[\"'”]?\s*:\s*[\"'“\w]|(?:" + AROUND + r")[\"'”]?\s*:\s*[\[{])"
)
CALLED = re.compile(r"[{,]\s*[\"'“]?(?:name|tool|tool_name|function|function_name)[\"'”]?\s*:")
WITH_ARGUMENTS = re.compile(r"[{,]\s*[\"'“]?(?:arguments|parameters|params|args|input|tool_input|kwargs)[\"'”]?\s*:")
LINED = re.compile(r"^[ \t]*(?:- )?operation[ \t]*:", re.MULTILINE)

SEARCHED = (
    "", "json", "json5", "jsonc", "jsonl", "ndjson", "instruction", "instructions", "tool", "tools", "tool_call",
    "tool_calls", "tool_code", "function_call", "action", "yaml", "yml",
)  # fmt: skip
"""Languages of code in which an instruction may stand."""
LONGEST = 20_000
"""Characters. An instruction that is longer and has no end is shown."""


def is_instruction(text: str) -> bool:
    """Return whether a whole object, or whole code, is an instruction."""
    called = CALLED.search(text) and WITH_ARGUMENTS.search(text)
    return bool(KEYED.search(text) or called or LINED.search(text))


def may_be_instruction(language: str, code: str) -> bool:
    """Return whether code that still grows may be an instruction. `code`: its first lines."""
    first = code.lstrip()[:11].removeprefix("- ")
    return language in SEARCHED and (first[:1] in ("", "{", "[") or first[:9] == "operation"[: len(first)])


def first_possible(text: str, start: int) -> tuple[int, int]:
    """Return where the first object behind `start` begins that may be an instruction, and where it ends.

    The end is 0 while it has none. Both are the length of the text where nothing may be one.
    """
    found = BEGINS.search(text, start)
    if not found:
        begin = MAY_BEGIN.search(text, start)
        return (begin.start(), 0) if begin and begin.start() < len(text) else (len(text), len(text))
    begins = found.start()
    fence = OPENED.search(text, max(0, begins - LONGEST_LINE), begins)
    if fence or text.startswith("```", begins):
        closed = text.find("```", found.end())
        return fence.start() if fence else begins, closed + 3 if closed > 0 else 0
    return begins, _end_of_braces(text, begins)


def _end_of_braces(text: str, start: int) -> int:
    """Return the place behind the brace or bracket that closes the one at `start`; 0 while there is none."""
    depth, quoted = 0, False
    for mark in MARKS.finditer(text, start):
        letter = mark[0]
        if letter == '"':
            quoted = not quoted
        elif not quoted and letter[0] != "\\":
            depth += 1 if letter in "{[" else -1
            if depth == 0:
                return mark.end()
    return 0
