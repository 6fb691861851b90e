"""Does the house still stand as ARCHITECTURE.md says? Read from the source itself, so it cannot drift."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import re
import statistics
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent
ROOTS = ("archive", "bot", "handoff", "knowledge_base", "nlu")
BETWEEN = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE}
LARGEST_FILE = 400
LARGEST_MEDIAN = 100
LARGEST_STORY = 40  # the journey fits one screen


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (TOP / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(TOP).as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path)))


def findings(paths: list[Path], smells: Callable[[ast.AST], bool], *words: str) -> list[str]:
    """`file:line` of every node that smells. words: where none of them stands nothing smells, and nothing is parsed."""
    suspects = [path for path in paths if not words or any(word in path.read_text(encoding="utf-8") for word in words)]
    return [
        f"{name_of(path)}:{getattr(node, 'lineno', 0)}" for path in suspects for node in nodes(path) if smells(node)
    ]


def outside(paths: list[Path], *allowed: str) -> list[Path]:
    """The paths that are none of these files and lie in none of these folders."""
    return [path for path in paths if not any(f"{name_of(path)}/".startswith(f"{place}/") for place in allowed)]


def called(node: ast.AST) -> str:
    """The last name of what is called, "" if the node is no call."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def project() -> dict[str, object]:
    return tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))


# ── folders and names ────────────────────────────────────────────────────────────────────────


def test_every_test_folder_is_a_package() -> None:
    """Else tests/handoff would shadow handoff (docs/adr/0001)."""
    folders = {parent for path in modules("tests") for parent in path.parents if parent.is_relative_to(TOP / "tests")}
    assert [name_of(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_the_explicit_package_list_is_complete() -> None:
    tool = project()["tool"]
    assert isinstance(tool, dict)
    listed = set(tool["setuptools"]["packages"])
    found = {name_of(path.parent).replace("/", ".") for path in modules(*ROOTS, "benchmarks")}
    assert found == listed


@pytest.mark.parametrize("name", ROOTS)
def test_nobody_else_owns_our_names(name: str) -> None:
    owners = set(importlib.metadata.packages_distributions().get(name, []))
    assert owners <= {"xiaoer"}, f"pip uninstall {' '.join(owners - {'xiaoer'})}: it overwrites our {name}/"
    module = importlib.import_module(name)
    assert module.__file__ is not None, f"{name}/__init__.py is missing"
    assert Path(module.__file__).resolve().is_relative_to(TOP)


def test_we_never_depend_on_the_distributions_of_our_names() -> None:
    for lock in sorted((TOP / "requirements").glob("*.lock")):
        locked = set(re.findall(r"^([\w.-]+)==", lock.read_text(encoding="utf-8"), flags=re.MULTILINE))
        assert locked.isdisjoint({*ROOTS, "knowledge-base", "xiaoer"}), lock.name


def test_no_file_is_named_after_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "misc", "common", "manager"}
    assert [name_of(path) for path in modules(*ROOTS, "benchmarks", "tests") if path.stem in vague] == []


def test_no_class_is_named_after_nothing() -> None:
    vague = re.compile(r"(Manager|Helpers?|Utils?)$")

    def smells(node: ast.AST) -> bool:
        return isinstance(node, ast.ClassDef) and vague.search(node.name) is not None

    assert findings(modules(*ROOTS, "benchmarks", "tests"), smells, "Manager", "Helper", "Util") == []


# ── one place for each thing ─────────────────────────────────────────────────────────────────


def test_only_settings_reads_the_environment() -> None:
    def smells(node: ast.AST) -> bool:
        return (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}) or (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and any(alias.name in {"environ", "getenv"} for alias in node.names)
        )

    assert findings(outside(modules(*ROOTS), "bot/settings.py"), smells, "environ", "getenv") == []


def test_only_commands_print() -> None:
    paths = outside(modules(*ROOTS), "bot/cli", "bot/__main__.py")
    assert findings(paths, lambda node: called(node) == "print", "print") == []


def test_applications_are_keyed_by_app_key() -> None:
    """`web.AppKey` is typed; `app["name"]` is not."""

    def smells(node: ast.AST) -> bool:
        if not (isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)):
            return False
        holder = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        return holder == "app" and isinstance(node.slice.value, str)

    assert findings(modules(*ROOTS), smells, "app[") == []


def test_connections_are_made_where_things_are_built() -> None:
    builders = ("bot/bootstrap.py", "bot/store/engine.py", "bot/cli", "bot/simulator", "bot/migrations")
    paths, makers = outside(modules(*ROOTS), *builders), ("ClientSession", "create_async_engine")
    assert findings(paths, lambda node: called(node) in makers, *makers) == []


def test_deciding_is_pure() -> None:
    forbidden = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    assert findings([TOP / "bot/decide.py"], lambda node: isinstance(node, forbidden)) == []


def test_the_story_fits_one_screen() -> None:
    stories = [
        node
        for node in nodes(TOP / "bot/journey.py")
        if isinstance(node, ast.AsyncFunctionDef) and node.name == "handle_message"
    ]
    assert len(stories) == 1
    assert (stories[0].end_lineno or 0) - stories[0].lineno < LARGEST_STORY


def test_imports_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter, "--no-cache"], cwd=TOP, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


# ── size and words ───────────────────────────────────────────────────────────────────────────


def test_files_are_small(record_property: Callable[[str, object], None]) -> None:
    lines = {name_of(path): path.read_text(encoding="utf-8").count("\n") for path in modules(*ROOTS, "benchmarks")}
    median = statistics.median(count for name, count in lines.items() if not name.endswith("__init__.py"))
    record_property("median_lines", median)
    assert {name: count for name, count in lines.items() if count > LARGEST_FILE} == {}
    assert median <= LARGEST_MEDIAN, f"the median file has {median} lines"


def test_every_module_says_what_it_answers() -> None:
    def first_line(path: Path) -> str:
        with path.open(encoding="utf-8") as lines:
            first = next(each for each in tokenize.generate_tokens(lines.readline) if each.type not in BETWEEN)
        return str(ast.literal_eval(first.string)).partition("\n")[0] if first.type == tokenize.STRING else ""

    paths = [path for path in modules(*ROOTS, "benchmarks", "tests") if path.read_bytes().strip()]
    assert [name_of(path) for path in paths if not first_line(path)] == []


# ── tests are honest ─────────────────────────────────────────────────────────────────────────


def test_tests_never_patch_our_own_functions() -> None:
    def smells(node: ast.AST) -> bool:
        imported = (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("unittest")) or (
            isinstance(node, ast.Import) and any(alias.name.startswith("unittest") for alias in node.names)
        )
        patched = (
            isinstance(node, ast.Attribute) and node.attr == "setattr" and ast.unparse(node) == "monkeypatch.setattr"
        )
        return imported or patched

    assert findings(modules("tests"), smells, "unittest", "setattr") == []


def test_tests_never_sleep() -> None:
    """`asyncio.sleep(0)` only yields the loop; anything longer is a race waiting to be lost."""

    def smells(node: ast.AST) -> bool:
        if called(node) != "sleep" or not isinstance(node, ast.Call):
            return False
        return not (node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0)

    assert findings(modules("tests"), smells, "sleep") == []
