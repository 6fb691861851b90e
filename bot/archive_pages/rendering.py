"""How does a report become one page: no other file, no request, fit to be printed and sent on?"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from archive.analysis import BUCKETS, ArchiveReport, RuleFound, TopicShown

_WORDS: Final[Mapping[str, str]] = {
    f"{section}.{name}": said
    for section, names in tomllib.loads(
        resources.files("bot.archive_pages").joinpath("words.toml").read_text("utf-8")
    ).items()
    for name, said in names.items()
}
_MINUTE, _HOUR = 60, 3600
_MOST_URGENT = 6


@dataclass(frozen=True, slots=True)
class _Urgent:
    """One thing to do first. level: critical, major or minor; href: where the page says more."""

    level: str
    text: str
    href: str


def render_report(report: ArchiveReport, shop: str, names: Mapping[str, str]) -> str:
    """The page. names: what people are called, by userid."""
    environment = Environment(
        loader=PackageLoader("bot.archive_pages", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=_percent,
        duration=_duration,
        number=_number,
        signed=_signed,
        hue=_hue,
        name=lambda id_: names.get(id_, id_),
    )
    environment.globals.update(say=_say)
    page = environment.get_template("report.html")
    return page.render(
        report=report,
        shop=shop,
        last_day=(report.until - timedelta(days=1)).date(),
        urgent=_urgent(report),
        pains=_pains(report.topics),
        buckets=_bucket_names(),
    )


def _say(key: str, **values: object) -> str:
    return _WORDS[key].format(**values)


def _urgent(report: ArchiveReport) -> list[_Urgent]:
    """What a supervisor should do first, the worst first: each line a fact of this report, none where all is well."""
    found = [
        _Urgent(each.severity, _of_rule(each), "#findings") for each in report.findings if each.severity != "minor"
    ]
    if missing := [each for each in report.unwritten if each.topic.without_script][:1]:
        topic = missing[0].topic
        found.append(
            _Urgent(
                "major",
                _say("urgent.unwritten", name=topic.name, n=round(topic.asked * topic.without_script)),
                "#unwritten",
            )
        )
    if pains := _pains(report.topics)[:1]:
        found.append(_Urgent("major", _say("urgent.pain", name=pains[0].topic.name, n=pains[0].topic.asked), "#pains"))
    if report.signals["complaint"]:
        found.append(_Urgent("major", _say("urgent.complaint", n=report.signals["complaint"]), "#moods"))
    order = ("critical", "major", "minor")
    return sorted(found, key=lambda each: order.index(each.level))[:_MOST_URGENT]


def _of_rule(each: RuleFound) -> str:
    return _say("urgent.rule", rule=each.rule, n=each.count, sessions=each.sessions)


def _pains(topics: Sequence[TopicShown]) -> list[TopicShown]:
    """The topics in which most anger was written, of those that are not written about in a good mood."""
    painful = [each for each in topics if each.topic.mood is not None and each.topic.mood < 0 and each.pain > 0]
    return sorted(painful, key=lambda each: -each.pain)


def _bucket_names() -> list[str]:
    return [
        *(_say("times.within", time=_duration(each)) for each in BUCKETS),
        _say("times.beyond", time=_duration(BUCKETS[-1])),
    ]


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _number(value: float) -> str:
    return f"{value:,.0f}"


def _signed(value: float | None) -> str:
    return _say("report.none") if value is None else f"{value:+.2f}"


def _duration(seconds: float | None) -> str:
    """As people say it: the two largest units at most."""
    if seconds is None:
        return _say("report.none")
    if seconds < _MINUTE:
        return _say("times.seconds", n=round(seconds))
    if seconds < _HOUR:
        minutes, rest = divmod(round(seconds), _MINUTE)
        return _say("times.minutes_seconds", m=minutes, s=rest) if rest else _say("times.minutes", n=minutes)
    hours, rest = divmod(round(seconds / _MINUTE), _MINUTE)
    return _say("times.hours_minutes", h=hours, m=rest) if rest else _say("times.hours", n=hours)


def _hue(mood: float | None) -> str:
    """The class of a mood's colour."""
    if mood is None:
        return "none"
    bounds = (("bad", -0.25), ("poor", -0.08), ("even", 0.08), ("fair", 0.25))
    return next((name for name, most in bounds if mood <= most), "good")
