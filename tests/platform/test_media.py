"""Files come down checked and whole or not at all, and go up as the platform wants them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from bot.platform import Ambiguous, ApiError, BadReply, Category, MediaKind, MediaRejected, PlatformClient
from bot.platform.media import NAME_CHARS, recognise, safe_name
from tests.platform.fake_platform import Answer, CutShort, Drop, FakePlatform, Script

JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 1000
LIMIT = 2 * 1024 * 1024


def file_answer(body: bytes, name: str = "a.jpg", content_type: str = "image/jpeg") -> Answer:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Answer(body, content_type=content_type, headers=headers)


def names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


async def fetch(client: PlatformClient, path: Path, kind: MediaKind = "image", limit: int = LIMIT) -> object:
    return await client.fetch_media("shop", "m1", kind=kind, limit_bytes=limit, path=path)


async def test_a_picture_lands_whole(client: PlatformClient, platform: FakePlatform, tmp_path: Path) -> None:
    platform.script("media/get", file_answer(JPEG, "../../etc/猫 1.jpg"))
    media = await client.fetch_media("shop", "m1", kind="image", limit_bytes=LIMIT, path=tmp_path / "x")

    assert (tmp_path / "x").read_bytes() == JPEG
    assert (media.content_type, media.size) == ("image/jpeg", len(JPEG))
    assert media.sha256 == hashlib.sha256(JPEG).hexdigest()
    assert "/" not in media.filename
    assert media.filename.endswith("1.jpg")
    assert names(tmp_path) == ["x"]
    assert platform.seen[0].query == {"access_token": "token-number-1", "media_id": "m1"}


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (file_answer(JPEG), "voice", "wrong_type"),
        (file_answer(b"<html>", content_type="image/jpeg"), "image", "wrong_type"),
        (file_answer(b"MZ\x90\x00"), "video", "wrong_type"),
        (file_answer(b""), "image", "empty"),
        (file_answer(JPEG + b"0" * LIMIT), "image", "too_large"),
    ],
)
async def test_what_is_not_right_leaves_nothing(
    client: PlatformClient, platform: FakePlatform, tmp_path: Path, *, answer: Answer, kind: MediaKind, reason: str
) -> None:
    platform.script("media/get", answer)
    with pytest.raises(MediaRejected) as caught:
        await fetch(client, tmp_path / "x", kind)
    assert caught.value.reason == reason
    assert names(tmp_path) == []
    assert len(platform.seen) == 1


async def test_a_file_may_be_anything(client: PlatformClient, platform: FakePlatform, tmp_path: Path) -> None:
    platform.script("media/get", file_answer(b"hello", "a.txt", "text/plain"))
    media = await client.fetch_media("corp", "m1", kind="file", limit_bytes=10, path=tmp_path / "x")
    assert media.content_type == "application/octet-stream"


async def test_json_instead_of_a_file_is_the_refusal_it_says(
    client: PlatformClient, platform: FakePlatform, tmp_path: Path
) -> None:
    platform.script("media/get", {"errcode": 40007, "errmsg": "invalid media_id"})
    with pytest.raises(ApiError) as caught:
        await fetch(client, tmp_path / "x")
    assert caught.value.category is Category.INPUT


async def test_an_expired_token_is_renewed_for_files_too(
    client: PlatformClient, platform: FakePlatform, tmp_path: Path
) -> None:
    await client.check_token("shop")
    platform.valid = ""
    platform.script("media/get", file_answer(JPEG))
    await fetch(client, tmp_path / "x")
    assert len(platform.token_requests) == 2


async def test_a_cut_download_is_repeated(client: PlatformClient, platform: FakePlatform, tmp_path: Path) -> None:
    platform.script("media/get", CutShort(JPEG[:100]), Drop(), file_answer(JPEG))
    await fetch(client, tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == JPEG

    platform.script("media/get", *[CutShort(JPEG[:100])] * 4)
    with pytest.raises(Ambiguous):
        await fetch(client, tmp_path / "y")
    assert names(tmp_path) == ["x"]


async def test_a_video_of_an_official_account_is_fetched_where_it_says(
    client: PlatformClient, platform: FakePlatform, server: TestServer, tmp_path: Path
) -> None:
    video = b"\x00\x00\x00\x18ftypmp42" + b"v" * 100
    platform.script("media/get", {"video_url": str(server.make_url("/video?sig=1"))})
    platform.scripts["/video"].append(Answer(video, content_type="video/mp4"))
    await fetch(client, tmp_path / "x", "video")
    assert (tmp_path / "x").read_bytes() == video
    assert platform.seen[-1].query == {"sig": "1"}  # and no token


async def test_a_video_that_leads_to_a_video_is_not_followed(
    client: PlatformClient, platform: FakePlatform, server: TestServer, tmp_path: Path
) -> None:
    again: Script = {"video_url": str(server.make_url("/video"))}
    for _ in range(4):
        platform.script("media/get", again)
        platform.scripts["/video"].append(again)
    with pytest.raises(BadReply):
        await fetch(client, tmp_path / "x", "video")
    assert len([seen for seen in platform.seen if seen.path == "/video"]) == 4


@pytest.mark.parametrize("url", ["http://evil.example/x", "http://evilqq.com/", "file:///etc/passwd", "", 7, "//["])
async def test_a_video_from_elsewhere_is_not_fetched(
    client: PlatformClient, platform: FakePlatform, tmp_path: Path, url: object
) -> None:
    platform.script("media/get", *[{"video_url": url}] * 4)
    with pytest.raises(BadReply):
        await fetch(client, tmp_path / "x", "video")
    assert {seen.path for seen in platform.seen} == {"/cgi-bin/media/get"}


async def test_an_upload_is_one_part_named_media(client: PlatformClient, platform: FakePlatform) -> None:
    answers: list[Script] = [Drop(), {"errcode": 0, "type": "image", "media_id": "new"}]
    platform.script("media/upload", *answers)

    assert await client.upload_media("corp", "image", "优惠券.jpg", JPEG) == "new"

    first, second = platform.calls("media/upload")
    for seen in (first, second):
        assert seen.query == {"access_token": "token-number-1", "type": "image"}
        assert JPEG in seen.raw
        assert 'name="media"; filename="优惠券.jpg"'.encode() in seen.raw


async def test_an_upload_without_a_media_id_is_a_bad_reply(client: PlatformClient, platform: FakePlatform) -> None:
    platform.script("media/upload", {"errcode": 0}, {"errcode": 0}, {"errcode": 0}, {"errcode": 0})
    with pytest.raises(BadReply):
        await client.upload_media("corp", "file", "a.pdf", b"%PDF-")


@pytest.mark.parametrize(
    ("head", "kind", "content_type"),
    [
        (b"\xff\xd8\xff\xdb", "image", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image", "image/png"),
        (b"GIF89a", "image", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBP", "image", "image/webp"),
        (b"#!AMR\n", "voice", "audio/amr"),
        (b"\x02#!SILK_V3", "voice", "audio/silk"),
        (b"ID3\x03", "voice", "audio/mpeg"),
        (b"\xff\xfb\x90", "voice", "audio/mpeg"),
        (b"\x00\x00\x00\x20ftypisom", "video", "video/mp4"),
        (b"%PDF-1.7", "file", "application/pdf"),
        (b"", "file", "application/octet-stream"),
    ],
)
def test_files_are_known_by_their_first_bytes(head: bytes, kind: MediaKind, content_type: str) -> None:
    assert recognise(head) == (kind, content_type)


@given(st.text())
def test_a_safe_name_is_safe(said: str) -> None:
    name = safe_name(said)
    assert len(name) <= NAME_CHARS
    assert not set(name) & set('/\\:*?"<>|\x00\n\r')
    assert name not in {".", ".."}
    assert not name.startswith(".")
