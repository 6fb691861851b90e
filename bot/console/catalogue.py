"""Which words, pages and styles does the console have? The package's own data, read once at import."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files

_HERE = files("bot.console")

TEXTS: Mapping[str, Mapping[str, str]] = tomllib.loads((_HERE / "texts.toml").read_text(encoding="utf-8"))
TEMPLATES: Mapping[str, str] = {
    item.name: item.read_text(encoding="utf-8")
    for item in (_HERE / "templates").iterdir()
    if item.name.endswith(".html")
}
STATIC: Mapping[str, bytes] = {
    f"{prefix}{item.name}": item.read_bytes()
    for prefix, folder in (("", _HERE / "static"), ("vendor/", _HERE / "static" / "vendor"))
    for item in folder.iterdir()
    if item.is_file()
}


def text(name: str, /, **values: object) -> str:
    """The text "section.name", filled in. Raises KeyError for a name not in the catalogue."""
    section, _, key = name.partition(".")
    return TEXTS[section][key].format(**values)


def text_or(section: str, name: str, otherwise: str | None = None) -> str:
    """The text "section.name"; where the catalogue has none `otherwise`, or the name itself."""
    return TEXTS.get(section, {}).get(name, name if otherwise is None else otherwise)
