"""The parts of a run, by name: each prints its figures and returns them as a map."""

from collections.abc import Callable
from typing import Any

from bench.real.order_part import measure_orders
from bench.real.session import Session

PARTS: dict[str, Callable[[Session], dict[str, Any]]] = {
    "orders": measure_orders,
}
