"""Sealed archive: texts under a key of each subject, fresh entries, groups, sessions.

What was kept in plain columns is sealed, customer by customer, before those columns go. SQLite overwrites what is freed
(bot.store.sqlite); PostgreSQL keeps old row versions until it vacuums: docs/archive.md.

Revision ID: 0012
Revises: 0011
"""

import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from archive import DataKey, KeyLost, KeyRing, new_secret, opened, sealed_of, subject_of

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

FULL_TEXT_DDL = (
    """CREATE VIRTUAL TABLE archive_search USING fts5
        (tokens, content='archive_tokens', content_rowid='entry_id', detail=none)""",
    """CREATE TRIGGER archive_tokens_added AFTER INSERT ON archive_tokens BEGIN
        INSERT INTO archive_search (rowid, tokens) VALUES (new.entry_id, new.tokens); END""",
    """CREATE TRIGGER archive_tokens_removed AFTER DELETE ON archive_tokens BEGIN
        INSERT INTO archive_search (archive_search, rowid, tokens) VALUES ('delete', old.entry_id, old.tokens); END""",
)
BATCH = 1_000  # rows in memory at once
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_entries = sa.table(
    "archive_entries",
    *(sa.column(name) for name in ("id", "source", "source_id", "account", "customer", "room", "text", "at")),
    *(sa.column(name) for name in ("key_id", "sealed", "recorded_at")),
    sa.column("body", sa.JSON(none_as_null=True)),
)
_keys = sa.table(
    "archive_keys", *(sa.column(name) for name in ("id", "subject", "retired", "kek", "wrapped", "created_at"))
)


class NoKeyRing(Exception):  # noqa: N818 - reads as the fact it is
    """There are texts to seal or to open, and no key ring was given."""


def upgrade() -> None:
    _create_tables()
    with op.batch_alter_table("archive_entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("room", sa.String(length=128), server_default="", nullable=False))
        batch_op.add_column(sa.Column("key_id", ID, nullable=True))
        batch_op.add_column(sa.Column("sealed", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("recorded_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("session_id", ID, nullable=True))
        batch_op.add_column(sa.Column("fresh", sa.SmallInteger(), server_default=sa.text("1"), nullable=False))
        batch_op.alter_column("kind", existing_type=sa.String(length=16), type_=sa.String(length=32))
    _seal_all(op.get_bind())
    with op.batch_alter_table("archive_entries", schema=None) as batch_op:
        batch_op.alter_column("key_id", existing_type=ID, nullable=False)
        batch_op.alter_column("sealed", existing_type=sa.LargeBinary(), nullable=False)
        batch_op.alter_column("recorded_at", existing_type=sa.BigInteger(), nullable=False)
        batch_op.drop_column("text")
        batch_op.drop_column("body")
        batch_op.create_index(batch_op.f("ix_archive_entries_at_id"), ["at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_archive_entries_key_id"), ["key_id"], unique=False)
        batch_op.create_index(
            "ix_archive_entries_fresh",
            ["id"],
            unique=False,
            sqlite_where=sa.text("fresh = 1"),
            postgresql_where=sa.text("fresh = 1"),
        )


def downgrade() -> None:
    """Back to plain columns. What the old version does not know is lost: groups, sessions, search, the log of views."""
    with op.batch_alter_table("archive_entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("text", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("body", sa.JSON(), nullable=True))
    _open_all(op.get_bind())
    with op.batch_alter_table("archive_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_archive_entries_fresh")
        batch_op.drop_index(batch_op.f("ix_archive_entries_key_id"))
        batch_op.drop_index(batch_op.f("ix_archive_entries_at_id"))
        for name in ("fresh", "session_id", "recorded_at", "sealed", "key_id", "room"):
            batch_op.drop_column(name)
        # a kind longer than the old version knows would be refused there: it is cut by _open_all
        batch_op.alter_column("kind", existing_type=sa.String(length=32), type_=sa.String(length=16))
    _drop_tables()


def _create_tables() -> None:
    op.create_table(
        "archive_keys",
        sa.Column("id", ID, nullable=False),
        sa.Column("subject", sa.String(length=176), nullable=False),
        sa.Column("retired", ID, server_default=sa.text("0"), nullable=False),
        sa.Column("kek", sa.String(length=32), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_keys")),
        sa.UniqueConstraint("subject", "retired", name=op.f("uq_archive_keys_subject_retired")),
    )
    with op.batch_alter_table("archive_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_archive_keys_kek_id"), ["kek", "id"], unique=False)

    _create_search()
    op.create_table(
        "archive_views",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.String(length=512), nullable=False),
        sa.Column("query", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_views")),
    )
    with op.batch_alter_table("archive_views", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_archive_views_at"), ["at"], unique=False)


def _create_search() -> None:
    """Keyed tokens under GIN, on SQLite under FTS5 (docs/adr/0019)."""
    op.create_table(
        "archive_tokens",
        sa.Column("entry_id", ID, autoincrement=False, nullable=False),
        sa.Column("tokens", sa.Text().with_variant(ARRAY(sa.Integer()), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_archive_tokens")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("ix_archive_tokens_tokens", "archive_tokens", ["tokens"], unique=False, postgresql_using="gin")
        return
    for statement in FULL_TEXT_DDL:
        op.execute(statement)


def _drop_tables() -> None:
    op.drop_table("archive_views")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE archive_search")
    op.drop_table("archive_tokens")
    op.drop_table("archive_keys")


# ── the data ─────────────────────────────────────────────────────────────────────────────────


def _ring() -> KeyRing:
    config = op.get_context().config
    ring = None if config is None else config.attributes.get("archive_ring")
    if not isinstance(ring, KeyRing):
        raise NoKeyRing("the archive holds texts; migrate with the key ring of the settings: xiaoer migrate")
    return ring


def _seal_all(connection: sa.Connection) -> None:
    """Each old row's text and body under the key of its customer."""
    change = (
        _entries.update()
        .where(_entries.c.id == sa.bindparam("p_id"))
        .values(
            key_id=sa.bindparam("p_key"), sealed=sa.bindparam("p_sealed"), recorded_at=sa.bindparam("p_at"),
            text="", body=sa.null(),
        )
    )  # fmt: skip
    last: tuple[str, DataKey] | None = None
    for rows in _batches(connection, ("text", "body")):
        changes = []
        for row in rows:
            subject = subject_of(row.account, row.customer)
            if last is None or last[0] != subject:
                last = subject, _new_key(connection, _ring(), subject)
            sealed = sealed_of(last[1], row.source, row.source_id, row.text, row.body or {})
            changes.append({"p_id": row.id, "p_key": last[1].id, "p_sealed": sealed, "p_at": row.at})
        connection.execute(change, changes)


def _new_key(connection: sa.Connection, ring: KeyRing, subject: str) -> DataKey:
    secret = new_secret()
    kek, wrapped = ring.wrap(subject, secret)
    row = {"subject": subject, "kek": kek, "wrapped": wrapped, "created_at": round(time.time() * 1000)}
    made = connection.execute(sa.insert(_keys).values(row).returning(_keys.c.id))
    return DataKey(made.scalar_one(), secret)


def _open_all(connection: sa.Connection) -> None:
    """Each sealed text back in plain columns. Raises KeyLost, Unsealable; nothing is changed then."""
    change = (
        _entries.update()
        .where(_entries.c.id == sa.bindparam("p_id"))
        .values(text=sa.bindparam("p_text"), body=sa.bindparam("p_body", type_=sa.JSON(none_as_null=True)))
    )
    connection.execute(sa.text("UPDATE archive_entries SET kind = substr(kind, 1, 16)"))
    for rows in _batches(connection, ("key_id", "sealed")):
        known = {
            row.id: DataKey(row.id, _ring().unwrap(row.kek, row.subject, bytes(row.wrapped)))
            for row in connection.execute(sa.select(_keys).where(_keys.c.id.in_({each.key_id for each in rows})))
        }
        changes = []
        for row in rows:
            if row.key_id not in known:
                raise KeyLost(f"of entry {row.id}")
            text, body = opened(known[row.key_id], row.source, row.source_id, bytes(row.sealed))
            changes.append({"p_id": row.id, "p_text": text.replace("\0", ""), "p_body": dict(body)})
        connection.execute(change, changes)


def _batches(connection: sa.Connection, more: tuple[str, ...]) -> Iterator[list[Any]]:
    """All entries, a customer's together, by an index that both versions have."""
    place = sa.tuple_(_entries.c.account, _entries.c.customer, _entries.c.at, _entries.c.id)
    columns = (*place.clauses, _entries.c.source, _entries.c.source_id, *(_entries.c[name] for name in more))
    query = sa.select(*columns).order_by(*place.clauses).limit(BATCH)
    after: tuple[Any, ...] | None = None
    while True:
        found = connection.execute(query if after is None else query.where(place > after)).all()
        if not found:
            return
        yield list(found)
        after = (found[-1].account, found[-1].customer, found[-1].at, found[-1].id)
