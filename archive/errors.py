"""What can be wrong with what the archive keeps, and what is to be done about it?"""

from __future__ import annotations


class ArchiveError(Exception):
    """Root of the archive's errors. Messages name keys by id only; they never quote what was said."""


class KeyRingBroken(ArchiveError):  # noqa: N818 - reads as the fact it is
    """The key ring as configured cannot be used; the message says what to correct."""


class KeyLost(ArchiveError):  # noqa: N818 - reads as the fact it is
    """Something was sealed under a key of the ring that is not in it (any more)."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the archive holds what was sealed under the key {key!r}, which its ring lacks: "
            f"set archive.keys.{key} again, from your backup"
        )
        self.key = key


class Unsealable(ArchiveError):  # noqa: N818 - reads as the fact it is
    """A sealed value was altered, cut, or belongs elsewhere: it opens under no key or not with this one."""
