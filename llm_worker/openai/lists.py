"""The list of models as servers of this protocol give it, read into `Model`. Most fields are extras of one server.

`id` alone is certain. llama.cpp adds `meta` (`n_ctx`, `size`) and `status`; vLLM `max_model_len`; hosted services
`context_length`. A value of an unexpected type counts as missing.
"""

import re
from typing import Any

from llm_worker.contract import About, Model
from llm_worker.stream.json_values import count, member

NO_CHAT = re.compile(r"embed|rerank|whisper|tts|dall-e|moderation|transcribe|\bclip\b", re.IGNORECASE)
"""Names of models that do not chat, for servers that list no abilities."""


def read_models(entries: list[Any], about: About, wanted: tuple[str, ...]) -> list[Model]:
    """Return the models in a list. `wanted`: show only these, in this order, also those that are not listed."""
    listed = {model.name: model for entry in entries if (model := read_model(entry, about))}
    if not wanted:
        return list(listed.values())
    return [listed.get(name) or Model(name, about.name, about.local, loaded=True) for name in wanted]


def read_model(entry: Any, about: About) -> Model | None:
    """Return the model in an entry, None when it has no name."""
    name = entry.get("id") if type(entry) is dict else None
    if type(name) is not str or not name:
        return None
    meta = member(entry, "meta")
    lengths = (meta.get("n_ctx"), entry.get("max_model_len"), entry.get("context_length"), meta.get("n_ctx_train"))
    return Model(
        name=name,
        server=about.name,
        local=about.local,
        size=count(meta.get("size")),
        digest=name,
        loaded=member(entry, "status").get("value", "loaded") == "loaded",
        capabilities=("embedding",) if NO_CHAT.search(name) else (),
        context=next((length for value in lengths if (length := count(value))), 0),
    )
