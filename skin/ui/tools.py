"""The scan lifecycle as tools for agents: what each takes and does, with the JSON that REST gives."""

import binascii
from base64 import b64decode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Annotated, Any
from uuid import UUID

from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skin.errors import Code, error
from skin.scans.service import BURST_LIMIT, HISTORY_LIMIT, Scans
from skin.ui.scanning import Scanning
from skin.ui.uploads import Uploads

PHOTO_TEXT = (
    "The photo as base64 or as a data: URL (JPEG, PNG, WebP or HEIC, at most 11 MB), or the path that "
    "POST /gradio_api/upload gave for it; 3-5 photos of the same moment make one burst"
)
Photos = Annotated[list[str], Field(min_length=1, max_length=BURST_LIMIT, description=PHOTO_TEXT)]
ScanId = Annotated[UUID, Field(description="The scan_id that scan_init, scan or scan_history gave")]


class Arguments(BaseModel):
    """What a tool takes; the fields' descriptions are what an agent reads."""

    model_config = ConfigDict(extra="forbid")


class NewScan(Arguments):
    metadata: dict[str, Any] = Field({}, description="A JSON object of at most 4 kB, kept with the scan")


class SomePhotos(Arguments):
    photos: Photos


class PhotosOfScan(SomePhotos):
    scan_id: ScanId


class OneScan(Arguments):
    scan_id: ScanId


class TwoScans(OneScan):
    other_id: Annotated[UUID, Field(description="The scan_id of the scan to compare it with")]


class HistoryPlace(Arguments):
    limit: int = Field(20, ge=1, le=HISTORY_LIMIT, description="Scans on a page")
    cursor: str | None = Field(None, description="next_cursor of the page before; none for the newest")


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: its name and sentence, its arguments, and what it does for a person."""

    name: str
    sentence: str
    takes: type[Arguments]
    run: Callable[[UUID, Any], Awaitable[BaseModel | None]]
    reads_only: bool = True


class ScanTools:
    """Thin handlers over the same service as REST."""

    def __init__(self, scans: Scans, scanning: Scanning, uploads: Uploads) -> None:
        self._scans = scans
        self._scanning = scanning
        self._uploads = uploads
        self.every: dict[str, Tool] = {tool.name: tool for tool in self._build()}

    async def call(self, user_id: UUID, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """What the tool answers this person, as JSON; InvalidInput for a tool or arguments that do not exist."""
        if name not in self.every:
            raise error(Code.INVALID_REQUEST)
        tool = self.every[name]
        try:
            taken = tool.takes.model_validate(arguments)
        except ValidationError as wrong:
            raise error(Code.INVALID_REQUEST) from wrong
        answer = await tool.run(user_id, taken)
        return {} if answer is None else answer.model_dump(mode="json")

    def _build(self) -> list[Tool]:
        scans = self._scans
        return [
            Tool("scan", "Scan a photo of one face and wait for the finished result, for at most a minute.",
                 SomePhotos, self._scan, reads_only=False),
            Tool("scan_init", "Begin a scan; it waits for its photo.",
                 NewScan, _threaded(lambda user, new: scans.init(user, new.metadata)), reads_only=False),
            Tool("scan_upload", "Send the photo of a scan; its analysis begins at once.",
                 PhotosOfScan, _threaded(self._upload), reads_only=False),
            Tool("scan_status", "How far a scan is: pending, processing, completed, or failed with a code.",
                 OneScan, _threaded(lambda user, one: scans.get_status(user, one.scan_id))),
            Tool("scan_results", "The result of a completed scan.",
                 OneScan, _threaded(lambda user, one: scans.get_results(user, one.scan_id))),
            Tool("scan_compare", "What changed for real between two completed scans, earlier to later.",
                 TwoScans, _threaded(lambda user, two: scans.compare(user, two.scan_id, two.other_id))),
            Tool("scan_history", "The person's scans, the newest first, a page at a time.",
                 HistoryPlace, _threaded(lambda user, at: scans.list_history(user, limit=at.limit, cursor=at.cursor))),
            Tool("scan_erase", "Erase a scan with its result and pictures, for good.",
                 OneScan, _threaded(lambda user, one: scans.erase(user, one.scan_id)), reads_only=False),
        ]  # fmt: skip

    async def _scan(self, user_id: UUID, given: SomePhotos) -> BaseModel:
        paths = await run_in_threadpool(self._receive, user_id, given.photos)
        return await self._scanning.finish(user_id, await self._scanning.begin(user_id, paths))

    def _upload(self, user_id: UUID, given: PhotosOfScan) -> BaseModel:
        photos = self._scanning.take(user_id, *self._receive(user_id, given.photos))
        return self._scans.upload(user_id, given.scan_id, *photos)

    def _receive(self, user_id: UUID, photos: list[str]) -> list[str]:
        """Every photo as an upload of this person's own: no other path is ever read, and no address fetched."""
        contents = [None if self._uploads.is_own(user_id, photo) else _decode(photo) for photo in photos]
        return [
            photo if content is None else str(self._uploads.save(user_id, BytesIO(content)))
            for photo, content in zip(photos, contents, strict=True)
        ]


def _threaded(ask: Callable[[UUID, Any], BaseModel | None]) -> Callable[[UUID, Any], Awaitable[BaseModel | None]]:
    async def run(user_id: UUID, given: Any) -> BaseModel | None:
        return await run_in_threadpool(ask, user_id, given)

    return run


def _decode(photo: str) -> bytes:
    encoded = photo.partition(",")[2] if photo.startswith("data:") else photo
    try:
        return b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise error(Code.INVALID_REQUEST) from wrong
