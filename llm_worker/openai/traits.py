"""What a server understands beyond OpenAI's protocol. Fields that it does not know are never sent to it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Traits:
    """What kind of program it is, as it showed itself in its list of models."""

    llama_cpp: bool = False
    """llama.cpp's server: tells the progress of reading, and what its cache held."""
    vllm: bool = False

    @property
    def templates(self) -> bool:
        """Whether a request may contain variables of the model's chat template (`enable_thinking`)."""
        return self.llama_cpp or self.vllm

    @property
    def samplers(self) -> bool:
        """Whether it knows the samplers of local engines (`top_k`, `min_p`)."""
        return self.llama_cpp or self.vllm


def read_traits(entries: list[Any]) -> Traits:
    """Return the traits of the server whose list of models has these entries."""
    owners = {str(entry.get("owned_by")).lower() for entry in entries if type(entry) is dict}
    return Traits(llama_cpp="llamacpp" in owners, vllm="vllm" in owners)


def template_capabilities(props: dict[str, Any]) -> tuple[str, ...]:
    """Return what a model can do, as far as the answer of llama.cpp's /props tells: from its chat template."""
    found, template = props.get("chat_template_caps"), props.get("chat_template")
    able = found if type(found) is dict else {}
    words = template if type(template) is str else ""
    return (
        "completion",
        *(["tools"] if able.get("supports_tools") is True and able.get("supports_tool_calls") is not False else []),
        *(["thinking"] if "enable_thinking" in words or "<think>" in words else []),
    )
