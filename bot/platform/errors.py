"""How can a call of a platform end badly? One root; no text of these ever holds a secret or a URL."""

from __future__ import annotations

from collections.abc import Iterable

from bot.platform.policy import POLICIES, Category, Policy, Verdict
from bot.platform.redact import redact

ERRMSG_CHARS = 300


class PlatformError(Exception):
    """Root of what this package raises. account: name in the settings. call: ApiCall.name.

    may_have_acted: the platform may have done what it was asked, this time or at a try before that was not answered.
    """

    outcome = "error"
    may_have_acted = False

    def __init__(self, account: str, call: str, what: str) -> None:
        super().__init__(f"{account}: {call}: {what}")
        self.account = account
        self.call = call
        self.what = what


class UnknownAccount(PlatformError):  # noqa: N818 - reads as the fact it is
    """No account of that name is in the settings."""

    outcome = "unknown_account"

    def __init__(self, account: str, call: str) -> None:
        super().__init__(account, call, "no such account in the settings; add it to [[accounts]]")


class Unreachable(PlatformError):  # noqa: N818
    """Nothing of the call reached the platform: it may be repeated without harm."""

    outcome = "unreachable"


class Ambiguous(PlatformError):  # noqa: N818
    """The call went out and no usable answer came back: the platform may have acted on it."""

    outcome = "ambiguous"
    may_have_acted = True


class BadReply(Ambiguous):
    """An answer came, but not one the platform gives (a proxy's page, cut JSON, a 5xx)."""

    outcome = "bad_reply"


class RateLimited(PlatformError):  # noqa: N818
    """A limit, ours or the platform's, forbids the call for now.

    retry_after_s: seconds until it makes sense to try again. code: the platform's, None if the limit is ours.
    """

    outcome = "rate_limited"

    def __init__(
        self, account: str, call: str, retry_after_s: float, code: int | None = None, advice: str = ""
    ) -> None:
        said = f" (errcode {code}) {advice}" if code is not None else ""
        super().__init__(account, call, f"rate limited, try again in {retry_after_s:.1f} s{said}")
        self.retry_after_s = retry_after_s
        self.code = code


class MediaRejected(PlatformError):  # noqa: N818
    """What came is not the picture, voice, video or file it should be. reason: too_large | empty | wrong_type."""

    outcome = "media_rejected"

    def __init__(self, account: str, call: str, reason: str, what: str) -> None:
        super().__init__(account, call, f"{reason}: {what}")
        self.reason = reason


class ApiError(PlatformError):
    """The platform refused the call with an errcode; it did not act on it, unless it is busy or the code is unknown.

    message: the platform's errmsg, redacted. advice: what the engineer must do, in Chinese.
    """

    def __init__(self, account: str, call: str, *, code: int, message: str, policy: Policy, advice: str) -> None:
        super().__init__(account, call, f"errcode {code} ({message}) {advice}")
        self.code = code
        self.message = message
        self.advice = advice
        self.policy = policy
        self.outcome = policy.category.value
        self.may_have_acted = policy.category in {Category.BUSY, Category.UNKNOWN}

    @property
    def verdict(self) -> Verdict:
        """What the policy table says to do."""
        return self.policy.verdict

    @property
    def category(self) -> Category:
        """What kind of trouble it is."""
        return self.policy.category

    def again(self) -> ApiError:
        """An equal error without this one's traceback, to be raised another time."""
        return ApiError(
            self.account, self.call, code=self.code, message=self.message, policy=self.policy, advice=self.advice
        )


def refusal(
    account: str, call: str, code: int, errmsg: str, *, buying_token: bool = False, known: Iterable[str] = ()
) -> ApiError:
    """The error an errcode stands for, by the policy table. known: secrets to blank out of errmsg."""
    policy = POLICIES.of(code, buying_token=buying_token)
    message = redact(errmsg, known)[:ERRMSG_CHARS]
    advice = POLICIES.advise(policy, account, message)
    return ApiError(account, call, code=code, message=message, policy=policy, advice=advice)
