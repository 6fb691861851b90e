"""How is the API described? An OpenAPI 3.1 document, made from the operations and their models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot.api.operation import Operation
from bot.api.scopes import EVENTS, Scope
from bot.api.shapes import Problem

_REFUSALS = {
    "400": "The body is no JSON.",
    "401": "No token, or one that is no good (any more).",
    "403": "The token lacks the scope.",
    "404": "There is nothing of this id.",
    "413": "The body is larger than 64 KiB.",
    "415": "The body is not application/json.",
    "422": "Something given is not as described; detail names it.",
    "500": "We failed; detail has a number that stands in the log.",
    "503": "The content is being loaded; ask again.",
}


def describe(operations: Sequence[Operation], *, server: str) -> dict[str, Any]:
    """The document. server: the address of /api/v1."""
    models = {model for each in operations for model in (each.answer, each.query, each.body) if model} | {Problem}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, definitions = models_json_schema(
        [(model, "serialization") for model in ordered], ref_template="#/components/schemas/{model}"
    )
    paths: dict[str, Any] = {}
    for each in operations:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "店小二",
            "version": "1",
            "description": "Texts of customers come masked. Webhooks tell of: " + ", ".join(EVENTS) + ".",
        },
        "servers": [{"url": server}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Scopes: " + ", ".join(scope.value for scope in Scope),
                }
            },
        },
    }


def _operation(each: Operation) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
        }
        for name in each.ids
    ]
    if each.query is not None:
        parameters += _query(each.query)
    responses: dict[str, Any] = {
        "201" if each.wrote else "200": {
            "description": each.summary,
            "content": {"application/json": {"schema": _ref(each.answer)}},
        }
    }
    for status, meaning in _REFUSALS.items():
        responses[status] = {
            "description": meaning,
            "content": {"application/problem+json": {"schema": _ref(Problem)}},
        }
    body = (
        {"requestBody": {"required": True, "content": {"application/json": {"schema": _ref(each.body)}}}}
        if each.body
        else {}
    )
    return {
        "operationId": each.name,
        "summary": each.summary,
        "description": f"Needs the scope {each.scope}.",
        "parameters": parameters,
        "responses": responses,
        **body,
    }


def _query(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema(mode="validation")
    return [
        {"name": name, "in": "query", "required": False, "schema": _not_null(of)}
        for name, of in schema["properties"].items()
    ]


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query says nothing by leaving it out, not by null."""
    options = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    found = options[0] if options else schema
    return {key: value for key, value in found.items() if key not in {"title", "default"}}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
