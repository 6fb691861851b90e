"""Are the documents true? Settings, channels, commands, targets and links are compared with the code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from bot.domain import ChannelKind
from bot.settings import OfficialAccount, Settings, WeComCorp

TOP = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh-CN.md")
SKIPPED = {".venv", "node_modules", "static", "build", "var"}
ACCOUNTS: dict[str, type[BaseModel]] = {"official_account": OfficialAccount, "wecom": WeComCorp}


def read(name: str) -> str:
    return (TOP / name).read_text(encoding="utf-8")


def documents() -> list[str]:
    paths = (path.relative_to(TOP) for path in TOP.rglob("*.md"))
    return sorted(
        path.as_posix() for path in paths if not any(part in SKIPPED or part.startswith(".") for part in path.parts)
    )


# ── settings ─────────────────────────────────────────────────────────────────────────────────


def settings() -> Iterator[tuple[str, FieldInfo]]:
    """Dotted name and field of everything an installation can say."""
    yield from fields("", Settings)
    for kind, model in ACCOUNTS.items():
        yield from fields(f"{kind}.", model)


def fields(before: str, model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """The fields of a section, those of its own sections among them; an optional section is a field too."""
    for name, field in model.model_fields.items():
        parts = get_args(field.annotation) or (field.annotation,)
        sections = [part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)]
        if sections != [field.annotation]:
            yield f"{before}{name}", field
        if name != "accounts":  # documented by kind
            for section in sections:
                yield from fields(f"{before}{name}.", section)


def default_of(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value: object = field.get_default(call_default_factory=True)
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, Path):
        value = str(value)
    return f"`{json.dumps(value)}`"


def test_every_setting_is_documented_with_its_default() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| (required|`.*?`) \| \S.* \| \S.* \|$", read("docs/settings.md"), re.MULTILINE)
    documented = dict(rows)
    assert len(documented) == len(rows), "a setting is described twice"
    assert documented == {name: default_of(field) for name, field in settings()}


# ── channels ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ChannelKind)
@pytest.mark.parametrize("readme", READMES)
def test_every_channel_is_documented(kind: ChannelKind, readme: str) -> None:
    assert f"| `{kind.value}` |" in read(readme)


# ── the map ──────────────────────────────────────────────────────────────────────────────────


def test_the_map_shows_every_place_in_bot() -> None:
    """ARCHITECTURE.md names each module and folder directly below bot/, and none that is not there."""
    table = read("ARCHITECTURE.md").partition("## Where things live in `bot/`")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    shown = {name for cell in cells for name in re.findall(r"`([\w./]+)`", cell)}
    modules = {path.name for path in (TOP / "bot").glob("*.py")} - {"__init__.py"}
    folders = {f"{path.parent.name}/" for path in (TOP / "bot").glob("*/*.py")}
    assert shown == modules | folders


# ── commands ─────────────────────────────────────────────────────────────────────────────────


def commands() -> set[str]:
    """`xiaoer …` for every command one can give, groups left out."""
    from bot.cli import app  # noqa: PLC0415 - so that a broken command fails here, not at collection

    def leaves(command: Any, path: str) -> Iterator[str]:
        inner: dict[str, Any] = getattr(command, "commands", {})
        if not inner:
            yield path
        for name, found in inner.items():
            if not found.hidden:
                yield from leaves(found, f"{path} {name}")

    return set(leaves(typer.main.get_command(app), "xiaoer"))


@pytest.mark.parametrize("readme", READMES)
def test_every_command_is_documented_and_every_documented_command_exists(readme: str) -> None:
    mentioned = set(re.findall(r"`(xiaoer(?: [a-z]+(?:-[a-z]+)*)+)", read(readme)))
    existing = commands()
    assert existing - mentioned == set(), "commands that the README does not show"
    assert {name for name in mentioned if not any(name == one or is_argument(name, one) for one in existing)} == set()


def is_argument(mentioned: str, command: str) -> bool:
    """`xiaoer bench door` where `door` is an argument of `bench`, or `xiaoer bench` where it is a group."""
    return mentioned.startswith(f"{command} ") or command.startswith(f"{mentioned} ")


def test_both_readmes_tell_the_same() -> None:
    """Same sections, same commands, same tables: the Chinese one is no summary."""

    def shape(name: str) -> tuple[int, int, list[str]]:
        text = read(name)
        rows = len(re.findall(r"^\|", text, re.MULTILINE))
        return (
            len(re.findall(r"^## ", text, re.MULTILINE)),
            rows,
            re.findall(r"^\| `(xiaoer [^`]+)`", text, re.MULTILINE),
        )

    assert shape("README.md") == shape("README.zh-CN.md")


# ── targets, links, decisions ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", documents())
def test_every_target_of_make_that_is_named_exists(name: str) -> None:
    named = set(re.findall(r"^make (\w+)|`make (\w+)", read(name), re.MULTILINE))
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    assert {first or second for first, second in named} <= targets


@pytest.mark.parametrize("name", documents())
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", read(name))
    here = (TOP / name).parent
    assert [link for link in links if "://" not in link and not (here / link).exists()] == []


def test_decisions_are_numbered_and_complete() -> None:
    decisions = sorted((TOP / "docs/adr").glob("0*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    index = read("docs/adr/README.md")
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} ")
        assert [
            part for part in ("**Status**", "## Context", "## Decision", "## Consequences") if part not in text
        ] == []
        assert f"({path.name})" in index


def test_what_always_holds_is_proven_by_tests_that_exist() -> None:
    text = read("docs/invariants.md")
    numbers = re.findall(r"^\| I(\d+) \|", text, re.MULTILINE)
    assert [int(number) for number in numbers] == list(range(1, 21))
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert [f"{name}::{test}" for name, test in named if f"def {test}(" not in read(name)] == []
    rows = [
        line for line in text.splitlines() if line.startswith("| ") and not line.startswith(("| | ", "| What goes"))
    ]
    assert [row for row in rows if "::test_" not in row] == []


def test_figures_have_a_source() -> None:
    """A row of the figures' table names a result file that exists."""
    for readme in READMES:
        table = read(readme).partition("<!-- figures:begin")[2].partition("<!-- figures:end")[0]
        rows = [line for line in table.splitlines() if line.startswith("|")][2:]
        for row in rows:
            names = re.findall(r"benchmarks/results/[\w.-]+\.json", row)
            assert names, row
            assert [name for name in names if not (TOP / name).exists()] == []


def test_change_fragments_are_named_for_their_issue() -> None:
    fragments = [path.name for path in (TOP / "CHANGES").iterdir() if path.name != "README.md"]
    assert [name for name in fragments if not re.fullmatch(r"\d+\.(feature|fix|change|removal|doc)\.md", name)] == []
