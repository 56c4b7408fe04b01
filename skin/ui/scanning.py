"""A photo or a burst from upload to outcome, for the page and for Gradio's `/scan`; no thread waits meanwhile."""

import asyncio
from collections.abc import Callable, Sequence
from uuid import UUID

from fastapi.concurrency import run_in_threadpool

from skin.errors import Code, SkinError, error
from skin.scans.schemas import ScanResultResponse
from skin.scans.service import BURST_LIMIT, Scans
from skin.scans.tables import ScanState
from skin.ui.uploads import Uploads

TIMEOUT_S = 60.0
POLL_S = 0.1


class Scanning:
    """Takes a person's upload through the lifecycle of a scan."""

    def __init__(self, scans: Scans, uploads: Uploads, *, count: Callable[[str, str], None]) -> None:
        self._scans = scans
        self._uploads = uploads
        self._count = count

    def take(self, user_id: UUID, *paths: str | None) -> list[bytes]:
        """The uploads of one scan, which do not stay behind; TooManyRequests when there were too many scans."""
        photos = [self._uploads.take(user_id, path) for path in paths]
        self._count("upload", str(user_id))
        return photos

    async def begin(self, user_id: UUID, paths: Sequence[str | None]) -> UUID:
        """Start one scan of the uploads, the frames of a burst; files that cannot be used leave no scan behind."""
        return await run_in_threadpool(self._begin, user_id, paths)

    async def finish(self, user_id: UUID, scan_id: UUID, *, timeout_s: float = TIMEOUT_S) -> ScanResultResponse:
        """Wait for the result; the error that ended a failed scan; Unavailable when it takes too long."""
        give_up_at = asyncio.get_running_loop().time() + timeout_s
        while await self._state(user_id, scan_id) is ScanState.PROCESSING:
            if asyncio.get_running_loop().time() > give_up_at:
                raise error(Code.SCAN_TOOK_TOO_LONG)
            await asyncio.sleep(POLL_S)
        return await run_in_threadpool(self._scans.get_results, user_id, scan_id)

    async def _state(self, user_id: UUID, scan_id: UUID) -> ScanState:
        return (await run_in_threadpool(self._scans.get_status, user_id, scan_id)).status

    def _begin(self, user_id: UUID, paths: Sequence[str | None]) -> UUID:
        if not 1 <= len(paths) <= BURST_LIMIT:
            raise error(Code.INVALID_REQUEST)
        photos = self.take(user_id, *paths)
        scan_id = self._scans.init(user_id).scan_id
        try:
            self._scans.upload(user_id, scan_id, *photos)
        except SkinError:
            self._scans.erase(user_id, scan_id)
            raise
        return scan_id
