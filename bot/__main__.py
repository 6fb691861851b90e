"""`python -m bot` and `xiaoer`: the commands."""

from __future__ import annotations

import sys
from importlib import metadata

OURS = ("archive", "bot", "handoff", "knowledge_base", "nlu")
DISTRIBUTION = "xiaoer"


def foreign_owners() -> dict[str, list[str]]:
    """Which of our top-level names another installed distribution claims too (docs/adr/0001)."""
    owners = metadata.packages_distributions()
    return {
        name: foreign
        for name in OURS
        if (foreign := sorted({each for each in owners.get(name, []) if each != DISTRIBUTION}))
    }


def main() -> None:
    """Run the command line, unless somebody else's package sits on one of our names."""
    if foreign := foreign_owners():
        for name, distributions in foreign.items():
            sys.stderr.write(
                f"the package {name!r} also comes from {distributions[0]}: pip uninstall {distributions[0]}\n"
            )
        raise SystemExit(1)
    from bot.cli import app  # noqa: PLC0415 - only after the guard: it imports all five

    app()


if __name__ == "__main__":
    main()
