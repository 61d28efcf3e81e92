"""`GET /api`: the routes for programs as OpenAPI 3.1, made from the table of operations."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from apps.clients.access import READS, WRITES, Access
from web.api.answers import answer
from web.api.operations import Operation, Parameter

PROBLEM = {"$ref": "#/components/schemas/Problem"}
ALWAYS = (401, 403, 429, 503)
"""Statuses of refusals that each operation has."""
ANY = {"type": "object", "additionalProperties": True}
KEYED = {"type": ["integer", "string"]}
ROWS = {"type": "array", "items": ANY}

SCHEMAS: dict[str, Any] = {
    "Problem": {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {
                    "code": {"type": "string", "description": "For programs."},
                    "message": {"type": "string", "description": "A sentence for people."},
                    "field": {"type": "string", "description": "The field or parameter that is wrong."},
                    "index": {"type": "integer", "description": "Which order of a batch was refused: 0, 1, 2 …"},
                },
            }
        },
    },
    "Rows": {
        "type": "object",
        "required": ["rows", "more", "total", "revision"],
        "properties": {
            "rows": ROWS,
            "more": {"type": "boolean", "description": "More rows follow: see the header Link."},
            "total": {"type": "integer", "description": "How many rows match."},
            "revision": {"type": "integer", "description": "The rows contain every change up to this revision."},
        },
    },
    "Order": {
        "type": "object",
        "required": ["verb"],
        "additionalProperties": False,
        "properties": {
            "verb": {"enum": [*READS, *WRITES]},
            "table": {"type": "string"},
            "id": KEYED,
            "values": ANY,
            "where": ANY,
            "sort": {"type": "string"},
            "limit": {"type": "integer"},
            "offset": {"type": "integer"},
        },
    },
    "Answer": {
        "type": "object",
        "required": ["state"],
        "properties": {
            "state": {"enum": ["done", "refused", "waiting"]},
            "rows": ROWS,
            "more": {"type": "boolean"},
            "total": {"type": "integer"},
            "changes": {"type": "array", "items": {"type": "integer"}, "description": "Revisions that it made."},
            "revision": {"type": "integer"},
            "error": ANY,
        },
    },
    "Question": {
        "type": "object",
        "required": ["text"],
        "additionalProperties": False,
        "properties": {
            "text": {"type": "string"},
            "conversation": {"type": "integer", "description": "Id of one; 0 or absent: a new one."},
            "app": {"type": "string", "description": "The app that it is about, not the open one."},
            "model": {"type": "string", "description": "The model that answers it, not the chosen one."},
        },
    },
    "Result": {
        "type": "object",
        "properties": {
            "conversation": {"type": "integer"},
            "state": {"type": "string", "description": "done, or how the answer ended otherwise."},
            "text": {"type": "string"},
            "problem": {"type": "string"},
            "actions": ROWS,
            "waits_for_consent": {"type": "boolean"},
        },
    },
    "Document": {"type": "object", "description": "OpenAPI 3.1."},
    "Events": {"type": "string", "description": "Server-sent events; docs/http.md names them."},
}


class Description:
    """Answers `GET /api`."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        """`operations`: all others."""
        about = "Read this description."
        self.operation = Operation(
            "GET", "/api", self.show, "describe", about, answers={"application/json": "Document"}
        )
        self._document = document((*operations, self.operation))

    async def show(self, _request: Request, _access: Access) -> Response:
        """Describe the routes for programs as OpenAPI."""
        return answer(self._document)


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """Return the document."""
    paths: dict[str, Any] = {}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _described(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Pianola",
            "version": "1",
            "description": "Rows, orders, questions and events of this machine.",
        },
        "security": [{"key": []}],
        "paths": paths,
        "components": {"schemas": SCHEMAS, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }


def _described(one: Operation) -> dict[str, Any]:
    refusals = {str(status): _refusal(status) for status in sorted({*ALWAYS, *one.refusals})}
    content = {kind: {"schema": {"$ref": f"#/components/schemas/{name}"}} for kind, name in one.answers.items()}
    found: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.about,
        "parameters": [_parameter(parameter) for parameter in one.parameters],
        "responses": {"200": {"description": "Done.", "content": content}, **refusals},
    }
    if one.body:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": one.body}}}
    return found


def _parameter(one: Parameter) -> dict[str, Any]:
    schema = {"type": "array", "items": one.schema} if one.repeated else one.schema
    return {
        "name": one.name,
        "in": one.place,
        "required": one.place == "path",
        "description": one.about,
        "schema": schema,
    }


def _refusal(status: int) -> dict[str, Any]:
    return {"description": HTTPStatus(status).phrase, "content": {"application/json": {"schema": PROBLEM}}}
