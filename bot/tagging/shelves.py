"""How are tags listed and made at WeCom, and at an official account?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.phrases import default_phrases
from bot.platform import PlatformClient, PlatformError
from bot.platform.calls import external_contact
from bot.platform.calls import official_account as oa
from bot.settings import LimitSettings
from bot.tagging.catalogue import Made, Name, is_final


@dataclass(frozen=True, slots=True)
class CorpShelf:
    """A corp's tags (客户标签), in groups. agents: the app in whose name tags are made, by account."""

    platform: PlatformClient
    limits: LimitSettings
    agents: Mapping[str, int]

    async def read(self, account: str) -> dict[Name, str]:
        """externalcontact/get_corp_tag_list."""
        reply = await self.platform.call(account, external_contact.get_corp_tag_list())
        return {(group, name): tag_id for group, _, name, tag_id in _corp_tags(reply)}

    async def make(self, account: str, names: Sequence[Name], there: Mapping[Name, str]) -> Made:
        """externalcontact/add_corp_tag, a group at a time; into the group of that name where there is one."""
        fitting = [name for name in names if len(name[1]) <= self.limits.tag_chars]
        problem = "" if len(fitting) == len(names) else _say("advice.tag_name_too_long", most=self.limits.tag_chars)
        room = self.limits.tags_per_corp - len(there)
        if len(fitting) > room:
            fitting, problem = (
                fitting[: max(room, 0)],
                _say("advice.too_many_corp_tags", most=self.limits.tags_per_corp),
            )
        ids: dict[Name, str] = {}
        for group, of_group in groupby(sorted(fitting), key=lambda name: name[0]):
            wanted = [name for _, name in of_group]
            call = external_contact.add_corp_tag(wanted, group_name=group, agent_id=self.agents.get(account))
            try:
                reply = await self.platform.call(account, call)
            except PlatformError as error:
                if not is_final(error):
                    raise
                problem = _refused(error)
                continue
            made = reply.get("tag_group")
            listed = {"tag_group": [made]} if isinstance(made, dict) else {}
            ids |= {(group, name): tag_id for _, _, name, tag_id in _corp_tags(listed) if name in wanted}
        return Made(ids, problem)


@dataclass(frozen=True, slots=True)
class OfficialShelf:
    """An official account's tags; there are no groups."""

    platform: PlatformClient
    limits: LimitSettings

    async def read(self, account: str) -> dict[Name, str]:
        """tags/get."""
        reply = await self.platform.call(account, oa.tags_get())
        tags = reply.get("tags")
        return {
            ("", str(tag.get("name"))): str(tag.get("id"))
            for tag in (tags if isinstance(tags, list) else [])
            if isinstance(tag, dict) and isinstance(tag.get("id"), int)
        }

    async def make(self, account: str, names: Sequence[Name], there: Mapping[Name, str]) -> Made:
        """tags/create, one by one."""
        most = self.limits.official_tag_bytes
        fitting = [name for name in names if len(name[1].encode()) <= most]
        problem = "" if len(fitting) == len(names) else _say("advice.tag_name_too_many_bytes", most=most)
        room = self.limits.official_tags - len(there)
        if len(fitting) > room:
            fitting, problem = (
                fitting[: max(room, 0)],
                _say("advice.too_many_official_tags", most=self.limits.official_tags),
            )
        ids: dict[Name, str] = {}
        for name in fitting:
            try:
                reply = await self.platform.call(account, oa.tags_create(name[1]))
            except PlatformError as error:
                if not is_final(error):
                    raise
                problem = _refused(error)
                continue
            made = reply.get("tag")
            if isinstance(made, dict) and isinstance(made.get("id"), int):
                ids[name] = str(made["id"])
        return Made(ids, problem)


def _corp_tags(reply: Mapping[str, object]) -> Iterator[tuple[str, str, str, str]]:
    """(group's name, its id, tag's name, its id) of each tag that is not deleted."""
    groups = reply.get("tag_group")
    for group in groups if isinstance(groups, list) else []:
        tags = group.get("tag") if isinstance(group, dict) else None
        for tag in tags if isinstance(tags, list) else []:
            if isinstance(tag, dict) and not tag.get("deleted"):
                ids = str(tag.get("name", "")), str(tag.get("id", ""))
                yield str(group.get("group_name", "")), str(group.get("group_id", "")), *ids


def _say(name: str, **values: object) -> str:
    return default_phrases().say(name, **values)


def _refused(error: PlatformError) -> str:
    return f"{error.what} {getattr(error, 'advice', '')}".strip()
