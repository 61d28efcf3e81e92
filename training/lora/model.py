"""A model with a small difference (LoRA) over its weights: llama and qwen2, as llama.cpp runs them."""

from typing import Any

import numpy as np
import torch
from torch.nn import functional

from training.lora.weights import Weights

LONGEST = 1_024
"""Tokens of an example."""

Difference = dict[str, tuple[Any, Any]]
"""By matrix: the two thin matrices whose product is added to it."""


class TaughtModel:
    """A model whose weights stay, and a difference that is taught."""

    def __init__(self, weights: Weights, *, rank: int, alpha: float, device: str, seed: int = 0) -> None:
        """Load the weights. At first the difference is none: one of its two matrices is zero."""
        self.shape, self.rank, self.alpha, self.device = weights.shape, rank, alpha, device
        self.precision = torch.bfloat16 if device == "cuda" else torch.float32
        arrays = weights.arrays()
        tensors = {name: torch.tensor(one, device=device) for name, one in arrays.items()}
        self._norms = {name: one for name, one in tensors.items() if one.dim() == 1}
        self._matrices = {name: one.to(self.precision) for name, one in tensors.items() if one.dim() == 2}
        self._embedding = self._matrices["token_embd.weight"]
        self._output = self._matrices.get("output.weight", self._embedding)
        self._head_size = self._embedding.shape[1] // self.shape.heads
        self._cos, self._sin = self._turns()
        generator = torch.Generator().manual_seed(seed)
        self.low = {name: self._first(name, generator) for name in self.shape.matrices}
        self.high = {name: self._zero(name) for name in self.shape.matrices}

    def _first(self, name: str, generator: Any) -> Any:
        inputs = self._matrices[name].shape[1]
        values = torch.randn(self.rank, inputs, generator=generator) / inputs**0.5
        return torch.nn.Parameter(values.to(self.device))

    def _zero(self, name: str) -> Any:
        return torch.nn.Parameter(torch.zeros(self._matrices[name].shape[0], self.rank, device=self.device))

    def _turns(self) -> tuple[Any, Any]:
        """Return the cosine and sine of the angle by which each position turns each pair."""
        pairs = torch.arange(0, self._head_size, 2, device=self.device) / self._head_size
        angles = torch.arange(LONGEST, device=self.device)[:, None] * self.shape.rope_base**-pairs
        return angles.cos(), angles.sin()

    @property
    def parameters(self) -> list[Any]:
        """Everything that is taught."""
        return [*self.low.values(), *self.high.values()]

    @property
    def difference(self) -> Difference:
        """The difference, in the precision of the weights."""
        return {
            name: (self.low[name].to(self.precision), self.high[name].to(self.precision))
            for name in self.shape.matrices
        }

    def logits(self, hidden: Any) -> Any:
        """Return the score of each token at each place."""
        return functional.linear(hidden, self._output).float()

    def hidden(self, tokens: Any, difference: Difference) -> Any:
        """Return the last hidden state at each place of each text. `tokens`: texts by places."""
        state = functional.embedding(tokens, self._embedding)
        for layer in range(self.shape.layers):
            state = state + self._attention(state, f"blk.{layer}", difference)
            state = state + self._feed_forward(state, f"blk.{layer}", difference)
        return self._norm(state, "output_norm.weight")

    def _attention(self, state: Any, layer: str, difference: Difference) -> Any:
        texts, places, _ = state.shape
        normed = self._norm(state, f"{layer}.attn_norm.weight")
        query, key, value = (
            self._linear(normed, f"{layer}.attn_{one}", difference)
            .view(texts, places, -1, self._head_size)
            .transpose(1, 2)
            for one in "qkv"
        )
        shared = self.shape.heads // self.shape.kv_heads
        key, value = self._turned(key).repeat_interleave(shared, 1), value.repeat_interleave(shared, 1)
        mixed = functional.scaled_dot_product_attention(self._turned(query), key, value, is_causal=True)
        return self._linear(mixed.transpose(1, 2).reshape(texts, places, -1), f"{layer}.attn_output", difference)

    def _feed_forward(self, state: Any, layer: str, difference: Difference) -> Any:
        normed = self._norm(state, f"{layer}.ffn_norm.weight")
        gate = functional.silu(self._linear(normed, f"{layer}.ffn_gate", difference))
        return self._linear(gate * self._linear(normed, f"{layer}.ffn_up", difference), f"{layer}.ffn_down", difference)

    def _linear(self, state: Any, name: str, difference: Difference) -> Any:
        low, high = difference[f"{name}.weight"]
        bias = self._norms.get(f"{name}.bias")
        plain = functional.linear(
            state, self._matrices[f"{name}.weight"], None if bias is None else bias.to(self.precision)
        )
        return plain + functional.linear(functional.linear(state, low), high) * (self.alpha / self.rank)

    def _norm(self, state: Any, name: str) -> Any:
        weight = self._norms[name]
        return functional.rms_norm(state.float(), (state.shape[-1],), weight, self.shape.epsilon).to(self.precision)

    def _turned(self, heads: Any) -> Any:
        """Return the heads turned by their places (rotary embedding)."""
        cos, sin = self._cos[: heads.shape[2]], self._sin[: heads.shape[2]]
        pairs = heads.float()
        one, two = pairs.unflatten(-1, (-1, 2)).unbind(-1) if self.shape.turns_neighbours else pairs.chunk(2, -1)
        turned = one * cos - two * sin, one * sin + two * cos
        joined = torch.stack(turned, -1).flatten(-2) if self.shape.turns_neighbours else torch.cat(turned, -1)
        return joined.to(self.precision)

    def continued(self, tokens: list[int], count: int) -> list[int]:
        """Return the likeliest tokens behind these."""
        difference, found = self.difference, list(tokens)
        with torch.no_grad():
            for _ in range(count):
                hidden = self.hidden(torch.tensor([found], device=self.device), difference)
                found.append(int(self.logits(hidden[0, -1]).argmax()))
        return found[len(tokens) :]

    def save(self, folder: Any) -> None:
        """Write the difference into `lora-0.npz` and `lora-1.npz`: each half is small enough to be carried."""
        names = self.shape.matrices
        middle = len(names) // 2
        for number, some in enumerate((names[:middle], names[middle:])):
            arrays = {f"{name}.lora_a": self.low[name] for name in some} | {
                f"{name}.lora_b": self.high[name] for name in some
            }
            as_numpy = {name: one.detach().cpu().numpy().astype(np.float16) for name, one in arrays.items()}
            np.savez(folder / f"lora-{number}.npz", **as_numpy)
