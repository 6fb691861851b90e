"""What are people, teams, reasons and channels called on the pages? Ids and machine names in, words out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from bot.console import times
from bot.console.catalogue import text, text_or
from bot.console.console import Console
from handoff import Rating

_TAIL = 4  # characters of a customer's id that tell her from others


@dataclass(frozen=True, slots=True)
class Names:
    """The words of one page, at one moment. agents: of the content pack, by id. people: who else may sign in, by id.

    nicknames: by (account, customer), where known.
    """

    agents: Mapping[str, str]
    people: Mapping[str, str]
    teams: Mapping[str, str]
    say: Callable[[str], str]
    now: datetime
    tz: tzinfo
    nicknames: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    async def of(cls, console: Console, nicknames: Mapping[tuple[str, str], str] | None = None) -> Names:
        """The words as they are now; one query now and then for whatever the pages name."""
        return cls(
            agents=console.agent_names(),
            people=await console.access.administration.names(),
            teams=console.team_names(),
            say=console.say,
            now=console.now(),
            tz=console.tz,
            nicknames=nicknames or {},
        )

    def agent(self, agent: str) -> str:
        """A colleague, whether she serves customers or not, or one of us who is no person."""
        return self.agents.get(agent) or self.people.get(agent) or text_or("actors", agent)

    def team(self, team: str) -> str:
        """A team; its id if the shop has none of it any more."""
        return self.teams.get(team, team)

    def customer(self, account: str, customer: str, nickname: str = "") -> str:
        """The name she goes by, or the end of her id."""
        known = nickname or self.nicknames.get((account, customer), "")
        return known or text("customer.short", tail=customer[-_TAIL:])

    def reason(self, reason: str) -> str:
        """Why a person is needed."""
        return self._said("reasons", reason)

    def channel(self, channel: str) -> str:
        """Where the customer writes."""
        return self._said("channels", channel)

    def outcome(self, outcome: str) -> str:
        """How it ended, as a colleague chose it or the system found it."""
        return text_or("outcomes", outcome, text_or("endings", outcome))

    def score(self, rating: Rating) -> str:
        """满意（4 分）, in the words by which the shop asked; that she has not answered, where she has not."""
        if rating.score is None:
            return text("rating.unanswered")
        return text("rating.score", words=self._said("survey", f"score_{rating.score}"), score=rating.score)

    def moment(self, at: datetime) -> str:
        """今天 14:20."""
        return times.moment(at, now=self.now, tz=self.tz)

    def clock(self, at: datetime) -> str:
        """14:20, with the day where it is not today."""
        return times.clock_or_moment(at, now=self.now, tz=self.tz)

    def waited(self, since: datetime) -> str:
        """3 分钟."""
        return times.waited(since, self.now)

    def due(self, metric: str, at: datetime) -> str:
        """首次响应 剩 3 分钟."""
        what = self._said("sla", metric)
        if at > self.now:
            return text("sla.left", what=what, time=times.waited(self.now, at))
        return text("sla.over", what=what, time=times.waited(at, self.now))

    def _said(self, section: str, name: str) -> str:
        try:
            return self.say(f"{section}.{name}")
        except KeyError:  # the shop's catalogue names what the bot decides; the rest is ours
            return text_or(section, name)
