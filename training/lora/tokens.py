"""Text as tokens, as the engine makes them: the tokenizer of a GGUF file (byte-level BPE), and orders as examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

from bus.messages import Values
from training.lora.weights import Weights

SPECIAL = 3
"""The type of a token that is never a part of a text."""
QWEN2_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How llama.cpp divides a text for `qwen2`, before it looks for tokens."""
BEGIN, END = "<|im_start|>", "<|im_end|>"
"""Around a message, in the templates of both families of models."""


@dataclass(frozen=True, slots=True)
class Example:
    """The tokens of a talk. Those from `answer_at` on are learnt."""

    tokens: Any
    answer_at: int

    def __len__(self) -> int:
        return len(self.tokens)


def tokenizer_of(weights: Weights) -> Tokenizer:
    """Return the tokenizer of a file."""
    vocabulary = {word: number for number, word in enumerate(weights.texts("tokenizer.ggml.tokens"))}
    merges = [tuple(one.split(" ")) for one in weights.texts("tokenizer.ggml.merges")]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(_dividing(weights.text("tokenizer.ggml.pre")))
    tokenizer.decoder = decoders.ByteLevel()
    kinds = weights.values("tokenizer.ggml.token_type")
    special = [word for word, kind in zip(vocabulary, kinds, strict=True) if kind == SPECIAL]
    tokenizer.add_special_tokens([AddedToken(word, special=True, normalized=False) for word in special])
    return tokenizer


def _dividing(kind: str) -> list[Any]:
    """Return how a text is divided before tokens are looked for."""
    if kind == "qwen2":
        by_pattern = pre_tokenizers.Split(Regex(QWEN2_WORDS), "isolated")
        return [by_pattern, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    digits = pre_tokenizers.Digits(individual_digits=True)
    return [digits, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]


def example_of(tokenizer: Tokenizer, messages: Sequence[Values]) -> Example:
    """Return a talk as tokens; its last message is what is learnt."""
    *told, answer = messages
    before = "".join(f"{BEGIN}{one['role']}\n{one['content']}{END}\n" for one in told)
    head = tokenizer.encode(f"{before}{BEGIN}assistant\n").ids
    tail = tokenizer.encode(f"{answer['content']}{END}").ids
    return Example(np.array(head + tail, np.uint32), len(head))
