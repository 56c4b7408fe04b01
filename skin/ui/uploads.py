"""Photos between their upload and the scan that takes them: unguessable names, one owner, minutes at most."""

import asyncio
import shutil
import time
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from skin.errors import Code, error
from skin.ui.session import user_id_of

KEPT_S = 600.0


class Uploads:
    """A folder of waiting photos; each is named after its owner and gone once it was taken."""

    def __init__(self, folder: Path, *, max_bytes: int, kept_s: float = KEPT_S) -> None:
        self._folder = folder
        self._kept_s = kept_s
        self.max_bytes = max_bytes
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.discard_old()

    def save(self, user_id: UUID, content: BinaryIO) -> Path:
        self.discard_old()
        path = self._folder / f"{user_id.hex}-{uuid4().hex}"
        with path.open("xb") as file:
            shutil.copyfileobj(content, file)
        return path

    def is_own(self, user_id: UUID, path: str) -> bool:
        """Whether the path is one that `save` gave to this person."""
        return Path(path).parent == self._folder and Path(path).name.startswith(f"{user_id.hex}-")

    def take(self, user_id: UUID, path: str | None) -> bytes:
        """The bytes of the person's own upload, which is deleted; InvalidInput for any other path."""
        if path is None or not self.is_own(user_id, path):
            raise error(Code.INVALID_REQUEST)
        try:
            return Path(path).read_bytes()
        except FileNotFoundError as gone:
            raise error(Code.IMAGE_UNREADABLE) from gone
        finally:
            self.discard(path)

    def discard(self, path: str | Path) -> None:
        Path(path).unlink(missing_ok=True)

    def discard_old(self) -> None:
        """Delete what nobody took, such as uploads of a page that was closed."""
        oldest = time.time() - self._kept_s
        for path in self._folder.iterdir():
            if path.is_file() and path.stat().st_mtime < oldest:
                self.discard(path)

    def discard_later(self, path: Path) -> None:
        asyncio.get_running_loop().call_later(self._kept_s, self.discard, path)


def build_upload_routes(uploads: Uploads) -> APIRouter:
    """In place of Gradio's own upload address, whose names are the same for everybody who sends the same photo."""
    router = APIRouter()

    @router.post("/gradio_api/upload")
    async def receive(request: Request) -> list[str]:
        async with request.form(max_files=1, max_fields=4) as form:
            photo = form.get("files")
            if not isinstance(photo, UploadFile):
                raise error(Code.INVALID_REQUEST)
            if photo.size is None or photo.size > uploads.max_bytes:
                raise error(Code.IMAGE_TOO_LARGE)
            path = await run_in_threadpool(uploads.save, user_id_of(request), photo.file)
        uploads.discard_later(path)
        return [str(path)]

    return router
