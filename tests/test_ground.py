"""Does the ground hold: set-up, locks, examples of settings, container files, the command of CI?"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.settings import OfficialAccount, SettingsError, WeComCorp, load_settings

TOP = Path(__file__).resolve().parent.parent
LOCKS = sorted((TOP / "requirements").glob("*.lock"))
SECRET = re.compile(r"secret|password|token|aes_key", flags=re.IGNORECASE)
# No health to check: it ends (migrate), or it listens on nothing and its leases lapse when it hangs (work).
WITHOUT_HEALTH = {"migrate", "work"}


def read(name: str) -> str:
    return (TOP / name).read_text(encoding="utf-8")


def compose() -> dict[str, Any]:
    loaded = YAML(typ="safe", pure=True).load(read("compose.yaml"))
    assert isinstance(loaded, dict)
    return loaded


SERVICES: dict[str, dict[str, Any]] = compose()["services"]


# ── locks ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_locks_pin_and_hash_everything_and_name_no_source(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text)
    requirements = [block for block in blocks if not block.startswith("#")]
    assert requirements
    assert [block for block in requirements if not re.match(r"[\w.\[\]-]+==\S+", block)] == []
    assert [block for block in requirements if "--hash=sha256:" not in block] == []
    assert re.findall(r"\w+://|--\w*-?index|--find-links|^-e|\s@\s", text, flags=re.MULTILINE) == []


def test_the_runtime_lock_is_part_of_the_development_lock() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[\w.\[\]-]+==[^\s;\\]+", read(f"requirements/{name}.lock"), flags=re.MULTILINE))

    assert pins("runtime") < pins("dev")


def test_the_locks_hold_what_the_project_asks_for() -> None:
    wanted = tomllib.loads(read("pyproject.toml"))["project"]
    runtime = {re.split(r"[^\w.-]", entry)[0] for entry in wanted["dependencies"]}
    extras = {
        re.split(r"[^\w.-]", entry)[0] for name in ("dev", "bench") for entry in wanted["optional-dependencies"][name]
    }

    def locked(name: str) -> set[str]:
        return set(re.findall(r"^([\w.-]+)(?:\[\w+\])?==", read(f"requirements/{name}.lock"), flags=re.MULTILINE))

    def canonical(names: set[str]) -> set[str]:
        return {re.sub(r"[-_.]+", "-", name).lower() for name in names}

    assert canonical(runtime) <= locked("runtime")
    assert canonical(runtime | extras) <= locked("dev")


# ── the examples of settings ─────────────────────────────────────────────────────────────────


def secrets() -> list[str]:
    return re.findall(r"^(\w+)=", read(".env.example"), flags=re.MULTILINE)


def test_the_examples_hold_no_secret() -> None:
    assert re.findall(r"^\w+=.+", read(".env.example"), flags=re.MULTILINE) == []
    for line in read("xiaoer.example.toml").splitlines():
        assert not re.match(r"\s*\w*(secret|token|aes_key)\s*=", line), line


def test_the_examples_work_together(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in secrets():
        monkeypatch.setenv(name, "k" * 43)
    settings = load_settings(TOP / "xiaoer.example.toml")
    shop, corp = settings.accounts
    assert isinstance(shop, OfficialAccount)
    assert isinstance(corp, WeComCorp)
    assert shop.app_secret.get_secret_value() == corp.secret.get_secret_value() == "k" * 43
    assert settings.server.base_url.startswith("https://")


def test_a_missing_secret_is_named() -> None:
    with pytest.raises(SettingsError, match="app_secret"):
        load_settings(TOP / "xiaoer.example.toml")


# ── container files ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_can_start_and_says_whether_it_is_well(name: str) -> None:
    service = SERVICES[name]
    assert "image" in service or "build" in service
    health = service.get("healthcheck", {})
    assert ("test" in health) != (name in WITHOUT_HEALTH)
    if "build" not in service:
        tag = service["image"].rpartition(":")[2]
        assert tag[0].isdigit(), f"{service['image']}: name a version"
    for target, how in service.get("depends_on", {}).items():
        assert target in SERVICES
        if how["condition"] == "service_healthy":
            assert "test" in SERVICES[target]["healthcheck"]


def test_the_roles_are_all_there() -> None:
    assert set(SERVICES) == {"postgres", "valkey", "migrate", "serve", "work", "rasa"}
    assert [name for name, service in SERVICES.items() if "profiles" in service] == ["rasa"]
    assert SERVICES["postgres"]["image"].startswith("postgres:18")
    assert SERVICES["work"]["deploy"]["replicas"] == 2
    for role in ("migrate", "serve", "work"):
        assert SERVICES[role]["command"] == [role]
    for role in ("serve", "work"):
        assert SERVICES[role]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_holds_a_secret(name: str) -> None:
    for key, value in SERVICES[name].get("environment", {}).items():
        if SECRET.search(key):
            assert str(value).startswith("${"), key
        assert not re.search(r"://[^/@\s]*:(?!\$\{)[^/@\s]+@", str(value)), key


def test_every_named_volume_is_declared_and_used() -> None:
    mounts = [mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])]
    assert {mount for mount in mounts if not mount.startswith((".", "/"))} == set(compose()["volumes"])


def test_only_the_door_is_open_and_only_to_the_proxy() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports == {"serve": ["127.0.0.1:8080:8080"]}


def test_variables_of_compose_are_in_the_example() -> None:
    assert set(re.findall(r"\$\{(\w+)", read("compose.yaml"))) <= set(secrets())


@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile.rasa"])
def test_the_dockerfiles_have_no_findings(name: str) -> None:
    linter = Path(sys.executable).with_name("hadolint")
    run = subprocess.run([linter, "--format", "json", TOP / name], capture_output=True, text=True, check=False, cwd=TOP)
    assert json.loads(run.stdout) == []
    assert run.returncode == 0


def test_the_image_runs_as_nobody_in_particular() -> None:
    lines = read("Dockerfile").splitlines()
    assert sum(line.startswith("FROM ") for line in lines) == 2
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users == ["10001:10001"]
    assert any(line.startswith("HEALTHCHECK ") for line in lines)
    assert 'ENTRYPOINT ["xiaoer"]' in lines
    assert 'CMD ["run"]' in lines
    assert not any(SECRET.search(line) for line in lines if line.startswith(("ENV", "ARG")))


def test_what_the_image_copies_reaches_the_builder() -> None:
    """.dockerignore starts from nothing: every package of ours must be let in."""
    packages = tomllib.loads(read("pyproject.toml"))["tool"]["setuptools"]["packages"]
    allowed = set(re.findall(r"^!(\S+)", read(".dockerignore"), flags=re.MULTILINE))
    roots = {package.partition(".")[0] for package in packages}
    copied = {f"requirements/{lock}.lock" for lock in ("build", "runtime")}
    assert roots | copied | {"pyproject.toml", "README.md", "LICENSE", "examples"} <= allowed


# ── make and CI ──────────────────────────────────────────────────────────────────────────────


def run_make(*arguments: str, folder: Path = TOP) -> subprocess.CompletedProcess[str]:
    make = shutil.which("make")
    assert make is not None
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = [make, "--file", str(TOP / "Makefile"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=clean)


def test_make_help_lists_the_targets() -> None:
    listed = re.findall(r"^  make (\w+)", run_make("help").stdout, flags=re.MULTILINE)
    assert {"help", "demo", "run", "test", "check", "bench", "browser", "rasa", "lock", "clean"} == set(listed)


def test_make_refuses_what_it_does_not_know() -> None:
    assert "WITH=some" in run_make("test", "WITH=some").stderr


def test_set_up_refuses_an_old_python(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo "Python 3.9.2" && exit 0\nexit 1\n', encoding="utf-8")
    old.chmod(0o755)
    (tmp_path / "requirements").mkdir()
    for lock in ("build", "dev", "uv"):
        (tmp_path / f"requirements/{lock}.lock").touch()
    (tmp_path / "pyproject.toml").touch()
    run = run_make(".venv/.stamp", f"PYTHON={old}", folder=tmp_path)
    assert run.returncode != 0
    assert "needs Python 3.11 or newer" in run.stderr
    assert "Python 3.9.2" in run.stderr
    assert not (tmp_path / ".venv").exists()


def test_ci_runs_the_test_command_of_the_readme() -> None:
    assert os.access(TOP / ".ci/run", os.X_OK)
    assert read(".ci/run").rstrip().endswith("\nmake test WITH=all")
    assert "make test" in read("README.md")


def test_the_hooks_fetch_nothing() -> None:
    hooks = YAML(typ="safe", pure=True).load(read(".pre-commit-config.yaml"))
    assert [repo["repo"] for repo in hooks["repos"]] == ["local"]
    entries = [hook["entry"].split()[0] for repo in hooks["repos"] for hook in repo["hooks"]]
    assert [entry for entry in entries if not entry.startswith(".venv/bin/")] == []
