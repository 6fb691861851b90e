"""What follows for a conversation from what WeCom says about its 微信客服 session? Pure: a table of all cases."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from bot.domain import ChannelKind
from bot.speech import AccountPlan

# 微信客服 session states (wechat-platform §2.3 [W 94669]).
NEW: Final = 0  # a message came after the end: the API may speak
BOT_SERVES: Final = 1  # and the API may speak
IN_POOL: Final = 2
PERSON_SERVES: Final = 3
ENDED: Final = 4
SPEAKABLE: Final = frozenset({NEW, BOT_SERVES})  # kf/send_msg works in these only (95018)
WITH_WECOM: Final = frozenset({IN_POOL, PERSON_SERVES})

# What the API may move a session to (wechat-platform §2.3 [W 94669]); anything else is 95016.
REACHABLE: Final = {
    NEW: frozenset({BOT_SERVES, IN_POOL, PERSON_SERVES, ENDED}),
    BOT_SERVES: frozenset({IN_POOL, PERSON_SERVES, ENDED}),
    IN_POOL: frozenset({PERSON_SERVES, ENDED}),
    PERSON_SERVES: frozenset({PERSON_SERVES, ENDED}),
    ENDED: frozenset[int](),
}


class Follow(StrEnum):
    """What is to be done about our own record, or about the session."""

    NOTHING = "nothing"
    TAKEN = "taken"  # a person has it there: she owns it here
    WAITS = "waits"  # nobody has it there: it waits in our queue
    TO_POOL = "to_pool"  # it waits here and the bot has it there: it is moved to the pool
    TO_AGENT = "to_agent"  # she has it here and the bot has it there: she is given it there
    OVER = "over"  # she ended it there: it ends here
    CUT_OFF = "cut_off"  # it ended there, and nobody says that the customer has her answer


def served_in_client(plan: AccountPlan, session_state: int | None) -> bool:
    """Do people serve this conversation in the WeCom client?

    Where the account says so; and, whatever it says now, while WeCom has the session: from the pool or a person
    no call leads back to the API (2 → 3, 4; 3 → 3, 4), so an account that is switched to the console keeps such
    conversations in the client until they end.
    """
    return plan.channel is ChannelKind.WECOM_KF and (plan.handoff == "client" or session_state in WITH_WECOM)


def what_follows(
    *, owner: str, agent: str, believed: int | None, state: int, servicer: str, plan: AccountPlan, moving: bool = False
) -> Follow:
    """The case of the table. owner, agent, believed: as recorded here; state, servicer: as WeCom says.

    moving: somebody here wanted to go on with it, and that move was refused just now.
    """
    match state:
        case 3:
            return Follow.TAKEN if servicer and (owner, agent) != ("agent", servicer) else Follow.NOTHING
        case 2:
            return Follow.NOTHING if owner == "queue" else Follow.WAITS
        case 4:
            return Follow.NOTHING if owner == "bot" else _ended(owner, believed, moving=moving)
        case _:
            return _api_may_speak(owner, believed, plan)


def _ended(owner: str, believed: int | None, *, moving: bool) -> Follow:
    """State 4. Only people in the client end what a person has there, or 48 hours of silence do."""
    hers = owner == "agent" and believed == PERSON_SERVES and not moving
    return Follow.OVER if hers else Follow.CUT_OFF


def _api_may_speak(owner: str, believed: int | None, plan: AccountPlan) -> Follow:
    """State 0 or 1: nobody has it there."""
    in_client = plan.handoff == "client"
    if owner == "queue" and in_client:
        return Follow.TO_POOL
    if owner == "agent" and believed in WITH_WECOM:
        return Follow.WAITS  # she ended it there, which we were not told, and the customer is back
    if owner == "agent" and in_client:
        return Follow.TO_AGENT  # she took it while the account was served from the console
    return Follow.NOTHING
