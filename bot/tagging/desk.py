"""What can people, events and whoever asks do with a customer's tags? Each in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from archive.tagging import Customer, Tag, TagChange, TagRules, TagState, TagStore, TagWatch
from bot.store.persons import names_of
from bot.tagging.catalogue import TagCatalogue
from bot.tagging.standing import tags_of_person
from bot.tagging.targets import TagTargets

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.ext.asyncio import AsyncConnection

ADDED: Final = "add_external_contact"
# who follows her, or what stands on her card, may be otherwise after these [W 92130]; half an addition allows no tag
CHANGED: Final = frozenset({"edit_external_contact", "del_external_contact", "del_follow_user", "transfer_fail"})


class UnknownTag(Exception):  # noqa: N818 - reads as the fact it is
    """The shop has no tag of this name; the message names those there are."""


@dataclass(frozen=True, slots=True)
class TagDesk:
    """Decisions and reads about tags. Every method works inside the caller's transaction and never commits.

    What people decide here holds for the person: at every account that knows her.

    targets: None where nothing is written to platforms. debounce: how long after an analysis a customer is judged.
    """

    store: TagStore
    watch: TagWatch
    targets: TagTargets | None
    catalogue: TagCatalogue
    rules: Callable[[], TagRules]
    debounce: timedelta
    now: Callable[[], datetime]

    # ── the analysis found something ─────────────────────────────────────────────────────────

    async def noticed(self, connection: AsyncConnection, people: Collection[Customer]) -> None:
        """New things are known of these people."""
        await self.watch.notice(connection, people, self._soon())

    async def changed(self, connection: AsyncConnection, people: Sequence[Customer]) -> None:
        """The tags that these customers wear are others now."""
        if self.targets is not None:
            await self.targets.changed(connection, people)

    # ── people decide ────────────────────────────────────────────────────────────────────────

    async def pin(self, connection: AsyncConnection, person: Customer, name: str, *, by: str) -> bool:
        """She has the tag, whatever is said. False where it was so. Raises UnknownTag."""
        return await self._decide(connection, person, name, TagState.PINNED, by)

    async def veto(self, connection: AsyncConnection, person: Customer, name: str, *, by: str) -> bool:
        """She does not have it, whatever is said. False where it was so. Raises UnknownTag."""
        return await self._decide(connection, person, name, TagState.VETOED, by)

    async def release(self, connection: AsyncConnection, person: Customer, name: str, *, by: str) -> bool:
        """The rules decide again. False where they did."""
        return await self._decide(connection, person, name, None, by)

    async def _decide(
        self, connection: AsyncConnection, person: Customer, name: str, state: TagState | None, by: str
    ) -> bool:
        known = self.rules().by_name
        if state is not None and name not in known:
            raise UnknownTag(f"no tag is called {name!r}; tags.yaml of the content pack has: {', '.join(known)}")
        people, now = await names_of(connection, person), self.now()
        await self.watch.notice(connection, people, now)
        changed = [each for each in people if await self.store.decide(connection, each, name, state, by=by, now=now)]
        if changed:
            await self.changed(connection, changed)
        return bool(changed)

    # ── the platform tells ───────────────────────────────────────────────────────────────────

    async def contact_changed(self, connection: AsyncConnection, account: str, customer: str, change: str) -> None:
        """change_external_contact: what we owe her card is told now; what people did on it is asked for."""
        if self.targets is None or not customer:
            return
        concerned = change in CHANGED or (
            change == ADDED
            and (
                bool(await self.store.of(connection, account, customer))
                or await self.targets.is_known(connection, account, customer)
            )
        )
        if concerned:
            await self.targets.ask(connection, [(account, customer)])

    async def followed(self, connection: AsyncConnection, account: str, customer: str) -> None:
        """She follows an official account (again): her tags can be told."""
        await self.contact_changed(connection, account, customer, ADDED)

    async def unfollowed(self, connection: AsyncConnection, account: str, customer: str) -> None:
        """She follows an official account no more: what is missing when she comes back nobody took."""
        if self.targets is not None:
            await self.targets.lost(connection, account, customer)

    async def list_changed(self, connection: AsyncConnection, account: str) -> None:
        """change_external_tag: tags were made, renamed or deleted."""
        if self.targets is not None:
            await self.catalogue.outdated(connection, account)

    # ── reading, and being asked ─────────────────────────────────────────────────────────────

    async def of(self, connection: AsyncConnection, person: Customer) -> list[Tag]:
        """All tags that she has, had or is not to have at any account that knows her, the surest first."""
        return await tags_of_person(connection, self.store, person, self.rules())

    async def history(self, connection: AsyncConnection, person: Customer) -> list[TagChange]:
        """The last changes of her tags, the newest first."""
        return await self.store.history(connection, *person)

    async def sync(self, connection: AsyncConnection, people: Sequence[Customer] | None) -> int:
        """Ask what stands at the platform and write what is missing; None: for everybody. How many customers."""
        if self.targets is None:
            return 0
        if people is None:
            people = await self.targets.known(connection)
            await self.catalogue.make_again(connection)
        await self.targets.ask(connection, people)
        return len(people)

    async def forget(self, connection: AsyncConnection, account: str, customer: str) -> int:
        """Remove all about her tags here, and have ours removed at the platform; how many tags there were.

        Until the platform has confirmed it, her id and the names of those tags are kept, for without them they could
        not be removed.
        """
        gone = await self.store.forget(connection, account, customer)
        if self.targets is not None:
            await self.targets.forget(connection, account, customer)
        return gone

    def _soon(self) -> datetime:
        return self.now() + self.debounce
