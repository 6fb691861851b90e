"""How is the body of an API call read? Wrong or missing fields become the platform's own error codes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.simulator.errors import PlatformError

Json = dict[str, object]


def epoch(moment: datetime) -> int:
    """Whole seconds since 1970, as the platforms count."""
    return int(moment.timestamp())


def size(text: str) -> int:
    """Bytes in UTF-8: platform limits count bytes, not characters (wechat-platform §2.4)."""
    return len(text.encode())


class Fields:
    """The fields of a call's JSON body or query.

    Every reading method raises PlatformError 40058 for what is missing or of the wrong type.
    """

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values = values

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str | None = None) -> str:
        """A string; required where no default is given."""
        value = self.values.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or (not value and default is None):
            raise PlatformError(40058, f"{name} must be a string")
        return value

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number (a query may carry it as text); required where no default is given."""
        value = self.values.get(name)
        if value is None and default is not None:
            return default
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, int) or (isinstance(value, str) and value.lstrip("-").isdigit()):
            return int(value)
        raise PlatformError(40058, f"{name} must be a number")

    def group(self, name: str) -> Fields:
        """A nested object."""
        value = self.values.get(name)
        if not isinstance(value, dict):
            raise PlatformError(40058, f"{name} must be an object")
        return Fields(value)

    def groups(self, name: str) -> list[Fields]:
        """A list of nested objects; absent means empty."""
        return [_object(name, item) for item in self._list(name)]

    def texts(self, name: str) -> list[str]:
        """A list of strings; absent means empty."""
        items = self._list(name)
        if not all(isinstance(item, str) for item in items):
            raise PlatformError(40058, f"{name} must hold strings")
        return [str(item) for item in items]

    def _list(self, name: str) -> list[object]:
        value = self.values.get(name, [])
        if not isinstance(value, list):
            raise PlatformError(40058, f"{name} must be a list")
        return value


def check_size(name: str, value: str, limit: int, errcode: int = 40058) -> None:
    """Refuse what is longer than `limit` bytes."""
    if size(value) > limit:
        raise PlatformError(errcode, f"{name} has {size(value)} bytes, at most {limit}")


def _object(name: str, item: object) -> Fields:
    if not isinstance(item, dict):
        raise PlatformError(40058, f"{name} must hold objects")
    return Fields(item)
