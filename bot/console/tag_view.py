"""What does the customer card show of her tags, and what may be decided about them?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from archive.tagging import Tag, TagState
from bot.console.bubbles import Bubble, anchor
from bot.console.catalogue import text
from bot.console.names import Names


@dataclass(frozen=True, slots=True)
class TagLine:
    """A tag of hers. sure: in words; why: who decided it, or since when. messages: anchors on the page with their time.

    elsewhere: how many further messages speak for it. acts: (act, words) of what may be decided.
    """

    name: str
    state: str
    sure: str
    why: str
    messages: tuple[tuple[str, str], ...]
    elsewhere: int
    acts: tuple[tuple[str, str], ...]


def tag_lines(tags: Iterable[Tag], shown: Iterable[Bubble], names: Names) -> tuple[TagLine, ...]:
    """Her tags for one viewer. shown: the transcript on the page; what is not there cannot be linked."""
    moments = {bubble.anchor: bubble.moment for bubble in shown if bubble.anchor}
    return tuple(_line(tag, moments, names) for tag in tags)


def _line(tag: Tag, moments: dict[str, str], names: Names) -> TagLine:
    anchors = [anchor(entry_id) for entry_id in tag.evidence]
    here = tuple((each, moments[each]) for each in anchors if each in moments)
    return TagLine(
        name=tag.name,
        state=tag.state.value,
        sure=text("tags.sure", percent=round(tag.confidence * 100)) if tag.confidence else "",
        why=_why(tag, names),
        messages=here,
        elsewhere=len(anchors) - len(here),
        acts=tuple((act, text(f"tags.{act}")) for act in _acts(tag)),
    )


def _why(tag: Tag, names: Names) -> str:
    if tag.state.is_decided:
        by = names.agent(tag.by.removeprefix("member:"))
        return text(f"tags.by_{tag.state.value}", by=by, moment=names.moment(tag.changed_at))
    return text("tags.since", moment=names.moment(tag.first_seen)) if tag.first_seen else ""


def _acts(tag: Tag) -> tuple[str, ...]:
    match tag.state:
        case TagState.ACTIVE:
            return ("pin", "veto")
        case TagState.PINNED | TagState.VETOED:
            return ("release",)
        case TagState.FADED:
            return ("pin",)
