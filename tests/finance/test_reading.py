"""Is every type of message understood as people see it, and is nothing too odd to be read?"""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import Voice
from archive.consent import Consent, ConsentFact
from archive.finance import Heard, Unreadable, consent_entry, read_message
from benchmarks.finance.corp import COLLEAGUE, CUSTOMER, MEMBER, NOON_MS, OTHER, ROBOT, ROOM

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CATALOGUE = tomllib.loads(files("archive.finance").joinpath("kinds.toml").read_text(encoding="utf-8"))


def read(message: object, msgid: str = "1_external") -> Heard:
    return read_message("corp", msgid, json.dumps(message).encode(), now=NOON)


def base(msgtype: str, **more: object) -> dict[str, Any]:
    return {
        "msgid": "1_external", "action": "send", "from": CUSTOMER, "tolist": [MEMBER], "roomid": "",
        "msgtime": NOON_MS, "msgtype": msgtype, **more,
    }  # fmt: skip


SEEN: list[tuple[str, dict[str, object], str, str]] = [
    ("text", {"text": {"content": "在吗  \n 亲"}}, "text", "在吗  \n 亲"),
    ("image", {"image": {"md5sum": "m", "filesize": 9, "sdkfileid": "f"}}, "image", "[图片]"),
    ("voice", {"voice": {"voice_size": 9, "play_length": 7, "sdkfileid": "f"}}, "voice", "[语音] 7秒"),
    ("video", {"video": {"filesize": 9, "play_length": 0, "sdkfileid": "f"}}, "video", "[视频] 0秒"),
    ("card", {"card": {"corpname": "花颜", "userid": "lina"}}, "card", "[名片] lina 花颜"),
    (
        "location", {"location": {"longitude": 1.0, "latitude": 2.0, "title": "公司", "address": "北京路 1 号"}},
        "location", "[位置] 公司 北京路 1 号",
    ),
    ("emotion", {"emotion": {"type": 1, "imagesize": 9, "sdkfileid": "f"}}, "emotion", "[表情]"),
    ("file", {"file": {"filename": "发票.pdf", "filesize": 9, "sdkfileid": "f"}}, "file", "[文件] 发票.pdf"),
    ("link", {"link": {"title": "新品", "description": "", "link_url": "https://x"}}, "link", "[链接] 新品"),
    ("weapp", {"weapp": {"title": "下单", "displayname": "花颜商城"}}, "mini_program", "[小程序] 花颜商城 下单"),
    ("todo", {"todo": {"title": "待办", "content": "回访"}}, "todo", "[待办] 待办 回访"),
    ("vote", {"votetitle": "几点", "voteitem": ["九点", "十点"], "votetype": 101}, "vote", "[投票] 几点 九点、十点"),
    ("vote", {"vote": {"votetitle": "几点", "voteitem": ["九点"]}}, "vote", "[投票] 几点 九点"),
    (
        "collect", {"collect": {"title": "登记", "details": [{"id": 1, "ques": "姓名", "type": "Text"}]}},
        "collect", "[填表] 登记\n姓名",
    ),
    ("redpacket", {"redpacket": {"type": 1, "wish": "恭喜", "totalcnt": 1}}, "redpacket", "[红包] 恭喜"),
    ("external_redpacket", {"redpacket": {"wish": "恭喜"}}, "redpacket", "[互通红包] 恭喜"),
    ("meeting", {"meeting": {"topic": "周会", "address": "一楼"}}, "meeting", "[会议邀请] 周会 一楼"),
    ("docmsg", {"doc": {"title": "报价", "link_url": "https://x"}}, "document", "[在线文档] 报价"),
    ("markdown", {"info": {"content": "**好**"}}, "markdown", "**好**"),
    ("news", {"info": {"item": [{"title": "头条"}, {"title": "次条"}]}}, "news", "[图文]\n头条\n次条"),
    ("calendar", {"calendar": {"title": "回访", "place": "门店"}}, "schedule", "[日程] 回访 门店"),
    (
        "meeting_voice_call", {"voiceid": "v", "meeting_voice_call": {"endtime": 1, "sdkfileid": "f"}},
        "call_recording", "[音视频通话录音]",
    ),
    (
        "voip_doc_share", {"voipid": "v", "voip_doc_share": {"filename": "价目.xlsx", "sdkfileid": "f"}},
        "call_file", "[通话中共享的文件] 价目.xlsx",
    ),
    ("sphfeed", {"sphfeed": {"sph_name": "花颜", "feed_desc": "上新"}}, "channels", "[视频号] 花颜 上新"),
    ("voiptext", {"info": {"callduration": 12, "invitetype": 1}}, "call", "[通话] 12秒"),
    ("qydiskfile", {"info": {"filename": "资料.zip"}}, "disk_file", "[微盘文件] 资料.zip"),
    (
        "mixed",
        {"mixed": {"item": [
            {"type": "text", "content": '{"content":"看这个"}'}, {"type": "image", "content": '{"sdkfileid":"f"}'},
        ]}},
        "mixed", "看这个\n[图片]",
    ),
    (
        "chatrecord",
        {"chatrecord": {"title": "群聊", "item": [
            {"type": "ChatRecordText", "msgtime": 1, "content": '{"content":"你好"}', "from_chatroom": False},
            {"type": "ChatRecordMixed", "content": '{"item":[{"type":"text","content":"{\\"content\\":\\"内\\"}"}]}'},
            {"type": "ChatRecordFile", "content": '{"filename":"a.pdf"}'},
            {"type": "ChatRecordHologram", "content": "{}"},
        ]}},
        "merged", "[聊天记录] 群聊\n你好\n内\n[文件] a.pdf\n[未支持的消息] hologram",
    ),
    ("hologram", {"hologram": {"depth": 3}}, "unknown", "[未支持的消息] hologram"),
    ("agree", {"agree": {"userid": CUSTOMER, "agree_time": NOON_MS}}, "agree", "[同意存档会话内容]"),
    ("disagree", {"disagree": {"userid": CUSTOMER, "disagree_time": NOON_MS}}, "disagree", "[不同意存档会话内容]"),
]  # fmt: skip


@pytest.mark.parametrize(("msgtype", "more", "kind", "text"), SEEN)
def test_each_type_as_people_see_it(msgtype: str, more: dict[str, object], kind: str, text: str) -> None:
    entry = read(base(msgtype, **more)).entry
    assert entry is not None
    assert (entry.kind, entry.text) == (kind, text)
    assert (entry.customer, entry.voice, entry.who, entry.at) == (CUSTOMER, Voice.CUSTOMER, "", NOON)
    assert entry.body["to"] == [MEMBER]


def test_every_type_of_the_catalogue_was_shown() -> None:
    assert {case[0] for case in SEEN} - {"hologram"} == set(CATALOGUE["kinds"])
    assert all(len(kind) <= 16 for kind in CATALOGUE["kinds"].values())
    assert set(CATALOGUE["kinds"]) <= set(CATALOGUE["words"])


def test_what_is_unknown_is_kept_whole() -> None:
    message = base("hologram", hologram={"depth": 3})
    entry = read(message).entry
    assert entry is not None
    assert entry.body["fields"] == message


def test_files_are_named_in_the_body() -> None:
    heard = read(base("file", file={"filename": "a.pdf", "filesize": 9, "md5sum": "m", "sdkfileid": "f"}))
    assert heard.entry is not None
    assert heard.entry.body["media"] == [{"part": 0, "kind": "file", "file_id": "f"}]
    assert [(each.md5, each.size) for each in heard.files] == [("m", 9)]


@pytest.mark.parametrize(
    ("speaker", "to", "room", "expected"),
    [
        (CUSTOMER, [MEMBER], "", (CUSTOMER, Voice.CUSTOMER, "", "")),
        (MEMBER, [CUSTOMER], "", (CUSTOMER, Voice.SERVICER, MEMBER, "")),
        (ROBOT, [CUSTOMER], "", (CUSTOMER, Voice.BOT, "", "")),
        (CUSTOMER, [MEMBER, OTHER], ROOM, (CUSTOMER, Voice.CUSTOMER, "", ROOM)),
        (MEMBER, [OTHER, CUSTOMER], ROOM, ("", Voice.SERVICER, MEMBER, ROOM)),
        (COLLEAGUE, [CUSTOMER], "", (CUSTOMER, Voice.SERVICER, COLLEAGUE, "")),
    ],
)
def test_who_spoke_where(speaker: str, to: list[str], room: str, expected: tuple[str, Voice, str, str]) -> None:
    heard = read(base("text", text={"content": "x"}) | {"from": speaker, "tolist": to, "roomid": room})
    assert heard.entry is not None
    assert (heard.entry.customer, heard.entry.voice, heard.entry.who, heard.entry.room) == expected
    assert not heard.internal


def test_members_among_themselves() -> None:
    message = base("text", text={"content": "x"}) | {"from": MEMBER, "tolist": [COLLEAGUE]}
    assert read(message, msgid="1").internal
    assert not read(message, msgid="1_external").internal  # the platform says that somebody from outside is there


def test_a_switch_of_corps() -> None:
    heard = read({"msgid": "1", "action": "switch", "time": NOON_MS, "user": MEMBER})
    assert heard.entry is not None
    assert (heard.entry.kind, heard.entry.who, heard.entry.at, heard.entry.text) == (
        "switch",
        MEMBER,
        NOON,
        "[切换企业]",
    )


def test_a_recall_says_what_it_takes_back() -> None:
    heard = read(base("revoke", revoke={"pre_msgid": "7"}) | {"action": "recall"})
    assert (heard.entry, heard.recalls) == (None, "7")


@pytest.mark.parametrize("time_key", ["agree_time", "nothing"])
def test_consent_is_a_fact(time_key: str) -> None:
    earlier = NOON - timedelta(hours=1)
    told = earlier if time_key == "agree_time" else NOON
    fact = read(base("agree", agree={"userid": CUSTOMER, time_key: int(earlier.timestamp())})).fact
    assert fact == ConsentFact("corp", CUSTOMER, MEMBER, Consent.AGREE, told, "archive_message")
    refused = read(base("disagree", disagree={"userid": CUSTOMER}) | {"roomid": ROOM}).fact
    assert refused is not None
    assert (refused.status, refused.counterpart) == (Consent.DISAGREE, ROOM)
    entry = consent_entry(fact, "event-1")
    assert (entry.customer, entry.kind, entry.voice, entry.at) == (CUSTOMER, "agree", Voice.SYSTEM, told)


@pytest.mark.parametrize(
    ("told", "at"),
    [
        (NOON_MS + 1_000, NOON),  # within the skew of two clocks
        (NOON_MS + 3_600_000, NOON),
        (NOON_MS * 1000, NOON),
        (10**30, NOON),
        (0, NOON),
        (-5, NOON),
        ("soon", NOON),
        (None, NOON),
        (NOON_MS // 1000 - 60, NOON - timedelta(minutes=1)),  # seconds
        (NOON_MS - 60_000, NOON - timedelta(minutes=1)),
    ],
)
def test_no_message_is_of_the_future(told: object, at: datetime) -> None:
    entry = read(base("text", text={"content": "x"}) | {"msgtime": told}).entry
    assert entry is not None
    assert entry.at == at
    assert ("told_at" in entry.body) == (at == NOON and told != NOON_MS + 1_000)


def test_control_characters_are_borne_and_not_shown() -> None:
    raw = b'{"from":"a","msgtime":1,"msgtype":"text","text":{"content":"\x01a\tb\x00\\u0000\\ud800c"}}'
    entry = read_message("corp", "1", raw, now=NOON).entry
    assert entry is not None
    assert entry.text == "a\tbc"


def test_numbers_that_no_database_keeps() -> None:
    raw = b'{"from":"a","msgtype":"file","file":{"sdkfileid":"f","filesize":%d,"x":NaN}}' % 10**30
    heard = read_message("corp", "1", raw, now=NOON)
    assert heard.entry is not None
    assert heard.entry.body["fields"] == {"sdkfileid": "f", "filesize": 10**30, "x": None}
    assert heard.files[0].size < 2**63


def test_records_in_records_end() -> None:
    content = json.dumps({"content": "底"})
    kind = "ChatRecordText"
    for _ in range(7):  # each level doubles the escapes
        content, kind = json.dumps({"title": "t", "item": [{"type": kind, "content": content}]}), "ChatRecordChatRecord"
    entry = read(base("chatrecord", chatrecord=json.loads(content))).entry
    assert entry is not None
    assert entry.text.endswith("[更多内容未展开]")
    many = [{"type": "ChatRecordText", "content": '{"content":"x"}'}] * 5_000
    entry = read(base("chatrecord", chatrecord={"title": "t", "item": many})).entry
    assert entry is not None
    assert entry.text.count("\n") == 1_001


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"7", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 70 + b"1" + b"}" * 70]
)
def test_what_is_no_message_is_said_so(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read_message("corp", "1", raw, now=NOON)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([
        "item", "content", "type", "sdkfileid", "title", "info", "chatrecord", "mixed", "voteitem", "details",
    ]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "from": JSON, "tolist": JSON, "roomid": JSON, "msgtime": JSON, "action": JSON, "time": JSON,
            "msgtype": st.sampled_from([*CATALOGUE["kinds"], "revoke", "new"]) | JSON,
            **dict.fromkeys([*CATALOGUE["kinds"], "info", "doc", "revoke"], JSON),
        },
    )
)  # fmt: skip
def test_nothing_odd_breaks_it(message: dict[str, object]) -> None:
    """Whatever the platform sends instead of what it documents is read, or refused by name."""
    try:
        heard = read(message)
    except Unreadable:
        return
    if heard.entry is not None:
        heard.entry.text.encode()
        json.dumps(dict(heard.entry.body)).encode()
        assert len(heard.entry.kind) <= 16
        assert heard.entry.at <= NOON
