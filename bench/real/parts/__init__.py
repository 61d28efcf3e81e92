"""The parts of a run, by name: each prints its figures and returns them as a map."""

from collections.abc import Callable
from typing import Any

from bench.real.parts.apps import measure_apps
from bench.real.parts.cpu import measure_cpu
from bench.real.parts.first_word import measure_first_word
from bench.real.parts.loops import measure_loops
from bench.real.parts.orders import measure_orders
from bench.real.parts.reading import measure_reading
from bench.real.session import Session

PARTS: dict[str, Callable[[Session], dict[str, Any]]] = {
    "orders": measure_orders,
    "apps": measure_apps,
    "reading": measure_reading,
    "first-word": measure_first_word,
    "loops": measure_loops,
    "cpu": measure_cpu,
}
