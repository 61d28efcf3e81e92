"""Which order made a row: what follows from the row names it as the cause."""

from bus.store_client import StoreClient


async def origin(store_client: StoreClient, table: str, key: int) -> str:
    """Return the id of the order that inserted a row; `TABLE-ID` if the history does not go back so far."""
    where = {"subject": table, "row": [key], "verb": "insert"}
    found = await store_client.list("change", where, sort="id", limit=1)
    return str(found[0]["asked"]) if found else f"{table}-{key}"
