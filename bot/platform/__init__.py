"""How do we call the APIs of WeChat and WeCom? The front door of the platform client."""

from bot.platform.accounts import Credentials, all_credentials, archive_account, credentials_of
from bot.platform.client import PlatformClient
from bot.platform.errors import (
    Ambiguous,
    ApiError,
    BadReply,
    MediaRejected,
    PlatformError,
    RateLimited,
    UnknownAccount,
    Unreachable,
)
from bot.platform.media import Media, MediaKind
from bot.platform.policy import Category, Verdict
from bot.platform.redact import redact, redact_processor
from bot.platform.tickets import TicketKind, Tickets
from bot.platform.usage import Usage

__all__ = [
    "Ambiguous",
    "ApiError",
    "BadReply",
    "Category",
    "Credentials",
    "Media",
    "MediaKind",
    "MediaRejected",
    "PlatformClient",
    "PlatformError",
    "RateLimited",
    "TicketKind",
    "Tickets",
    "UnknownAccount",
    "Unreachable",
    "Usage",
    "Verdict",
    "all_credentials",
    "archive_account",
    "credentials_of",
    "redact",
    "redact_processor",
]
