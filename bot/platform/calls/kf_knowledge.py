"""Which calls read and write the native knowledge base of 微信客服? Groups and intents [W 95971, 95972]."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels.base import ApiCall
from bot.platform.calls._build import given, post

PAGE = 100


def add_group(name: str) -> ApiCall:
    """Create a group; answers group_id."""
    return post("kf/knowledge/add_group", {"name": name})


def mod_group(group_id: str, name: str) -> ApiCall:
    """Rename a group."""
    return post("kf/knowledge/mod_group", {"group_id": group_id, "name": name}, repeatable=True)


def del_group(group_id: str) -> ApiCall:
    """Delete a group."""
    return post("kf/knowledge/del_group", {"group_id": group_id})


def list_group(cursor: str = "", limit: int = PAGE) -> ApiCall:
    """One page of groups: group_list, next_cursor, has_more."""
    return post("kf/knowledge/list_group", {"limit": limit, **given(cursor=cursor)}, repeatable=True)


def add_intent(
    group_id: str, question: str, similar: Sequence[str], answer: str, attachments: Sequence[object] = ()
) -> ApiCall:
    """Create a question with its similar questions and its answer; answers intent_id."""
    return post("kf/knowledge/add_intent", {"group_id": group_id, **_intent(question, similar, answer, attachments)})


def mod_intent(
    intent_id: str, question: str, similar: Sequence[str], answer: str, attachments: Sequence[object] = ()
) -> ApiCall:
    """Replace a question, its similar questions and its answer."""
    fields = {"intent_id": intent_id, **_intent(question, similar, answer, attachments)}
    return post("kf/knowledge/mod_intent", fields, repeatable=True)


def del_intent(intent_id: str) -> ApiCall:
    """Delete a question."""
    return post("kf/knowledge/del_intent", {"intent_id": intent_id})


def list_intent(cursor: str = "", limit: int = PAGE, group_id: str = "") -> ApiCall:
    """One page of questions: intent_list, next_cursor, has_more."""
    return post(
        "kf/knowledge/list_intent", {"limit": limit, **given(cursor=cursor, group_id=group_id)}, repeatable=True
    )


def _intent(question: str, similar: Sequence[str], answer: str, attachments: Sequence[object]) -> dict[str, object]:
    return {
        "question": {"text": {"content": question}},
        "similar_questions": {"items": [{"text": {"content": text}} for text in similar]},
        "answers": [{"text": {"content": answer}, **given(attachments=list(attachments))}],
    }
