"""Where is it kept who may do what, who is signed in, and what was done with it?

audit_log only grows: triggers refuse to change or remove a row, on both databases.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import DDL, JSON, Column, Index, Integer, LargeBinary, String, Table, event, text

from bot.store.tables import METADATA, Id, Instant

# Who may sign in, with which roles. agent: of the content pack; wecom: the userid by which WeCom names her.
people = Table(
    "people",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("roles", JSON, nullable=False),
    Column("agent", String(64), unique=True),
    Column("wecom", String(64), unique=True),
    Column("teams", JSON, nullable=False),
    Column("regions", JSON, nullable=False),
    Column("active", Integer, nullable=False, server_default=text("1")),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

# Local accounts. totp: the sealed secret. totp_step: the last time step that was accepted: no code serves twice.
credentials = Table(
    "credentials",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("password", String(256), nullable=False),
    Column("password_at", Instant, nullable=False),
    Column("totp", LargeBinary),
    Column("totp_at", Instant),  # NULL: shown, but not confirmed by a first code
    Column("totp_step", Id, nullable=False, server_default=text("0")),
)

recovery_codes = Table(
    "recovery_codes",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("hash", String(64), primary_key=True),
    Column("used_at", Instant),
)

# Sign-ins that failed of late. key: a hash of the account's name or of the address.
sign_in_failures = Table(
    "sign_in_failures",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False, index=True),
    Column("locked_until", Instant),
)

# How somebody likes her console. hot_keys: action → key, of those that she changed.
person_settings = Table(
    "person_settings",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("hot_keys", JSON, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

# Who is signed in. id: SHA-256 of the cookie's token, which is kept nowhere.
sessions = Table(
    "console_sessions",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("person", String(64), nullable=False, index=True),
    Column("way", String(16), nullable=False),
    Column("address", String(64), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)

audit_log = Table(
    "audit_log",
    METADATA,
    Column("number", Id, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("who", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("object", String(128), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("address", String(64), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index(None, "who", "number"),
    Index(None, "action", "number"),
)

_SQLITE: Final = tuple(
    f"CREATE TRIGGER audit_log_no_{what.lower()} BEFORE {what} ON audit_log "
    "BEGIN SELECT RAISE(ABORT, 'audit_log only grows'); END"
    for what in ("UPDATE", "DELETE")
)
_POSTGRESQL: Final = (
    """CREATE OR REPLACE FUNCTION audit_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'audit_log only grows'; END $$""",
    """CREATE TRIGGER audit_log_only_grows BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_only_grows()""",
)
for _dialect, _statements in (("sqlite", _SQLITE), ("postgresql", _POSTGRESQL)):
    for _statement in _statements:
        event.listen(audit_log, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call] # theirs
