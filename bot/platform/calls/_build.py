"""How is an ApiCall put together? One naming rule, and the limits every builder checks the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.channels.base import ApiCall


def post(name: str, fields: Mapping[str, object], *, repeatable: bool = False) -> ApiCall:
    """POST /cgi-bin/<name> with a JSON body."""
    return ApiCall(name, f"/cgi-bin/{name}", json=fields, repeatable=repeatable)


def get(name: str, query: Mapping[str, str] | None = None, *, repeatable: bool = True) -> ApiCall:
    """GET /cgi-bin/<name>; reading twice does no harm."""
    return ApiCall(name, f"/cgi-bin/{name}", query=query, method="GET", repeatable=repeatable)


def given(**fields: object) -> dict[str, object]:
    """The fields that hold something: platforms refuse empty strings and nulls in optional places."""
    return {name: value for name, value in fields.items() if value not in (None, "", (), [], {})}


def at_most(what: str, items: Sequence[str], limit: int) -> list[str]:
    """The items as a list. Raises ValueError if there are more than the platform takes in one call."""
    if len(items) > limit:
        message = f"{what}: {len(items)} given, the platform takes {limit} in one call"
        raise ValueError(message)
    return list(items)
