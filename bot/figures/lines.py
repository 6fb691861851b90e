"""Which fields has each report, in which order, and which of them fit a table?"""

from __future__ import annotations

from typing import Final

from bot.figures.cells import Line, Ratio, Seconds, said, share, spread, timing
from bot.reports import ContainmentFigures, SendFigures
from handoff import AgentFigures, OfferFigures, SatisfactionFigures, ServiceFigures, SlaFigures

SERVICE_SHOWN: Final = (
    "key", "tickets", "first_response.median", "first_response.p90", "wait.median", "wait.p90", "handle.mean",
    "resolution.median", "transferred", "abandoned", "reopened", "recontacted",
)  # fmt: skip
OFFERS_SHOWN: Final = (
    "key", "offers", "accepted", "declined", "expired", "withdrawn", "accept_time.median", "accept_time.p90",
)  # fmt: skip
SATISFACTION_SHOWN: Final = (
    "key", "answered.n", "answered", "mean_score", "satisfied", "score_1", "score_2", "score_3", "score_4", "score_5",
)  # fmt: skip
CONTAINMENT_SHOWN: Final = (
    "key", "conversations", "covered", "handed_over", "contained", "durable", "first_answer.median", "first_answer.p90",
)  # fmt: skip
SLA_SHOWN: Final = ("key", "metric", "promises", "kept", "breached", "running", "dropped", "warned")
SENDS_SHOWN: Final = ("sent", "duplicates", "uncertain")
AGENTS_SHOWN: Final = (
    "name", "taken", "present", "busy", "occupancy", "concurrency", "most", "capacity", "over_capacity",
)  # fmt: skip


def service_line(told: ServiceFigures, name: str) -> Line:
    """How tickets were served."""
    return {
        "key": name,
        "tickets": told.tickets,
        "still_open": told.still_open,
        **timing("first_response", told.first_response),
        **timing("wait", told.wait),
        **spread("handle", told.handle),
        **timing("resolution", told.resolution),
        "transfers": told.transfers,
        **share("transferred", told.transferred),
        **share("abandoned", told.abandoned),
        **share("reopened", told.reopened),
        **share("recontacted", told.recontacted),
        "patience": Seconds(told.patience_s),
    }


def offers_line(told: OfferFigures, name: str) -> Line:
    """What became of offers."""
    return {
        "key": name,
        "offers": told.offers,
        **share("accepted", told.accepted),
        "declined": told.declined,
        "expired": told.expired,
        "withdrawn": told.withdrawn,
        "still_open": told.still_open,
        **spread("accept_time", told.accept_time),
    }


def satisfaction_line(told: SatisfactionFigures, name: str) -> Line:
    """What customers answered."""
    return {
        "key": name,
        **share("answered", told.answered),
        "mean_score": told.mean,
        **share("satisfied", told.satisfied),
        **{f"score_{score}": times for score, times in enumerate(told.scores, start=1)},
    }


def containment_line(told: ContainmentFigures, name: str) -> Line:
    """What the bot settled alone."""
    return {
        "key": name,
        "conversations": told.conversations,
        **share("covered", told.covered),
        **share("handed_over", told.handed_over),
        **share("contained", told.contained),
        **share("durable", told.durable),
        **spread("first_answer", told.first_answer),
    }


def sends_line(told: SendFigures) -> Line:
    """What was said, and said twice."""
    return {"sent": told.sent, **share("duplicates", told.duplicates), "uncertain": told.uncertain}


def sla_line(told: SlaFigures, name: str) -> Line:
    """How promises were kept."""
    return {
        "key": name,
        "metric": said(f"metrics.{told.metric}"),
        "promises": told.promises,
        **share("kept", told.kept),
        "breached": told.breached,
        "running": told.running,
        "dropped": told.dropped,
        "warned": told.warned,
    }


def agent_line(told: AgentFigures) -> Line:
    """An agent's work."""
    return {
        "name": told.name,
        "agent": told.agent,
        "capacity": told.capacity,
        "taken": told.taken,
        "present": Seconds(told.present_s),
        "busy": Seconds(told.busy_s),
        "occupancy": Ratio(told.occupancy),
        "concurrency": told.concurrency,
        "most": told.most,
        "over_capacity": told.over_capacity,
    }
