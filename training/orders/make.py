"""Make orders: a scene, somebody who speaks, and one of the many things that can be said."""

from collections.abc import Iterator, Sequence
from random import Random

from training.orders import add, change, conditions, follow_up, nothing, questions, reads, remarks, remove
from training.orders.dress import dressed
from training.orders.effects import Right, changed_ids
from training.orders.sample import Sample
from training.orders.speaker import Clause, Maker, Speaker
from training.scenes.scene import made_scene
from training.speech.files import language as language_of
from training.speech.language import Language

ORDERS: dict[str, tuple[Maker, int]] = {
    "add": (add.add_one, 14),
    "add with details": (add.add_with_details, 14),
    "add several": (add.add_several, 5),
    "switch": (change.switch, 18),
    "switch several": (change.several_rows, 4),
    "set": (change.set_value, 24),
    "instead": (change.set_instead, 4),
    "more or less": (change.raise_or_lower, 5),
    "clear": (change.clear, 2),
    "rename": (change.rename, 6),
    "delete": (remove.delete, 12),
    "delete several": (remove.delete_several, 2),
    "switch all": (conditions.switch_all, 2),
    "delete all": (conditions.delete_all, 3),
    "change chosen": (conditions.change_chosen, 4),
    "delete chosen": (conditions.delete_chosen, 2),
    "move": (remove.move, 8),
}
"""Orders that change rows, each with its weight."""

NOTHING: dict[str, tuple[Maker, int]] = {
    "chat": (nothing.chat, 12),
    "persona": (nothing.about_the_assistant, 2),
    "world": (nothing.world, 6),
    "cannot": (nothing.cannot, 3),
    "quote": (nothing.quotation, 8),
    "others": (nothing.others, 8),
    "perhaps": (nothing.about_a_row("perhaps"), 8),
    "keep": (nothing.about_a_row("keep"), 4),
    "elsewhere": (nothing.about_a_row("elsewhere"), 8),
    "absent": (nothing.absent, 9),
    "which one": (nothing.which_one, 12),
    "how many": (questions.how_many, 3),
    "which all": (questions.which_all, 3),
    "which open": (questions.which_open, 4),
    "whether": (questions.whether, 6),
    "which value": (questions.which_value, 7),
    "whether there": (questions.whether_there, 4),
}
"""What asks for no change, each with its weight."""

WHOLE: dict[str, tuple[follow_up.SampleMaker, int]] = {
    "correct value": (follow_up.correct_value, 5),
    "correct title": (follow_up.correct_title, 3),
    "it": (follow_up.with_it, 4),
    "yes or no": (follow_up.agree, 5),
    "remark": (remarks.remark, 5),
}
"""Orders that stand in a talk of their own, and remarks, each with its weight."""

READS: dict[str, tuple[follow_up.SampleMaker, int]] = {
    "list the rest": (reads.list_the_rest, 1),
    "search": (reads.search_for, 2),
}
"""Where not all rows are shown: orders for which the assistant reads first, each with its weight."""

NOTHING_SHARE, WHOLE_SHARE, READ_SHARE, SEVERAL_SHARE, OPEN_SHARE = 0.28, 0.12, 0.4, 0.08, 0.02
"""Of all orders: nothing to do, in a talk of their own; of those to rows that are not all shown: with reading; of the
rest: several in a sentence, another app."""
TALK_SHARE, LATELY_SHARE = 0.25, 0.25
UNDRESSED = ("chat", "persona", "quote", "others", "elsewhere")
"""Kinds that stay as they are."""
LATELY = ("added", "deleted")


def samples(seed: int, languages: Sequence[str]) -> Iterator[Sample]:
    """Yield orders without end, the same for the same seed."""
    rng = Random(seed)  # noqa: S311 (made-up data, no secrets)
    while True:
        if made := sample(language_of(rng.choice(languages)), rng):
            yield made


def sample(language: Language, rng: Random) -> Sample | None:
    """Return one order; None if what was chosen does not fit the scene."""
    speaker = Speaker(made_scene(language, rng), language, rng)
    if speaker.scene.shown and rng.random() < READ_SHARE:
        return _chosen(READS, rng)(speaker)
    chance = rng.random()
    if chance < WHOLE_SHARE:
        return _chosen(WHOLE, rng)(speaker)
    if chance < WHOLE_SHARE + NOTHING_SHARE:
        return _of_clause(speaker, _kind(NOTHING, rng), NOTHING)
    if rng.random() < OPEN_SHARE:
        return _open(speaker)
    if rng.random() < SEVERAL_SHARE:
        return _several(speaker)
    return _of_clause(speaker, _kind(ORDERS, rng), ORDERS)


def _kind(makers: dict[str, tuple[Maker, int]], rng: Random) -> str:
    return rng.choices(tuple(makers), [weight for _, weight in makers.values()])[0]


def _chosen(makers: dict[str, tuple[follow_up.SampleMaker, int]], rng: Random) -> follow_up.SampleMaker:
    return rng.choices([one for one, _ in makers.values()], [weight for _, weight in makers.values()])[0]


def _of_clause(speaker: Speaker, kind: str, makers: dict[str, tuple[Maker, int]]) -> Sample | None:
    clause = makers[kind][0](speaker)
    return _sample(speaker, kind, clause) if clause else None


def _sample(speaker: Speaker, kind: str, clause: Clause, right: Right | None = None) -> Sample:
    says = clause.says
    if kind not in UNDRESSED:
        says = dressed(says, speaker, stories=bool(clause.effects))
    _tell_what_happened(speaker)
    count = speaker.rng.choice((1, 1, 2, 3)) if speaker.happens(TALK_SHARE) else 0
    earlier = follow_up.small_talk(speaker, count, speaker.rng)
    made = right or Right(clause.effects)
    return Sample(speaker.language.code, kind, speaker.scene, says, clause.words, made, earlier)


def _tell_what_happened(speaker: Speaker) -> None:
    row = speaker.row()
    if row and speaker.happens(LATELY_SHARE):
        verb = speaker.rng.choice(LATELY)
        label = speaker.table.table.label
        title = speaker.title(row) if verb == "added" else speaker.language.word("text", speaker.rng)
        speaker.scene.events.append(f"The user {verb} {label}: “{title}”")


def _several(speaker: Speaker) -> Sample | None:
    """Return two different orders in one sentence."""
    makers = [change.switch, change.set_value, add.add_one, remove.delete, change.rename]
    made = [one for one in (maker(speaker) for maker in speaker.rng.sample(makers, 2)) if one]
    ids = changed_ids([effect for one in made for effect in one.effects])
    if len(made) < 2 or len(ids) != len(set(ids)) or any(one.says[-1] in "?!." for one in made):
        return None
    joint = speaker.rng.choice(speaker.language.phrases["and"])
    both = Clause(
        joint.join(one.says for one in made),
        tuple(effect for one in made for effect in one.effects),
        " ".join(one.words for one in made),
    )
    return _sample(speaker, "several", both)


def _open(speaker: Speaker) -> Sample | None:
    """Return the order to open another app."""
    app = speaker.rng.choice(speaker.scene.apps[1:])
    clause = Clause(speaker.phrase("open", app=app), (), speaker.phrase("said_opened", app=app))
    return _sample(speaker, "open", clause, Right(others=({"operation": "open", "app": app},)))
