"""One scan from the uploads of a person, without a server."""

import asyncio
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import gradio as gr
import pytest

from skin.errors import Code, SkinError, error
from skin.scans.service import BURST_LIMIT, Scans
from skin.ui.events import details
from skin.ui.scanning import Scanning
from skin.ui.uploads import Uploads

ME, SCAN = UUID(int=1), UUID(int=9)


class FakeScans:
    """Remembers what was sent; refuses an empty file."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, ...]] = []
        self.erased: list[UUID] = []

    def init(self, _: UUID) -> Any:
        return SimpleNamespace(scan_id=SCAN)

    def upload(self, _: UUID, scan_id: UUID, *photos: bytes) -> None:
        if b"" in photos:
            raise error(Code.IMAGE_UNREADABLE)
        self.sent.append(photos)

    def erase(self, _: UUID, scan_id: UUID) -> None:
        self.erased.append(scan_id)


class Bench:
    """A Scanning with its fakes."""

    def __init__(self, folder: Path) -> None:
        self.scans, self.uploads, self.counted = FakeScans(), Uploads(folder, max_bytes=100), list[str]()
        self._scanning = Scanning(
            cast(Scans, self.scans), self.uploads, count=lambda kind, _: self.counted.append(kind)
        )

    def save(self, *contents: bytes) -> list[str]:
        return [str(self.uploads.save(ME, BytesIO(content))) for content in contents]

    def begin(self, paths: list[str]) -> UUID:
        return asyncio.run(self._scanning.begin(ME, paths))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_the_frames_of_a_burst_become_one_scan_and_count_as_one(bench: Bench, tmp_path: Path) -> None:
    assert bench.begin(bench.save(b"one", b"two", b"three")) == SCAN
    assert bench.scans.sent == [(b"one", b"two", b"three")]
    assert bench.counted == ["upload"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("frames", [0, BURST_LIMIT + 1])
def test_no_photo_and_too_many_are_refused_before_anything_is_read(bench: Bench, frames: int) -> None:
    with pytest.raises(SkinError) as refusal:
        bench.begin(bench.save(*[b"frame"] * frames))
    assert refusal.value.code is Code.INVALID_REQUEST
    assert bench.scans.sent == bench.counted == []


def test_a_frame_that_cannot_be_used_leaves_no_scan_behind(bench: Bench) -> None:
    with pytest.raises(SkinError):
        bench.begin(bench.save(b"one", b""))
    assert bench.scans.erased == [SCAN]


@pytest.mark.parametrize("made_up", [None, "path", {"paths": 3}, {"paths": {"a": 1}}, {"other": ["a"]}])
def test_an_event_that_somebody_made_up_names_no_paths(made_up: object) -> None:
    assert details(gr.EventData(None, made_up), "paths") == []


def test_an_event_names_the_texts_it_carries() -> None:
    assert details(gr.EventData(None, {"paths": ["a", 3, "b"]}), "paths") == ["a", "b"]
