"""A made-up order as messages, made by the product's own composer: what is taught is what the product asks."""

from dataclasses import replace

from bus.messages import Values
from services.agent.limits import DEFAULT_COMMENT_WORDS
from services.agent.prompt.turns import JUST_HAPPENED, USER_SAYS, Turn
from training.orders.sample import Sample
from training.scenes.situation import FORM, FORMS, situation_of

COMPOSER = FORMS[FORM]


def messages_of(sample: Sample) -> list[Values]:
    """Return what the model is told, and behind it the answer that it is taught."""
    scene = sample.scene
    situation = replace(
        situation_of(scene.app, scene.apps, scene.tables, window=scene.window, voice=scene.voice),
        events=tuple(scene.events),
        turns=(*sample.earlier, _newest(sample)),
        purpose=sample.purpose,
    )
    told: list[Values] = COMPOSER.compose(situation).messages
    return [*told, {"role": "assistant", "content": sample.answer}]


def _newest(sample: Sample) -> Turn:
    root = max((one.root for one in sample.earlier), default=0) + (sample.purpose != "step")
    if sample.purpose == "comment":
        text = COMPOSER.REMARK.format(happened=sample.says, words=DEFAULT_COMMENT_WORDS)
        return Turn("user", text, root=root, heading=JUST_HAPPENED)
    return Turn("user", sample.says, root=root, heading="" if sample.purpose == "step" else USER_SAYS)
