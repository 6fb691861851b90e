"""Does a value survive the store unchanged?"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from bot.domain import (
    Content,
    Inbound,
    LinkContent,
    MediaContent,
    MenuContent,
    MiniProgramContent,
    TextContent,
)
from bot.store.serial import (
    collected_from_json,
    collected_to_json,
    content_from_json,
    content_to_json,
    inbound_from_json,
    inbound_to_json,
)
from bot.store.tables import Instant
from bot.store.views import Asked, Collected

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
INBOUND = st.builds(
    Inbound,
    text=WORDS,
    scene=WORDS,
    sent_at=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    raw=st.dictionaries(WORDS, st.one_of(WORDS, st.integers(), st.none(), st.lists(WORDS, max_size=2)), max_size=3),
)
KINDS = (TextContent, MenuContent, MediaContent, LinkContent, MiniProgramContent)
CONTENT = st.one_of(*(st.builds(kind) for kind in KINDS))


COLLECTED = st.builds(
    Collected,
    values=st.dictionaries(WORDS, WORDS, max_size=3),
    asked=st.none() | st.builds(Asked, WORDS, WORDS, st.integers(1, 2)),
)


@given(COLLECTED)
def test_what_a_customer_told(collected: Collected) -> None:
    assert collected_from_json(json.loads(json.dumps(collected_to_json(collected)))) == collected


@given(INBOUND)
def test_a_message(message: Inbound) -> None:
    assert inbound_from_json(json.loads(json.dumps(inbound_to_json(message)))) == message


@given(CONTENT)
def test_words(content: Content) -> None:
    assert content_from_json(json.loads(json.dumps(content_to_json(content)))) == content


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_instant_keeps_its_millisecond(at: datetime) -> None:
    kept = Instant().process_result_value(Instant().process_bind_param(at, sqlite.dialect()), sqlite.dialect())
    assert kept is not None
    assert abs((kept - at).total_seconds()) <= 0.0005


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Instant().process_bind_param(datetime(2026, 1, 1), sqlite.dialect())  # noqa: DTZ001
