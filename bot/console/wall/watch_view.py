"""What does the page of a watched conversation show, and which steps are open?"""

from __future__ import annotations

from dataclasses import dataclass

from bot.console.access import Viewer
from bot.console.catalogue import text
from bot.console.names import Names
from bot.console.thread_view import Seen, ThreadView, thread_view
from handoff import TicketState


@dataclass(frozen=True, slots=True)
class WatchView:
    """thread: as the workbench shows it. state: who has it, and what that means here. told: what the agent knows.

    agent, before: names of who has it, and of her from whom the viewer took it over; "" for nobody.
    """

    thread: ThreadView
    agent: str
    before: str
    state: str
    told: str
    mine: bool
    may_speak: bool
    may_take_over: bool


def watch_view(seen: Seen, who: Viewer, names: Names, *, before: str, disclosed: bool) -> WatchView:
    """The page for one supervisor. before: the id of the agent to whom it could be given back."""
    ticket, thread = seen.ticket, seen.thread
    open_now = ticket.state is not TicketState.CLOSED
    served = open_now and thread.owner == "agent"
    mine = served and ticket.agent == who.agent_id
    agent = names.agent(ticket.agent or "") if served and not mine else ""
    return WatchView(
        thread=thread_view(seen, who, names),
        agent=agent,
        before=names.agent(before) if mine and before else "",
        state=_state(seen, names, mine=mine, before=before if mine else ""),
        told=text("wall_state.watching_told" if disclosed else "wall_state.watching_quiet", agent=agent)
        if agent
        else "",
        mine=mine,
        may_speak=bool(agent) and thread.mode == "console",
        may_take_over=open_now and not mine and who.agent is not None and thread.owner != "bot",
    )


def _state(seen: Seen, names: Names, *, mine: bool, before: str) -> str:
    if seen.ticket.state is TicketState.CLOSED:
        return text("wall_state.closed")
    if mine:
        return text("wall_state.mine_taken", agent=names.agent(before)) if before else text("wall_state.mine")
    if seen.thread.owner != "agent":
        return text(f"wall_state.{seen.thread.owner}")
    return text("wall_state.client") if seen.thread.mode == "client" else ""
