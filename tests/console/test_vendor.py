"""Is what others made what we say it is? Checksums of the vendored files, and nothing unnamed among them."""

from __future__ import annotations

import hashlib
import tomllib
from importlib.resources import files
from typing import Any

from bot.console.catalogue import STATIC

PACKAGES: list[dict[str, Any]] = tomllib.loads((files("bot.console") / "vendor.toml").read_text(encoding="utf-8"))[
    "packages"
]


def test_each_vendored_file_is_the_one_that_is_named() -> None:
    named = {f"vendor/{file['name']}": file["sha256"] for package in PACKAGES for file in package["files"]}
    found = {name: hashlib.sha256(body).hexdigest() for name, body in STATIC.items() if name.startswith("vendor/")}
    assert found == named


def test_each_package_says_where_it_comes_from() -> None:
    for package in PACKAGES:
        assert package["version"]
        assert package["license"]
        assert package["integrity"].startswith("sha512-")
