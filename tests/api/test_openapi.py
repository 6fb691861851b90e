"""Is the API what its description says? A document that is valid, and requests made from it by schemathesis."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import schemathesis
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.api.openapi import describe
from bot.api.operations import OPERATIONS
from tests.api.conftest import Program
from tests.console.desk import Shopfront

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
FEW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_made_from_the_description_is_answered_as_it_says(
    program: Program, front: Shopfront, server: TestServer
) -> None:
    await front.hand_over(1)
    document = describe(OPERATIONS, server=str(server.make_url("/api/v1")))
    await asyncio.to_thread(_ask_everything, document, str(server.make_url("/api/v1")), program.token)


def _ask_everything(document: dict[str, object], url: str, token: str) -> None:
    schema = schemathesis.openapi.from_dict(document)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)

        @FEW
        @given(case=found.ok().as_strategy())
        def ask(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(base_url=url, headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

        ask()


async def test_the_description_is_served_to_everybody_and_names_every_operation(program: Program) -> None:
    status, document = await Program(program.http, program.url).ask("GET", "/openapi.json")
    assert status == 200
    served = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert served == {(each.method, each.path) for each in OPERATIONS}
    schemathesis.openapi.from_dict(document).config  # noqa: B018 - raises where the document is not valid
