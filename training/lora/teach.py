"""Teach the difference: batches until the time or the steps are used up, with figures of orders that are not taught."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn import functional

from training.lora.batches import batches_of, width_of
from training.lora.model import Difference, TaughtModel
from training.lora.tokens import Example, example_of

CHECKED_AT_ONCE = 50
"""Examples that are not taught, in one batch."""
REPORT_STEPS = 100
WARM_UP_STEPS = 40
LEAST_RATE = 0.02
"""Share of the rate at the end."""
QUESTION = "What is the capital of France?"
ANSWER = "Paris"


class WrongModel(Exception):
    """The model does not say what the engine says with the same weights."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is taught. Whatever is used up first ends it."""

    seconds: float
    steps: int
    """0: no limit."""
    rate: float
    batch_tokens: int
    held: int
    """Examples that are not taught, for figures."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """How well examples are answered that were not taught. `whole`: share of answers that are right in each token."""

    loss: float
    whole: float


Say = Callable[[str], None]


def check_model(model: TaughtModel, tokenizer: Tokenizer) -> None:
    """Raise `WrongModel` unless the untaught model knows what its weights know: else shape or turning is wrong."""
    told = [{"role": "system", "content": "You are helpful."}, {"role": "user", "content": QUESTION}]
    example = example_of(tokenizer, [*told, {"role": "assistant", "content": ""}])
    said = tokenizer.decode(model.continued(example.tokens[: example.answer_at].tolist(), 8))
    if ANSWER not in said:
        raise WrongModel(f"Asked {QUESTION!r}, the model says {said!r:.80}. Expected {ANSWER!r} in it.")


def teach(model: TaughtModel, examples: Sequence[Example], plan: Plan, say: Say) -> Figures:
    """Teach all examples but the held ones; return the figures of those."""
    held, taught = examples[: plan.held], examples[plan.held :]
    batches = batches_of(taught, plan.batch_tokens, Random(plan.seed))  # noqa: S311 (an order of chance, no secret)
    begun, seen, step = time.monotonic(), 0, 0
    optimiser = torch.optim.AdamW(model.parameters, lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.0)
    say(f"{len(taught)} examples in {len(batches)} batches; held out before: {figures(model, held)}")
    while (part := _part_done(plan, step, time.monotonic() - begun)) < 1:
        batch = batches[step % len(batches)]
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * rate_at(step, part)
        loss = _learn(model, batch, optimiser)
        step, seen = step + 1, seen + sum(map(len, batch))
        if step % REPORT_STEPS == 0:
            say(f"step {step}, loss {loss:.4f}, {seen:,} tokens, {time.monotonic() - begun:.0f} s")
    found = figures(model, held)
    say(f"{step} steps, {seen:,} tokens, {time.monotonic() - begun:.0f} s; held out after: {found}")
    return found


def _part_done(plan: Plan, step: int, seconds: float) -> float:
    """Return which part of the plan is done: 0 to 1."""
    return max(seconds / plan.seconds, step / plan.steps if plan.steps else 0)


def rate_at(step: int, part: float) -> float:
    """Return the share of the rate: it rises at first, then falls along half a cosine."""
    warm = min(1.0, (step + 1) / WARM_UP_STEPS)
    return warm * (LEAST_RATE + (1 - LEAST_RATE) * 0.5 * (1 + math.cos(math.pi * min(1.0, part))))


def _learn(model: TaughtModel, batch: list[Example], optimiser: Any) -> float:
    scores, wanted, _ = _scores(model, batch, model.difference)
    loss = functional.cross_entropy(scores, wanted)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters, 1.0)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    return float(loss.item())


def _scores(model: TaughtModel, batch: list[Example], difference: Difference) -> tuple[Any, Any, Any]:
    """Return for each token of each answer: the scores, the right token, and the place of its example."""
    tokens, learnt = _filled_up(batch)
    places = torch.from_numpy(learnt).to(model.device)
    ids = torch.from_numpy(tokens).to(model.device)
    hidden = model.hidden(ids, difference)[places]
    return model.logits(hidden), ids.roll(-1, 1)[places], places.nonzero()[:, 0]


def _filled_up(batch: list[Example]) -> tuple[Any, Any]:
    """Return the tokens of a batch, filled up with zeros, and whether the token behind each place is learnt."""
    width = width_of(batch)
    tokens = np.zeros((len(batch), width), np.int64)
    learnt = np.zeros((len(batch), width), bool)
    for row, one in enumerate(batch):
        tokens[row, : len(one)] = one.tokens
        learnt[row, one.answer_at - 1 : len(one) - 1] = True
    return tokens, learnt


def figures(model: TaughtModel, held: Sequence[Example]) -> Figures:
    """Return how well examples are answered."""
    difference, losses, whole = model.difference, [], 0
    with torch.no_grad():
        for start in range(0, len(held), CHECKED_AT_ONCE):
            batch = list(held[start : start + CHECKED_AT_ONCE])
            scores, wanted, rows = _scores(model, batch, difference)
            losses.append(float(functional.cross_entropy(scores, wanted).item()))
            missed = (scores.argmax(-1) != wanted).float()
            by_example = torch.zeros(len(batch), device=model.device).index_add_(0, rows, missed)
            whole += int((by_example == 0).sum())
    return Figures(round(sum(losses) / max(len(losses), 1), 4), round(whole / max(len(held), 1), 4))
