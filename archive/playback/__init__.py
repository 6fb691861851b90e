"""Which sessions fit what somebody looks for, and how does one read again?

Front door: `SessionFinder` finds by a `Wish` what is in a `Sight`, page by page; `Player` plays one back.
"""

from archive.playback.conditions import may_see
from archive.playback.finding import SessionFinder
from archive.playback.playing import Player, marked
from archive.playback.values import EVERYTHING, Feeling, Found, FoundPage, Playback, Played, Session, Sight, Wish

__all__ = [
    "EVERYTHING",
    "Feeling",
    "Found",
    "FoundPage",
    "Playback",
    "Played",
    "Player",
    "Session",
    "SessionFinder",
    "Sight",
    "Wish",
    "marked",
    "may_see",
]
