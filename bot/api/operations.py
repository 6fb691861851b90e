"""Which operations does the API have? All of them, in one list."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel

from bot.api.operation import Call, Operation
from bot.api.scopes import Scope
from bot.api.shapes import (
    EntityOut,
    IntentOut,
    MessagesOut,
    NoteIn,
    NoteOut,
    Paged,
    QueuesOut,
    ScriptsAsked,
    ScriptsOut,
    TextIn,
    TicketsAsked,
    TicketsOut,
    TicketWhole,
    UnderstandingOut,
)
from bot.channels.text import for_understanding
from nlu import Context

_RANKED: Final = 10  # as Rasa gives


async def _tickets(call: Call) -> BaseModel | None:
    return await call.api.reads.tickets(call.query)


async def _ticket(call: Call) -> BaseModel | None:
    return await call.api.reads.ticket(call.path["ticket"])


async def _note(call: Call) -> BaseModel | None:
    ticket, by = call.path["ticket"], f"api:{call.token.name}"[:64]
    if not await call.api.reads.note(ticket, by=by, text=call.body.text):
        return None
    call.api.changed()
    return NoteOut(ticket_id=ticket, by=by)


async def _messages(call: Call) -> BaseModel | None:
    asked: Paged = call.query
    return await call.api.reads.messages(call.path["conversation"], after=asked.after or 0, limit=asked.limit)


async def _scripts(call: Call) -> BaseModel | None:
    return await call.api.reads.live_scripts(after=call.query.after, limit=call.query.limit)


async def _queues(call: Call) -> BaseModel | None:
    return await call.api.reads.queues()


async def _understand(call: Call) -> BaseModel | None:
    text = for_understanding(call.body.text)
    found = await call.api.understander().understand(text, Context())
    return UnderstandingOut(
        text=text,
        intent=IntentOut(name=found.intent, confidence=found.confidence),
        intent_ranking=[IntentOut(name=name, confidence=sure) for name, sure in found.ranking[:_RANKED]],
        entities=[
            EntityOut(entity=each.type, value=each.value, start=each.start, end=each.end) for each in found.entities
        ],
        mood={"sentiment": found.mood.sentiment, "urgency": found.mood.urgency},
    )


OPERATIONS: Final = (
    Operation(
        "GET", "/tickets", Scope.TICKETS_READ, "Tickets, the newest first", TicketsOut, _tickets,
        query=TicketsAsked, name="listTickets",
    ),
    Operation(
        "GET", "/tickets/{ticket}", Scope.TICKETS_READ, "A ticket with its history", TicketWhole, _ticket,
        ids=("ticket",), name="getTicket",
    ),
    Operation(
        "POST", "/tickets/{ticket}/notes", Scope.TICKETS_WRITE, "Write a note for colleagues", NoteOut, _note,
        body=NoteIn, ids=("ticket",), wrote=True, name="addNote",
    ),
    Operation(
        "GET", "/conversations/{conversation}/messages", Scope.CONVERSATIONS_READ, "What was said, masked", MessagesOut,
        _messages, query=Paged, ids=("conversation",), name="listMessages",
    ),
    Operation(
        "GET", "/scripts", Scope.SCRIPTS_READ, "Live scripts, by id", ScriptsOut, _scripts, query=ScriptsAsked,
        name="listScripts",
    ),
    Operation("GET", "/queues", Scope.QUEUES_READ, "Who waits, by team", QueuesOut, _queues, name="listQueues"),
    Operation(
        "POST", "/understand", Scope.UNDERSTAND, "Intent, entities and mood of a text, in Rasa's shape",
        UnderstandingOut, _understand, body=TextIn, name="understand",
    ),
)  # fmt: skip
