"""`pianola search WORDS`: find rows and messages that contain all words."""

import sys
from argparse import Namespace

from apps.sentences import title_of
from apps.tables import Row
from bus.limits import MAX_ANSWER_ROWS
from bus.messages import StoreOrder
from bus.text.formats import writer_of
from services.shell.lookup import table_called
from services.shell.session import Session

COLUMNS = ("table", "id", "title", "snippet")
EXIT_NOTHING = 1
"""Nothing contains all the words."""


async def run(session: Session, given: Namespace) -> int:
    """Print what was found, the best first; return 0, or 1 if there is nothing."""
    table = table_called(session.registry, given.table) if given.table else None
    where: Row = session.in_profile(table) if table else {"profile": session.profile}
    order = StoreOrder(
        verb="search",
        table=table.name if table else "",
        values={"text": " ".join(given.words)},
        where=where,
        limit=given.limit or MAX_ANSWER_ROWS,
    )
    rows = (await session.ask(order)).rows
    writer = writer_of(given.format, COLUMNS, sys.stdout)
    writer.add([_hit(session, row) for row in rows])
    writer.end()
    return 0 if rows else EXIT_NOTHING


def _hit(session: Session, row: Row) -> Row:
    table = session.registry.tables.get(row["_table"])
    return {"table": row["_table"], "id": row["id"], "title": title_of(row, table), "snippet": row["_snippet"]}
