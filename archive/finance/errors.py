"""What can go wrong between the archive and the Finance SDK? One root; each says what to do."""

from __future__ import annotations

from archive.finance.codes import advice_for, is_retryable, reason_advice


class FinanceError(Exception):
    """The library could not do it. code: as the SDK numbers it, 0 where it has no number for this."""

    code = 0
    retryable = True
    advice = ""


class SdkRefused(FinanceError):  # noqa: N818 - reads as the fact it is
    """The library, or the platform behind it, answered with a code other than 0."""

    def __init__(self, code: int) -> None:
        self.code = code
        self.retryable = is_retryable(code)
        self.advice = advice_for(code)
        super().__init__(f"code {code}")


class ChildDied(FinanceError):  # noqa: N818 - reads as the fact it is
    """The process that held the library is gone. The message says how: a signal, or no answer in time."""

    advice = reason_advice("died")


class LibraryUnusable(FinanceError):  # noqa: N818 - reads as the fact it is
    """The library cannot be loaded; the message is the loader's."""

    retryable = False
    advice = reason_advice("library")


class AnswerTooLarge(FinanceError):  # noqa: N818 - reads as the fact it is
    """What the library brought is larger than we take at once: ask for less. size in bytes."""

    advice = reason_advice("too_large")

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(f"{size} bytes at once")


class PageUnreadable(FinanceError):  # noqa: N818 - reads as the fact it is
    """A page that is no page."""

    advice = reason_advice("page")
