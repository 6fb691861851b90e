"""Are settings read once, from file and environment, and is what is wrong named?"""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import OfficialAccount, Settings, SettingsError, WeComCorp, load_settings

OFFICIAL = """
[server]
port = 9000
[[accounts]]
name = "my-shop"
kind = "official_account"
app_id = "wx1"
app_secret = "secret-of-the-file"
token = "token"
mode = "plain"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "xiaoer.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOER__SERVER__PORT", "9001")
    monkeypatch.setenv("XIAOER__ACCOUNTS__MY_SHOP__APP_SECRET", "secret-of-the-environment")
    settings = load_settings(written(tmp_path, OFFICIAL))
    assert settings.server.port == 9001
    assert settings.accounts[0].name == "my-shop"
    assert isinstance(settings.accounts[0], OfficialAccount)
    assert settings.accounts[0].app_secret.get_secret_value() == "secret-of-the-environment"


def test_a_section_of_an_account_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets of the session archive: one by one beside the file, or all of them."""
    corp = OFFICIAL + (
        "[[accounts]]\nname = 'corp'\nkind = 'wecom'\ncorp_id = 'ww1'\nagent_id = 1\nsecret = 's'\ntoken = 't'\n"
        f"encoding_aes_key = '{'k' * 43}'\n[accounts.archive]\nlibrary = 'sdk.so'\nprivate_keys = {{1 = 'one.pem'}}\n"
    )
    path = written(tmp_path, corp)
    with pytest.raises(SettingsError, match=r"archive\.secret: set it"):
        load_settings(path)
    monkeypatch.setenv("XIAOER__ACCOUNTS__CORP__ARCHIVE__SECRET", "of-the-archive")
    monkeypatch.setenv("XIAOER__ACCOUNTS__CORP__ARCHIVE__PRIVATE_KEYS__2", "-----BEGIN PRIVATE KEY-----")
    account = load_settings(path).accounts[1]
    assert isinstance(account, WeComCorp)
    assert account.archive is not None
    assert account.archive.secret.get_secret_value() == "of-the-archive"
    assert {version: key.get_secret_value() for version, key in account.archive.private_keys.items()} == {
        1: "one.pem",
        2: "-----BEGIN PRIVATE KEY-----",
    }
    assert "of-the-archive" not in repr(account)
    monkeypatch.setenv("XIAOER__ACCOUNTS__CORP__TOKEN__X", "no section")
    monkeypatch.setenv("XIAOER__ACCOUNTS__CORP__ARCHIVE__PRIVATE_KEYS__TWO", "x")
    with pytest.raises(SettingsError, match=r"private_keys\.two"):
        load_settings(path)


def test_reading_twice_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOER__ACCOUNTS__MY_SHOP__TOKEN", "other")
    path = written(tmp_path, OFFICIAL)
    assert load_settings(path) == load_settings(path)


def test_the_file_may_be_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOER_CONFIG", str(written(tmp_path, OFFICIAL)))
    assert load_settings().server.port == 9000


def test_a_missing_secret_refuses_to_start_and_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, OFFICIAL.replace('token = "token"\n', ""))
    with pytest.raises(SettingsError, match=r"accounts\.0\.official_account\.token: set it"):
        load_settings(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("[server]\nport = 99999\n", "server.port"),
        ("[serverr]\nport = 1\n", "serverr"),
        ("[server\n", "not valid TOML"),
        (OFFICIAL + OFFICIAL.split("port = 9000\n")[1], "used twice"),
        (OFFICIAL.replace("plain", "safe"), "encoding_aes_key"),
        (OFFICIAL.replace("my-shop", "My Shop"), "name"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, change: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load_settings(written(tmp_path, change))


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such settings file"):
        load_settings(tmp_path / "none.toml")


def test_no_secret_is_shown_in_an_error(tmp_path: Path) -> None:
    text = OFFICIAL.replace('kind = "official_account"', 'kind = "official_account"\nanswering = "secret-of-the-file"')
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, text))
    assert "secret-of-the-file" not in str(caught.value)


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings().server = Settings().server  # type: ignore[misc] # that is what is tested


def test_the_public_address_needs_no_base_url() -> None:
    assert Settings().server.public_url == "http://127.0.0.1:8080"
