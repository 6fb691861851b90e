"""Does a local account let in whoever has password and phone, once each, and nobody who guesses?"""

from __future__ import annotations

import asyncio

import pyotp
import pytest
from sqlalchemy import select

from bot.access import Access, Action, Actor, Passed, Person, Resting, Role, Wanted, Way, Weak, Wrong, weakness
from bot.access.tables import credentials, recovery_codes
from bot.access.throttle import FIRST_REST, LONGEST_REST, rest_after
from tests.console.desk import Clock

CLI, HERE = Actor("cli:tests"), "10.0.0.9"
PASSWORD = "x7!kQ9zLp2#v"


@pytest.fixture
async def secret(access: Access, clock: Clock) -> str:
    """boss has a password and an app; the app's secret."""
    await access.administration.add(Person("boss", "老板", frozenset({Role.ADMIN})), agents=(), by=CLI)
    await access.accounts.set_password("boss", PASSWORD, by=CLI)
    assert await access.accounts.check_password("boss", PASSWORD, address=HERE) == Passed("boss", enrolled=False)
    await access.accounts.begin_enrolment("boss")
    secret = await access.accounts.enrolment("boss")
    assert secret is not None
    codes = await access.accounts.confirm_enrolment("boss", code(secret, clock), address=HERE)
    assert isinstance(codes, list)
    clock.forward(seconds=60)
    return secret


def code(secret: str, clock: Clock) -> str:
    return pyotp.TOTP(secret).at(clock())


async def actions(access: Access) -> list[str]:
    return [each.action for each in await access.log.page(Wanted(), limit=100)]


async def test_password_then_code(access: Access, clock: Clock, secret: str) -> None:
    accounts = access.accounts
    assert await accounts.check_password("boss", PASSWORD, address=HERE) == Passed("boss", enrolled=True)
    assert await accounts.check_code("boss", code(secret, clock), address=HERE) == Passed("boss", enrolled=True)


async def test_a_code_serves_once_and_none_before_it(access: Access, clock: Clock, secret: str) -> None:
    earlier = code(secret, clock)
    clock.forward(seconds=30)
    now = code(secret, clock)
    assert isinstance(await access.accounts.check_code("boss", now, address=HERE), Passed)
    assert await access.accounts.check_code("boss", now, address=HERE) == Wrong()
    assert await access.accounts.check_code("boss", earlier, address=HERE) == Wrong()


async def test_two_who_send_the_same_code_at_once_are_one(access: Access, clock: Clock, secret: str) -> None:
    now = code(secret, clock)
    both = await asyncio.gather(*(access.accounts.check_code("boss", now, address=HERE) for _ in range(2)))
    assert sorted(type(each).__name__ for each in both) == ["Passed", "Wrong"]


async def test_a_recovery_code_serves_once_however_it_is_typed(access: Access, clock: Clock, secret: str) -> None:
    first, *_ = await access.accounts.new_recovery_codes("boss", by=CLI)
    typed = first.upper().replace("-", " ")
    assert isinstance(await access.accounts.check_code("boss", typed, address=HERE), Passed)
    assert await access.accounts.check_code("boss", first, address=HERE) == Wrong()
    assert "recovery_code_used" in await actions(access)


async def test_a_confirmed_second_factor_is_shown_to_nobody_again(access: Access, secret: str) -> None:
    await access.accounts.begin_enrolment("boss")
    assert await access.accounts.enrolment("boss") is None


async def test_names_that_nobody_has_are_refused_and_rest_alike(access: Access, clock: Clock, secret: str) -> None:
    said = {}
    for name in ("boss", "nobody"):
        outcomes = [await access.accounts.check_password(name, "wrong", address=f"at {name}") for _ in range(6)]
        said[name] = outcomes
    assert said["boss"] == said["nobody"] == [Wrong()] * 5 + [Resting(clock() + FIRST_REST)]
    on = {each.object for each in await access.log.page(Wanted(action=Action.SIGN_IN_FAILED), limit=100)}
    assert on == {"person:boss", ""}  # what was typed may have been a password


async def test_the_right_password_does_not_end_a_rest(access: Access, clock: Clock, secret: str) -> None:
    for _ in range(5):
        await access.accounts.check_password("boss", "wrong", address=HERE)
    assert isinstance(await access.accounts.check_password("boss", PASSWORD, address="elsewhere"), Resting)
    clock.forward(seconds=30)
    assert isinstance(await access.accounts.check_password("boss", PASSWORD, address="elsewhere"), Passed)
    assert "locked" in await actions(access)


async def test_many_guesses_at_once_count_each(access: Access, secret: str) -> None:
    guesses = [access.accounts.check_password("boss", f"guess {number}", address=HERE) for number in range(12)]
    outcomes = await asyncio.gather(*guesses)
    assert sum(isinstance(each, Wrong) for each in outcomes) == 5


async def test_an_address_that_tries_many_names_rests(access: Access) -> None:
    outcomes = [await access.accounts.check_password(f"name{number}", "x", address=HERE) for number in range(21)]
    assert isinstance(outcomes[19], Wrong)
    assert isinstance(outcomes[20], Resting)
    assert isinstance(await access.accounts.check_password("name99", "x", address="elsewhere"), Wrong)


def test_a_rest_doubles_and_is_bounded() -> None:
    rests = [rest_after(failures, free=5) for failures in range(1, 40)]
    assert rests[:4] == [None] * 4
    assert [each.total_seconds() for each in rests[4:10] if each] == [30, 60, 120, 240, 480, 900]
    assert set(rests[10:]) == {LONGEST_REST}


async def test_whoever_is_disabled_is_nobody(access: Access, secret: str) -> None:
    other = Person("zhao", "赵", frozenset({Role.ADMIN}))
    await access.administration.add(other, agents=(), by=CLI)
    await access.administration.disable("boss", by=Actor("zhao"))
    assert await access.accounts.check_password("boss", PASSWORD, address=HERE) == Wrong()


async def test_a_new_password_ends_the_sessions(access: Access, secret: str) -> None:
    token = await access.sessions.open("boss", Way.PASSWORD, address=HERE)
    await access.accounts.set_password("boss", "another 9 of those?", by=CLI)
    assert await access.sessions.read(token) is None
    assert await access.accounts.check_password("boss", PASSWORD, address=HERE) == Wrong()


async def test_what_is_kept_holds_neither_password_nor_secret(access: Access, secret: str) -> None:
    codes = await access.accounts.new_recovery_codes("boss", by=CLI)
    async with access.engine.connect() as connection:
        kept = repr([(await connection.execute(select(table))).all() for table in (credentials, recovery_codes)])
    assert not any(each in kept for each in (PASSWORD, secret, *codes))


@pytest.mark.parametrize(
    ("password", "weak"),
    [
        ("x7!kQ9zLp2#", Weak.SHORT),
        ("aaaaaaaabbbb", Weak.FEW),
        ("123456789012", Weak.OBVIOUS),
        ("password2026!", Weak.OBVIOUS),
        ("qwertyuiop1234", Weak.OBVIOUS),
        ("limei-limei-1", Weak.OBVIOUS),
        ("店小二客服管理员密码2026", Weak.OBVIOUS),
        ("x" * 129, Weak.LONG),
        ("正确的马电池订书钉二十三", None),
        (PASSWORD, None),
        ("correct horse battery", None),
    ],
)
def test_the_obvious_is_refused(password: str, weak: Weak | None) -> None:
    assert weakness(password, about=("limei", "李梅")) == weak
