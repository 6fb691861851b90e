"""Is an uploaded pack tried beside what is live, and is no zip trusted?"""

from __future__ import annotations

import asyncio
import io
import stat
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from aiohttp import FormData

from bot.studio.pack_upload import MOST_FILES, MOST_UNPACKED, UploadRefused, read_uploaded, unpack
from tests.console.browser import Browser, Page
from tests.console.desk import Shopfront
from tests.databases import ON_SQLITE
from tests.packs import FEE, write_pack


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def pack_files(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def linked() -> bytes:
    target, link = io.BytesIO(), ZipInfo("pack.yaml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with ZipFile(target, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "why"),
    [  # each with its name: made of the bytes, in which the time is, it would be another in every process
        pytest.param(b"no zip", "no_zip", id="other"),
        pytest.param(zipped({"a.yaml": b"x" * 1000})[:-30], "no_zip", id="cut"),
        pytest.param(zipped({"../a.yaml": b"x"}), "outside", id="up"),
        pytest.param(zipped({"/etc/a.yaml": b"x"}), "outside", id="root"),
        pytest.param(zipped({"a\\..\\..\\b": b"x"}), "outside", id="up-on-windows"),
        pytest.param(zipped({"C:/a": b"x"}), "outside", id="drive"),
        pytest.param(linked(), "outside", id="link"),
        pytest.param(zipped({"a": b"x", "a/b": b"x"}), "no_zip", id="file-and-folder"),
        pytest.param(zipped({"bomb": bytes(MOST_UNPACKED + 1)}), "too_large", id="bomb"),
        pytest.param(zipped({f"{number}": b"" for number in range(MOST_FILES + 1)}), "too_many", id="many"),
    ],
)
def test_no_zip_is_trusted(data: bytes, why: str, tmp_path: Path) -> None:
    room = tmp_path / "in" / "room"
    room.mkdir(parents=True)
    with pytest.raises(UploadRefused) as refused:
        unpack(data, room)
    assert refused.value.why == why
    assert [each for each in tmp_path.rglob("*") if each.is_file() and room not in each.parents] == []


def test_a_pack_may_lie_in_a_folder_of_its_own(tmp_path: Path) -> None:
    files = pack_files(write_pack(tmp_path / "pack"))
    for prefix in ("", "my-shop/"):
        assert read_uploaded(zipped({f"{prefix}{name}": data for name, data in files.items()})).name == "小小店"


async def upload(browser: Browser, data: bytes) -> Page:
    form = FormData()
    form.add_field("csrf", (await browser.get("/console/trial")).field("csrf"))
    form.add_field("file", io.BytesIO(data), filename="pack.zip")
    response = await browser.client.post("/console/trial/pack", data=form)
    return Page(response.status, await response.text(), response.url.path_qs, {})


@ON_SQLITE
async def test_a_pack_answers_beside_what_is_live_and_is_not_applied(
    operator: Browser, front: Shopfront, tmp_path: Path
) -> None:
    files = await asyncio.to_thread(lambda: pack_files(write_pack(tmp_path / "other")))
    changed = {name: data.replace(FEE.encode(), "全场包邮。".encode()) for name, data in files.items()}
    page = await upload(operator, zipped(changed))
    assert (page.status, "您上传的内容包" in page.text) == (200, True)
    mark = page.field("pack")
    page = await operator.submit("/console/trial", text="运费多少钱", pack=mark)
    assert (FEE in page.text, "全场包邮。" in page.text, "回答不同" in page.text) == (True, True, True)
    page = await operator.submit(
        "/console/trial/batch", questions="运费多少钱\n怎么开发票", pack=mark, **{"from": "typed"}
    )
    assert "2 个问题里，1 个会有变化" in page.text
    page = await operator.submit("/console/trial", text="运费多少钱")  # the drafts, which changed nothing
    assert page.text.count(FEE) == 2
    assert "只保留一天" in (await operator.submit("/console/trial", text="运费", pack="0" * 64)).text


@ON_SQLITE
async def test_what_is_wrong_with_a_pack_is_said(operator: Browser, tmp_path: Path) -> None:
    page = await upload(operator, b"no zip")
    assert (page.status, "读不出这个文件" in page.text) == (422, True)
    files = await asyncio.to_thread(lambda: pack_files(write_pack(tmp_path / "other")))
    page = await upload(operator, zipped({**files, "pack.yaml": b"name: tiny"}))
    assert (page.status, "pack.yaml" in page.text, "xiaoer-pack-" in page.text) == (422, True, False)
    name = next(name for name in files if name.startswith("scripts/"))
    page = await upload(operator, zipped({**files, name: b"- id: a b\n"}))
    assert (page.status, "title：缺少这一项，请写上" in page.text, "is missing" in page.text) == (422, True, False)
