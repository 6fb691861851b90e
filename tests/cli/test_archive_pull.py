"""Can the session archive be read, and its keys be looked at, from the command line?"""

from __future__ import annotations

import pytest

from benchmarks.finance.corp import CUSTOMER, ArchivedCorp, pem
from bot.doctor_line import Line
from tests.cli.shop import CommandShop
from tests.finance.building import corp, finance_library, rsa_keys
from tests.simulator.doubles import AES_KEY

__all__ = ["corp", "finance_library", "rsa_keys"]


@pytest.fixture
def archived(migrated_shop: CommandShop, corp: ArchivedCorp) -> CommandShop:
    """A shop whose corp has an archive, with the key of version 1; version 7 names a file that is not there."""
    (migrated_shop.folder / "one.pem").write_text(pem(corp.keys[1]), encoding="utf-8")
    migrated_shop.open(
        "[[accounts]]\nname = 'corp'\nkind = 'wecom'\ncorp_id = 'ww1'\nagent_id = 1\nsecret = 's'\ntoken = 't'\n"
        f"encoding_aes_key = '{AES_KEY}'\napi_base = 'http://127.0.0.1:1'\n"
        f"[accounts.archive]\nsecret = '{corp.folder}'\nlibrary = '{corp.library}'\n"
        f"private_keys = {{ 1 = '{migrated_shop.folder / 'one.pem'}', 7 = '{migrated_shop.folder / 'seven.pem'}' }}\n"
    )
    return migrated_shop


def says(corp: ArchivedCorp, *texts: str) -> None:
    for text in texts:
        corp.says(text)


def test_what_is_new_is_read_and_counted(archived: CommandShop, corp: ArchivedCorp) -> None:
    says(corp, "秘密一", "秘密二")
    ran = archived.ok("archive", "pull", "--json")
    (told,) = ran.json
    assert (told["account"], told["seq"], told["error"]) == ("corp", 2, "")
    assert told["counts"] == {"read": 2, "stored": 2}
    assert "秘密" not in ran.out + ran.err
    assert "nothing new" in archived.ok("archive", "pull", "--account", "corp").out


def test_one_page_only(archived: CommandShop, corp: ArchivedCorp) -> None:
    archived.config.write_text(archived.config.read_text() + "[archive.pull]\npage_size = 2\n")
    says(corp, "一", "二", "三")
    assert archived.ok("archive", "pull", "--once", "--json").json[0]["seq"] == 2
    assert archived.ok("archive", "pull", "--json").json[0]["seq"] == 3


def test_trouble_is_said_with_what_to_do(archived: CommandShop, corp: ArchivedCorp) -> None:
    corp.tell("every_code", 10009)
    ran = archived.run("archive", "pull")
    assert ran.code == 1
    assert "10009" in ran.out
    assert "可信 IP" in ran.out


def test_which_keys_are_wanted(archived: CommandShop, corp: ArchivedCorp) -> None:
    corp.seals(b"{}", version=2)
    archived.ok("archive", "pull")
    assert archived.ok("archive", "keys", "--json").json == [
        {"account": "corp", "version": 1, "state": "here", "waiting": 0},
        {"account": "corp", "version": 2, "state": "missing", "waiting": 1},
        {"account": "corp", "version": 7, "state": "cannot be read: No such file or directory", "waiting": 0},
    ]
    assert "missing" in archived.ok("archive", "keys", "--account", "corp").out


def test_the_doctor_looks_at_the_archive(archived: CommandShop, corp: ArchivedCorp) -> None:
    corp.seals(b"{}", version=2)
    corp.sends("text", {"text": {"content": "x"}}, speaker=CUSTOMER)
    archived.ok("archive", "pull")
    corp.tell("every_code", 301042)
    archived.run("archive", "pull")
    lines = {each["name"]: Line(**each) for each in archived.run("doctor", "--json").json}
    assert lines["corp: Finance SDK"].ok
    assert lines["corp: archive keys"].detail == "version 7 cannot be read: No such file or directory"
    assert not lines["corp/archive: token"].ok
    assert "301042" in lines["corp: archive"].detail
    assert "IP 白名单" in lines["corp: archive"].advice
    assert lines["corp: archive aside"].detail == "1 messages: waiting_key (versions 2)"
    assert "private_keys" in lines["corp: archive aside"].advice


def test_without_an_archive_it_says_where_to_read(shop: CommandShop) -> None:
    assert "docs/archive-pull.md" in shop.refused("archive", "pull")


def test_an_account_that_has_none_is_named(archived: CommandShop) -> None:
    assert "there are: corp" in archived.refused("archive", "pull", "--account", "shop")
    assert "there are: corp" in archived.refused("archive", "keys", "--account", "shop")
