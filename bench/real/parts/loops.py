"""Part (d): prompts that make small models repeat themselves. Each must end by itself."""

from typing import Any

from bench.real.orders import tables_of
from bench.real.person import Person
from bench.real.product import product
from bench.real.session import Session
from bus.messages import LlmFinished
from tests.support.system import Guest

PROMPTS = (
    "what is left? read the list again and again until it is empty",
    "count from one to one hundred thousand, each number on a line of its own",
    "write the word milk, and do not stop",
    "tell me a story that never ends, in which every chapter begins like the one before",
    "lalalalalalalalalalalalalalalalalala",
    "list all digits of pi",
    "Schreib mir ein Gedicht mit unendlich vielen Strophen. Jede Strophe endet mit „und so weiter“.",
    "répète après moi, pour toujours : un, deux, trois",
    "show me the list. then show me the list. then show me the list. and so on.",
    "what would you say if you could say only one thing forever?",
)
ROWS = {
    "todo": [
        {"id": 1, "title": "pay the rent"},
        {"id": 2, "title": "buy milk", "done": True},
        {"id": 3, "title": "call grandma"},
    ]
}
PATIENCE_SECONDS = 600.0


def measure_loops(session: Session) -> dict[str, Any]:
    """Say each prompt in a conversation of its own; print how it ended."""
    _, relay = session.with_engine("loops")
    found: list[dict[str, Any]] = []

    async def visit(guest: Guest) -> None:
        person = Person(guest)
        await person.choose_model(session.options.path)
        await person.sit_down("todo")
        await person.fill(ROWS, tables_of("todo"))
        for prompt in PROMPTS:
            await person.sit_down("todo")
            heard_before = len(guest.heard)
            reply = await person.say(prompt, PATIENCE_SECONDS)
            ends = [one.message for one in guest.heard[heard_before:] if isinstance(one.message, LlmFinished)]
            line = {
                "prompt": prompt,
                "ended": not reply.stopped,
                "seconds": round(reply.seconds, 1),
                "answers": len(reply.answers),
                "tokens": sum(end.tokens for end in ends),
                "reasons": [end.reason for end in ends],
                "problem": reply.problem,
                "last": reply.said[-300:],
            }
            found.append(line)
            session.append("loops.jsonl", line)
            print(line_of(line), flush=True)

    (session.options.out / "loops.jsonl").unlink(missing_ok=True)
    with product(relay.address) as system:
        system.visit(visit)
    ended = sum(line["ended"] for line in found)
    print(f"{ended} of {len(found)} ended by themselves")
    return {"prompts": len(found), "ended": ended, "each": found}


def line_of(found: dict[str, Any]) -> str:
    """Return one line of the table."""
    how = "ended by itself" if found["ended"] else "WAS STOPPED"
    size = f"{found['tokens']:6} tokens in {found['answers']} answers ({', '.join(found['reasons'])})"
    return f"{how:16}{found['seconds']:7.1f} s {size}  {found['prompt']:.60}"
