"""What should an operator look at before the scripts go out?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from knowledge_base.findings import Finding
from knowledge_base.lint_one import lint_attachments, lint_categories, lint_references, lint_texts, lint_validity
from knowledge_base.script import Script
from knowledge_base.vector_index import Encode


def lint(
    scripts: Sequence[Script], *, today: date, encode: Encode | None = None, folder: Path | None = None
) -> tuple[Finding, ...]:
    """Every finding, errors first; retired scripts are looked at only where others point to them.

    today: in the shop's time zone. encode: texts to vectors of length one, [texts, dim]; without it questions are
    compared by their characters only. folder: the content pack, where attached files are looked for; None skips that.
    """
    from knowledge_base.lint_questions import lint_questions  # noqa: PLC0415 - scipy: 20 MB that no worker needs

    library = {script.id: script for script in scripts}
    used = [script for script in scripts if script.state != "retired"]
    found = [
        each
        for script in used
        for checked in (
            lint_validity(script, today),
            lint_references(script, library),
            lint_attachments(script, folder),
            lint_texts(script),
        )
        for each in checked
    ]
    found += lint_categories(used)
    found += lint_questions(used, encode)
    return tuple(sorted(found, key=lambda each: (each.severity != "error", each.kind, each.scripts)))
