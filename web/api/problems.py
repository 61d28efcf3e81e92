"""Why a request is refused: a status for clients, a code for programs, a sentence for people."""

from collections.abc import Iterable
from http import HTTPStatus

from apps.clients.access import NotAllowed
from apps.tables import BadValue
from bus.errors import NoAnswer, PianolaError, Refused

STATUSES = {
    "unknown_table": HTTPStatus.NOT_FOUND,
    "not_found": HTTPStatus.NOT_FOUND,
    "unknown_order": HTTPStatus.NOT_FOUND,
    "conflict": HTTPStatus.CONFLICT,
    "erased": HTTPStatus.CONFLICT,
    "disk_full": HTTPStatus.INSUFFICIENT_STORAGE,
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "exchanged": HTTPStatus.SERVICE_UNAVAILABLE,
    "failed": HTTPStatus.INTERNAL_SERVER_ERROR,
    "expired": HTTPStatus.GATEWAY_TIMEOUT,
}
"""The status for a code of the store. All other codes mean that the order itself is wrong: 422."""


class ApiProblem(PianolaError):
    """A request is refused. `index`: of the order in a batch that was refused; -1 if there is none."""

    def __init__(self, status: HTTPStatus, code: str, sentence: str, field: str = "", index: int = -1) -> None:
        super().__init__(sentence)
        self.status, self.code, self.field, self.index = status, code, field, index

    @property
    def details(self) -> dict[str, str | int]:
        """What is told of it beside code and sentence."""
        found: dict[str, str | int] = {"field": self.field} if self.field else {}
        return found | ({"index": self.index} if self.index >= 0 else {})


def forbidden(sentence: str) -> ApiProblem:
    """Return the refusal of what a key does not open."""
    return ApiProblem(HTTPStatus.FORBIDDEN, "forbidden", sentence)


def unknown_table(name: str, tables: Iterable[str]) -> ApiProblem:
    """Return the refusal of a table that does not exist."""
    sentence = f"There is no table {name!r:.60}. There are: {', '.join(tables)}."
    return ApiProblem(HTTPStatus.NOT_FOUND, "unknown_table", sentence)


def bad_request(sentence: str, field: str = "") -> ApiProblem:
    """Return the refusal of a request that cannot be read."""
    return ApiProblem(HTTPStatus.BAD_REQUEST, "bad_request", sentence, field)


def api_problem(problem: PianolaError) -> ApiProblem:
    """Return how an expected failure is told over HTTP."""
    if isinstance(problem, ApiProblem):
        return problem
    if isinstance(problem, NotAllowed):
        return forbidden(str(problem))
    if isinstance(problem, Refused):
        return ApiProblem(status_of(problem.code), problem.code, str(problem), problem.field, problem.index)
    if isinstance(problem, BadValue):
        field = str(problem.details.get("field", ""))
        return ApiProblem(status_of(problem.code), problem.code, str(problem), field)
    if isinstance(problem, NoAnswer):
        return ApiProblem(HTTPStatus.GATEWAY_TIMEOUT, "no_answer", str(problem))
    return ApiProblem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", str(problem))


def status_of(code: str) -> HTTPStatus:
    """Return the status for a code of the store."""
    return STATUSES.get(code, HTTPStatus.UNPROCESSABLE_ENTITY)
