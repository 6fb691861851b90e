"""What of a script does not survive a format?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from knowledge_base.problems import LeftOut, mistake
from knowledge_base.script import Script

_LOST = mistake("no_place")


def difference(script: Script, kept: Script) -> Iterator[LeftOut]:
    """One for each field that comes back otherwise."""
    for field in fields(Script):
        if getattr(script, field.name) != getattr(kept, field.name):
            yield LeftOut(script.id, field.name, _LOST)
