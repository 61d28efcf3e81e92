"""What asks for no change: small talk, the world, quotations, what others do, what is only considered."""

from collections.abc import Callable

from training.orders.add import add_one
from training.orders.change import set_value, switch
from training.orders.remove import delete
from training.orders.speaker import Clause, Speaker, quoted


def chat(speaker: Speaker) -> Clause | None:
    """Talk about nothing."""
    return Clause(*_pair(speaker, "chat"))


def about_the_assistant(speaker: Speaker) -> Clause | None:
    """Ask the assistant who it is."""
    return Clause(*_pair(speaker, "persona"))


def _pair(speaker: Speaker, kind: str) -> tuple[str, tuple[()], str]:
    said, answer = speaker.language.pair(kind, speaker.rng)
    return said, (), answer


def world(speaker: Speaker) -> Clause | None:
    """Ask something about the world."""
    return Clause(speaker.language.word("world", speaker.rng), (), speaker.phrase("said_beyond"))


def cannot(speaker: Speaker) -> Clause | None:
    """Ask for something that is not within the assistant's power."""
    return Clause(speaker.language.word("cannot", speaker.rng), (), speaker.phrase("said_beyond"))


def quotation(speaker: Speaker) -> Clause | None:
    """Quote an order of somebody."""
    order = speaker.rng.choice((delete, add_one, set_value, switch))(speaker)
    if order is None or any(mark in order.says for mark in "“”\"'‘’«»„\n"):
        return None
    return Clause(speaker.phrase("quote", order=order.says), (), speaker.phrase("said_quote"))


def others(speaker: Speaker) -> Clause | None:
    """Tell what others do or want."""
    row, title = speaker.row(), speaker.fresh()
    name = speaker.named(row, by_place=False) if row and speaker.happens(0.5) else title.text if title else ""
    if not name:
        return None
    order = speaker.phrase("infinitive", row=name)
    return Clause(speaker.phrase("others", order=order), (), speaker.phrase("said_others"))


def about_a_row(kind: str) -> Callable[[Speaker], Clause | None]:
    """Return a maker of words about a row that ask for nothing."""

    def make(speaker: Speaker) -> Clause | None:
        row = speaker.row()
        if row is None:
            return None
        says = speaker.phrase(kind, row=speaker.named(row, by_place=False))
        return Clause(says, (), speaker.phrase(f"said_{kind}", row=quoted(speaker.title(row))))

    return make


def which_one(speaker: Speaker) -> Clause | None:
    """Order something of one of two rows that are alike, without saying which."""
    shared = speaker.scene.shared
    if not shared:
        return None
    alike = [quoted(speaker.title(row)) for row in speaker.scene.visible if speaker.title(row).startswith(f"{shared} ")]
    says = speaker.phrase("delete", row=speaker.with_article(speaker.as_spoken(shared)))
    return Clause(says, (), speaker.phrase("said_which", rows=", ".join(alike)))


def absent(speaker: Speaker) -> Clause | None:
    """Order something of a row that is not there."""
    title = speaker.fresh()
    if title is None or speaker.scene.shown:
        return None
    name = speaker.as_spoken(title.text)
    says = speaker.phrase("delete", row=name)
    if speaker.scene.visible and speaker.table.settable and speaker.happens(0.5):
        field = speaker.rng.choice(speaker.table.settable)
        says = speaker.phrase("clear", row=name, field=speaker.field(field))
    elif speaker.table.switches and speaker.happens(0.3):
        says = speaker.phrase("off", row=name, state=speaker.state(speaker.table.switches[0]))
    return Clause(says, (), speaker.phrase("said_missing", row=quoted(title.text)))
