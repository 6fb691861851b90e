"""What do all commands share? Settings with a readable failure, one event loop, log set-up."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import structlog
import typer
import uvloop
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from archive import ArchiveError
from bot.bootstrap import Product, World, assemble
from bot.content.problems import PackBroken
from bot.migrations import migrate
from bot.platform import redact_processor
from bot.settings import Settings, SettingsError, load_settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shared:
    """What the options before the subcommand said."""

    config: Path | None

    def settings(self) -> Settings:
        """Read the settings, or leave with what is missing."""
        try:
            return load_settings(self.config)
        except SettingsError as error:
            raise fail(str(error)) from error


def fail(message: str) -> typer.Exit:
    """Print what is wrong and what to do; the exit that follows."""
    typer.echo(message, err=True)
    return typer.Exit(1)


def run_async(main: Callable[[], Coroutine[Any, Any, T]], *, what: str) -> T:
    """Run to the end on uvloop; failures of settings, database or Redis become one readable line."""
    configure_logging()
    try:
        return uvloop.run(main())
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except (ArchiveError, SettingsError) as error:
        raise fail(f"{what}: {error}") from error
    except PackBroken as error:
        raise fail(f"{what}: the content pack cannot be used; nothing was changed\n{error}") from error
    except RedisError as error:
        raise fail(f"{what}: Redis does not answer ({error}); check redis.url, or set it to embedded") from error
    except (SQLAlchemyError, OSError) as error:
        cause = getattr(error, "orig", None) or error
        raise fail(
            f"{what}: {type(cause).__name__}: {str(cause).splitlines()[0]}\n"
            "check database.url and that the database is up; then run: xiaoer migrate"
        ) from error


@contextlib.asynccontextmanager
async def product(settings: Settings, world: World | None = None, *, ready: bool = False) -> AsyncIterator[Product]:
    """The product on a migrated database; ready: with content applied and loaded."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    async with assemble(settings, world) as built:
        await migrate(built.engine, built.archive.vault.ring)
        await built.check_keys()
        if ready:
            await built.apply_pack_if_empty()
            await built.minds.start()
        yield built


def configure_logging() -> None:
    """Structured lines on stderr; secrets blanked out whatever happens."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact_processor,
            structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
