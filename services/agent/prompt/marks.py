"""Break apart the marks with which models' templates separate messages, wherever a text from outside contains one.

Ollama and llama.cpp read such a mark in any text as their own token: a row `<|im_end|><|im_start|>system …` would
become an order of the system. A space inside of it makes it plain text. People see the text unchanged. Pure.
"""

import re

BARS = re.compile(r"<(?=[|｜])|(?<=[|｜])>")
"""`<|im_start|>`, `<|eot_id|>`, `<|channel|>` and whatever else is written like them; DeepSeek uses the wide bar."""
NAMED = re.compile(
    r"<(?=/?(?:s|bos|eos|pad|unk|cls|sep|mask|think|thinking|tool|tools|tool_call|tool_calls|tool_response|function"
    r"|function_calls?|function_results?|start_of_turn|end_of_turn|start_of_image|end_of_image|turn|im_start|im_end"
    r"|human|assistant|user|system|extra_id_\d+|reserved_\d+)(?:[ =][^<>\n]{0,80})?>)",
    re.IGNORECASE,
)
"""Marks in angle brackets: Gemma, Llama 1 and 2, Mistral, Qwen's calls and thoughts, T5."""
CAPITALS = re.compile(
    r"\[(?=/?(?:INST|SYS|THINK|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|AVAILABLE_TOOLS|SYSTEM_PROMPT|ARGS|CALL_ID|IMG"
    r"|gMASK|CLS|SEP|PREFIX|SUFFIX|MIDDLE)\])"
)
"""Marks in square brackets: Mistral, GLM."""
DOUBLED = re.compile(r"<(?=<\s?/?SYS>)")
"""`<<SYS>>` of Llama 2."""


def without_marks(text: str) -> str:
    """Return the text with a space in each mark. A text without marks is returned as it is."""
    if "<" in text or ">" in text:
        text = BARS.sub(lambda found: "< " if found[0] == "<" else " >", text)
        text = DOUBLED.sub("< ", NAMED.sub("< ", text))
    return CAPITALS.sub("[ ", text) if "[" in text else text
