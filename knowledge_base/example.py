"""What does a script look like? One, for whoever fills in a table for the first time."""

from __future__ import annotations

from knowledge_base.script import Script
from knowledge_base.words import words


def example_script() -> Script:
    """The example of the templates."""
    said = words("example")
    return Script(
        id="shipping-time",
        title=said["title"],
        category=tuple(said["category"].split("/")),
        stage="before",
        questions=tuple(said["questions"].splitlines()),
        answers={"default": said["answer"]},
    )
