"""The shapes of the maps in `llm.listed` and `mcp.listed`: what processes rely on. What is missing is unknown."""

from bus.checks.shapes import Map

MODEL = Map(
    {"name": str}, size=float, loaded=bool, cloud=bool, capabilities=[str], context=int, server=str, local=bool,
    window=int, loaded_until=float, form=int, title=str,
)  # fmt: skip
SERVER = Map({"name": str}, kind=str, address=str, local=bool, problem=str)
OFFER = Map(
    {"name": str}, server=str, title=str, size=float, licence=str, fits=bool, tried=bool, plays=bool, best=bool,
    address=str, problem=str, about=str, **{"from": str},
)  # fmt: skip
TOOL_SERVER = Map(
    {"name": str, "state": str, "tools": [Map({"name": str, "about": str, "schema": Map()})]},
    where=str, file=str, problem=str,
)  # fmt: skip
