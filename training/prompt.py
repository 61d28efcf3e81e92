"""A made-up order as messages, made by the product's own composer: what is taught is what the product asks."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from bus.messages import Values
from services.agent.limits import DEFAULT_COMMENT_WORDS
from services.agent.prompt.build import day_in_words
from services.agent.prompt.layers import Situation
from services.agent.prompt.player.forms import compose, remark
from services.agent.prompt.turns import JUST_HAPPENED, USER_SAYS, Turn
from training.orders.sample import Sample
from training.scenes.situation import FORM, situation_of

FIRST_DAY, DAYS = date(2026, 1, 1), 3_650
"""One of these days is today: the model is told it, and copies days as they are said all the same."""


def messages_of(sample: Sample) -> list[Values]:
    """Return what the model is told, and behind it the answer that it is taught."""
    scene = sample.scene
    situation = replace(
        situation_of(scene.app, scene.apps, scene.tables, window=scene.window, voice=scene.voice),
        events=tuple(scene.events),
        turns=(*sample.earlier, _newest(sample)),
        purpose=sample.purpose,
        day=day_in_words(FIRST_DAY + timedelta(days=Random(sample.says).randrange(DAYS))),  # noqa: S311 (no secret)
    )
    if sample.earlier and sample.purpose != "step" and not has_changed(sample):
        situation = replace(situation, turns=(*_with_rows(situation), situation.turns[-1]))
    told: list[Values] = compose(situation).messages
    return [*told, {"role": "assistant", "content": sample.answer}]


def has_changed(sample: Sample) -> bool:
    """Return whether the talk before has changed rows: those that it was told are other ones then."""
    return any("```" in one.text for one in sample.earlier)


def _with_rows(situation: Situation) -> tuple[Turn, ...]:
    """Return the earlier turns; the rows stand in the first one, as the product tells them, and not again."""
    first, *others = situation.turns[:-1]
    alone = replace(situation, turns=(first,), events=())
    return (replace(first, block=compose(alone).block), *others)


def _newest(sample: Sample) -> Turn:
    root = max((one.root for one in sample.earlier), default=0) + (sample.purpose != "step")
    if sample.purpose == "comment":
        text = remark(FORM).format(happened=sample.says, words=DEFAULT_COMMENT_WORDS)
        return Turn("user", text, root=root, heading=JUST_HAPPENED)
    return Turn("user", sample.says, root=root, heading="" if sample.purpose == "step" else USER_SAYS)
