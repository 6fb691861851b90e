"""What do a profile and a position, as a platform gave them, say about a customer?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain import Inbound, MessageKind


def tags_of(profile: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the customer's tags in a profile as a platform gave it: `tags`, or those of each who follows her.

    An official account tells only numbers (tagid_list); they count as names.
    """
    follows = profile.get("follow_user")
    lists = [profile.get("tags"), profile.get("tagid_list")]
    lists += [each.get("tags") for each in follows if isinstance(each, Mapping)] if isinstance(follows, list) else []
    named = (_tag_name(tag) for tags in lists if isinstance(tags, list) for tag in tags)
    return tuple(dict.fromkeys(name for name in named if name))


def home_of(profile: Mapping[str, Any]) -> tuple[str, ...]:
    """Province and city in a profile, () where it does not say."""
    parts = [str(profile.get(name) or "") for name in ("province", "city")]
    return tuple(parts) if parts[1] else tuple(parts[:1]) if parts[0] else ()


def position_of(message: Inbound) -> tuple[float, float] | None:
    """Latitude and longitude in degrees of a location message; None where it is none or says nothing usable.

    Source of the fields: wechat-platform §2.2 (latitude, longitude) and §3 (Location_X, Location_Y).
    """
    if message.kind is not MessageKind.LOCATION:
        return None
    body = message.raw.get("location")
    fields, names = (
        (body, ("latitude", "longitude")) if isinstance(body, Mapping) else (message.raw, ("Location_X", "Location_Y"))
    )
    try:
        lat, lng = (float(str(fields.get(name))) for name in names)
    except ValueError:
        return None
    return (lat, lng) if abs(lat) <= 90 and abs(lng) <= 180 else None  # noqa: PLR2004 - degrees; false for NaN


def _tag_name(tag: object) -> str:
    if isinstance(tag, Mapping):
        return str(tag.get("tag_name") or tag.get("name") or "")
    return str(tag) if isinstance(tag, str | int) else ""
