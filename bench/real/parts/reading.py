"""Part (b): how much of the prompt the server processes again in a long talk.

Forty turns. In each the person adds a row by hand, the assistant remarks on it, and then the person asks for another
row. What the engine processes for the question is compared with what is new in it: the lines that stood neither in the
question before, as it was sent, nor in its answer. A turn in which the talk begins later than before, since the window
is full, is a cut, and counted apart.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.real.engine import Engine
from bench.real.orders import tables_of
from bench.real.person import Person
from bench.real.product import product
from bench.real.relay import Chat
from bench.real.report import spread
from bench.real.session import Session
from bus.messages import StoreChanged
from bus.wire import Envelope
from tests.support.system import Guest

THINGS = (
    "bread", "butter", "pears", "onions", "garlic", "lentils", "honey", "flour", "yeast", "salt", "pepper", "thyme",
    "carrots", "leeks", "plums", "grapes", "walnuts", "raisins", "oats", "cream", "quark", "tofu", "beans", "peas",
    "corn", "rice", "olives", "capers", "vinegar", "mustard", "candles", "matches", "soap", "sponges", "string",
    "stamps", "envelopes", "batteries", "tape", "glue",
)  # fmt: skip
"""What the person asks for, one thing a turn."""
MOST_RATIO = 1.3
MOST_MORE = 60
"""A turn may read its new tokens times `MOST_RATIO`, and so many more."""
REMARKS_PER_MINUTE, REMARK_TOKENS_PER_HOUR = 600, 100_000_000


@dataclass(frozen=True, slots=True)
class TurnFigures:
    """One turn, in tokens."""

    number: int
    new: int
    read: int
    known: int
    remark_read: int
    changed: bool
    """Whether the assistant changed a row."""
    cut: bool
    seconds: float

    @property
    def within(self) -> bool:
        """Whether no more was read than may be."""
        return self.read <= MOST_RATIO * self.new + MOST_MORE


def measure_reading(session: Session) -> dict[str, Any]:
    """Play the talk; print one line for each turn."""
    engine, relay = session.with_engine("reading")
    turns: list[TurnFigures] = []
    print(f"{'turn':>4}{'new':>7}{'read':>7}{'known':>7}{'remark':>8}{'seconds':>9}")

    async def visit(guest: Guest) -> None:
        person = Person(guest)
        await person.choose_model(session.options.path)
        await person.sit_down("todo", mode="chatty")
        await person.set("comments_per_minute", REMARKS_PER_MINUTE)
        await person.set("comment_tokens_per_hour", REMARK_TOKENS_PER_HOUR)
        before: list[Chat] = []
        for number, thing in enumerate(THINGS[: session.options.turns], start=1):
            begun = len(relay.chats)
            await hear_remark(person, f"look for {thing}")
            asked = len(relay.chats)
            reply = await person.say(f"add {thing} to the list")
            remark, question = relay.chats[begun:asked], relay.chats[asked:]
            turn = TurnFigures(
                number=number,
                new=new_tokens(engine, before, question),
                read=sum(chat.read_tokens for chat in question),
                known=sum(chat.known_tokens for chat in question),
                remark_read=sum(chat.read_tokens for chat in remark),
                changed=any(card["state"] == "applied" for card in reply.cards.values()),
                cut=is_cut(before, question),
                seconds=round(reply.seconds, 2),
            )
            turns.append(turn)
            before = question
            print(line_of(turn), flush=True)

    with product(relay.address) as system:
        system.visit(visit)
    found = figures(turns)
    print(
        f"{found['within']} of {found['counted']} turns (without {found['cuts']} cuts) read at most {MOST_RATIO} times "
        f"the new tokens + {MOST_MORE}; read for each new token: {found['ratio']}; read a turn: {found['read']}; "
        f"a row was changed in {found['changed']} turns"
    )
    return found | {"turns": [asdict(turn) for turn in turns]}


def figures(turns: Sequence[TurnFigures]) -> dict[str, Any]:
    """Return the figures of all turns together; turns of a cut are left out of what is read."""
    counted = [turn for turn in turns if not turn.cut]
    new, read = sum(turn.new for turn in counted), sum(turn.read for turn in counted)
    return {
        "counted": len(counted),
        "cuts": len(turns) - len(counted),
        "within": sum(turn.within for turn in counted),
        "ratio": round(read / new, 2) if new else 0.0,
        "read": spread([turn.read for turn in counted]),
        "remark_read": spread([turn.remark_read for turn in turns]),
        "changed": sum(turn.changed for turn in turns),
    }


def line_of(turn: TurnFigures) -> str:
    """Return one line of the table."""
    marks = [word for word, is_so in (("cut", turn.cut), ("no row changed", not turn.changed)) if is_so]
    over = [] if turn.within or turn.cut else ["too much"]
    columns = f"{turn.number:>4}{turn.new:>7}{turn.read:>7}{turn.known:>7}{turn.remark_read:>8}{turn.seconds:>9.1f}"
    return f"{columns}  {', '.join([*marks, *over])}".rstrip()


async def hear_remark(person: Person, title: str) -> None:
    """Add a row as the person does, and wait until the remark about it has ended: it is there, or was taken back."""

    def ended(heard: Envelope) -> bool:
        fact = heard.message
        if not isinstance(fact, StoreChanged) or fact.table != "message":
            return False
        row = fact.row or fact.before
        return row.get("purpose") == "comment" and (fact.verb == "delete" or row["state"] != "streaming")

    heard_before = len(person.guest.heard)
    await person.order("insert", tables_of("todo")[0].name, values={"title": title})
    await person.guest.until(ended, after=heard_before, seconds=300)


# --- what is new ---


def new_tokens(engine: Engine, before: Sequence[Chat], chats: Sequence[Chat]) -> int:
    """Return how many tokens of the chats stood in none of those before them."""
    known: Counter[str] = Counter()
    for chat in before:
        known |= lines_of(chat, answered=True)
    count = 0
    for chat in chats:
        lines = lines_of(chat)
        count += engine.count_tokens("\n".join((lines - known).elements()))
        known |= lines_of(chat, answered=True)
    return count


def lines_of(chat: Chat, *, answered: bool = False) -> Counter[str]:
    """Return the lines of a chat, with how often each stands in it. `answered`: those of the answer too."""
    texts = [str(message.get("content") or "") for message in chat.messages]
    return Counter(line for text in [*texts, *([chat.text] if answered else [])] for line in text.splitlines())


def is_cut(before: Sequence[Chat], chats: Sequence[Chat]) -> bool:
    """Return whether the talk in these chats begins later than it did before."""
    if not before or not chats:
        return False
    return before[-1].messages[1:2] != chats[0].messages[1:2]
