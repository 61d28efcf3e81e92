"""The part of the talk that fits into the model's window, and its turns as the model reads them. Pure."""

from collections.abc import Callable
from dataclasses import replace

from services.agent.limits import MIN_CONVERSATION_BYTES, TURN_DIVISOR
from services.agent.prompt.blocks import NO_BLOCK, Block
from services.agent.prompt.turns import Cut, Turn
from services.agent.prompt.window import size

SHORTENED = "\n[… {count} characters left out …]\n"


def fitting(
    turns: tuple[Turn, ...],
    cut: Cut,
    block_of_last: Callable[[tuple[Turn, ...]], Block],
    *,
    room: int,
    room_after_cut: int,
) -> tuple[tuple[Turn, ...], Cut]:
    """Return the turns that are told, the last one with its block, and the cut between them and those left out.

    `cut`: the one of the turn before; it stays until the talk does not fit into `room` bytes any more. Then it moves so
    far that only `room_after_cut` bytes are left.
    """
    if not turns:
        return (), cut
    room = max(room, MIN_CONVERSATION_BYTES)
    kept = with_block(told(turns, cut), block_of_last)
    if length(kept) <= room:
        return kept, cut
    cut = Cut(_first_kept(turns, min(room, room_after_cut)), bare=turns[-1].root)
    kept = with_block(told(turns, cut), block_of_last)
    while len(kept) > 1 and (length(kept) > room or kept[0].role == "tool"):
        kept = kept[1:]
    last = kept[-1]
    text = shorten(last.text, max(room - size(last.block.text), room // 2))
    return (*kept[:-1], replace(last, text=text)), cut


def shortened(turns: tuple[Turn, ...], whole: int) -> tuple[Turn, ...]:
    """Return the turns that say something, each of a limited length. `whole`: bytes of a whole prompt."""
    return tuple(replace(one, text=shorten(one.text, whole // TURN_DIVISOR)) for one in turns if one.text or one.calls)


def told(turns: tuple[Turn, ...], cut: Cut) -> tuple[Turn, ...]:
    """Return the turns on this side of a cut. A summary always stays; results without their calls do not."""
    kept = [one for one in turns if not one.root or one.root >= cut.begin]
    return tuple(replace(one, block=NO_BLOCK) if one.root < cut.bare else one for one in kept)


def with_block(turns: tuple[Turn, ...], block_of_last: Callable[[tuple[Turn, ...]], Block]) -> tuple[Turn, ...]:
    """Return the turns, the last one with its block. `block_of_last`: makes it, given the turns before."""
    return (*turns[:-1], replace(turns[-1], block=block_of_last(turns[:-1])))


def length(turns: tuple[Turn, ...]) -> int:
    """Return the bytes of turns."""
    return sum(size(one.full_text) for one in turns)


def _first_kept(turns: tuple[Turn, ...], room: int) -> int:
    """Return the root of the oldest turn that stays when only `room` bytes are kept; at least that of the last one."""
    first = turns[-1].root
    for root in sorted({one.root for one in turns if one.root}, reverse=True):
        room -= sum(size(one.text) for one in turns if one.root == root)
        if room < 0:
            break
        first = root
    return first


def joined(turns: tuple[Turn, ...]) -> list[Turn]:
    """Join neighbours of the same role: many models expect that user and assistant take turns."""
    found: list[Turn] = []
    for turn in turns:
        if found and found[-1].role == turn.role != "tool" and not found[-1].calls:
            found[-1] = replace(turn, text=f"{found[-1].full_text}\n\n{turn.full_text}", block=NO_BLOCK)
        else:
            found.append(turn)
    return found


def shorten(text: str, limit: int) -> str:
    """Return the text; if it is longer than `limit` bytes, without its middle and with the characters left out."""
    if size(text) <= limit:
        return text
    half = max((limit - len(SHORTENED)) // 2, 1)
    head = text.encode()[:half].decode(errors="ignore")
    tail = text.encode()[-half:].decode(errors="ignore")
    return head + SHORTENED.format(count=f"{len(text) - len(head) - len(tail):,}") + tail
