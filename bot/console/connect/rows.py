"""What do the pages show of tokens, webhooks and deliveries? Words and times, as rows."""

from __future__ import annotations

from dataclasses import dataclass

from bot.api import Delivery, Hook, Scope, Token
from bot.console.catalogue import text, text_or
from bot.console.names import Names


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token of the table. good: it may still be used."""

    id: int
    name: str
    scopes: tuple[str, ...]
    by: str
    made: str
    ends: str
    used: str
    good: bool


@dataclass(frozen=True, slots=True)
class HookRow:
    """One webhook of the table."""

    id: int
    name: str
    url: str
    events: tuple[str, ...]
    by: str
    state: str
    state_text: str
    why: str


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery of a webhook's page."""

    id: str
    event: str
    at: str
    state: str
    state_text: str
    attempts: int
    result: str


def token_row(token: Token, names: Names) -> TokenRow:
    """A token as the table shows it."""
    good = token.is_good(names.now)
    ends = text("connect_tokens.revoked") if token.revoked_at else text("connect_tokens.forever")
    if token.expires_at and not token.revoked_at:
        ends = names.moment(token.expires_at) if good else text("connect_tokens.over")
    return TokenRow(
        id=token.id,
        name=token.name,
        scopes=tuple(text(f"connect_scopes.{scope}") for scope in sorted(token.scopes)),
        by=names.agent(token.by),
        made=names.moment(token.created_at),
        ends=ends,
        used=names.moment(token.used_at) if token.used_at else text("connect_tokens.never"),
        good=good,
    )


def hook_row(hook: Hook, names: Names) -> HookRow:
    """A webhook as the table shows it."""
    return HookRow(
        id=hook.id,
        name=hook.name,
        url=hook.url,
        events=tuple(text_or("connect_events", event) for event in hook.events),
        by=names.agent(hook.by),
        state=hook.state,
        state_text=text(f"connect_states.{hook.state}"),
        why=hook.why,
    )


def delivery_row(delivery: Delivery, names: Names) -> DeliveryRow:
    """A delivery as the page shows it."""
    result = delivery.error or (f"HTTP {delivery.status}" if delivery.status else "")
    if delivery.state == "pending" and delivery.attempts:
        result = text("connect_states.next", result=result, moment=names.moment(delivery.next_at))
    return DeliveryRow(
        id=delivery.id,
        event=text_or("connect_events", delivery.event),
        at=names.moment(delivery.at),
        state=delivery.state,
        state_text=text(f"connect_states.{delivery.state}"),
        attempts=delivery.attempts,
        result=result,
    )


def scopes() -> tuple[tuple[str, str], ...]:
    """Every scope with what it means."""
    return tuple((scope.value, text(f"connect_scopes.{scope}")) for scope in Scope)
