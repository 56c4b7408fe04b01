"""Everything about a person in one ZIP file, made while it is sent and kept nowhere."""

import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from skin.accounts.consents import Consents
from skin.accounts.service import Accounts
from skin.accounts.tables import User
from skin.db.session import Sessions
from skin.scans import queries
from skin.scans.records import view_result, view_status
from skin.scans.store import PictureStore
from skin.scans.tables import ScanSession

README = """Everything that Skin keeps about you, as of {when}.

account.json              your account: e-mail address, role, when it was made, how long your photos are kept
consents.json             every decision on what you were asked, with the version of the wording,
                          and the present wordings
scans/<time>_<id>/        one folder for each of your scans, by the time it was begun (UTC)
  scan.json               its state, your note, what a program noted about it (metadata), and the result
  photo_<n>.jpg           the photo, or the frames of a burst, as they are stored: upright and without camera data
  overlay.jpg             the photo with what was found drawn on it
  face.jpg                the face alone, upright and at one size
  map_<concern>.png       where a concern shows

Pictures are here while they are kept. A scan that you deleted is not, though its deletion can still be undone for
ten minutes. Your password is kept as a hash only, which is not part of this file.
The fields of scan.json are explained in the API's documentation, at /docs on the server that gave you this file.
"""


@dataclass(frozen=True, slots=True)
class Export:
    """A file to be saved under `name`; its content is made while it is read."""

    name: str
    chunks: Iterator[bytes]


class Exports:
    """Gives people what is kept about them."""

    def __init__(
        self,
        sessions: Sessions,
        store: PictureStore,
        accounts: Accounts,
        consents: Consents,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._sessions = sessions
        self._store = store
        self._accounts = accounts
        self._consents = consents
        self._clock = clock

    def export(self, user: User) -> Export:
        """All words are read now, the pictures one by one while the file is sent."""
        when = self._clock()
        with self._sessions.begin() as session:
            scans = queries.list_scans(session, user.id, limit=None)
        words = [
            ("README.txt", README.format(when=f"{when:%d %B %Y, %H:%M} UTC").encode()),
            ("account.json", _json(self._describe(user))),
            ("consents.json", _json(self._describe_consents(user.id))),
        ]
        words += [(f"{_folder(scan)}/scan.json", _json(_describe_scan(scan))) for scan in scans]
        pictures = self._load_pictures([(_folder(scan), scan.picture_key) for scan in scans])
        return Export(f"skin-{when:%Y-%m-%d}.zip", stream_zip(words, pictures))

    def _describe(self, user: User) -> dict[str, Any]:
        retention = self._accounts.get_retention(user)
        return {
            "id": user.id,
            "email": user.email,
            "role": user.role,
            "created_at": user.created_at,
            "is_guest": user.is_guest,
            "erased_at": user.expires_at,
            "photos_kept_hours": retention.picture_hours,
            "photos_kept_hours_chosen": retention.own_hours,
        }

    def _describe_consents(self, user_id: UUID) -> dict[str, Any]:
        return {
            "decisions": [
                {name: getattr(one, name) for name in ("purpose", "granted", "text_version", "created_at")}
                for one in self._consents.list_decisions(user_id)
            ],
            "present_wordings": [
                {
                    "purpose": one.purpose,
                    "version": one.wording.version,
                    "text": [one.wording.title, *one.wording.paragraphs],
                }
                for one in self._consents.list_states(user_id)
            ],
        }

    def _load_pictures(self, folders: Iterable[tuple[str, str | None]]) -> Iterator[tuple[str, bytes]]:
        """One in memory at a time; what is erased meanwhile is passed over."""
        for folder, key in folders:
            for name in self._store.list_names(key) if key else ():
                picture = self._store.load(key, name) if key else None
                if picture is not None:
                    yield f"{folder}/{name}", picture


def stream_zip(words: Iterable[tuple[str, bytes]], pictures: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The bytes of a ZIP file, entry by entry; pictures are compressed already and stored as they are."""
    sink = _Sink()
    with ZipFile(sink, "w") as archive:
        for entries, method in ((words, ZIP_DEFLATED), (pictures, ZIP_STORED)):
            for name, content in entries:
                archive.writestr(name, content, compress_type=method)
                yield sink.take()
    yield sink.take()


class _Sink(io.RawIOBase):
    """What a ZIP file is written to, in pieces that are taken away."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(self._pieces[-1])

    def take(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _folder(scan: ScanSession) -> str:
    return f"scans/{scan.created_at:%Y-%m-%d_%H-%M-%S}_{scan.id}"


def _describe_scan(scan: ScanSession) -> dict[str, Any]:
    described = view_status(scan).model_dump(mode="json")
    described |= {"note": scan.note, "metadata": scan.scan_metadata}
    return described | {"result": view_result(scan, scan.analysis).model_dump(mode="json") if scan.analysis else None}


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False, default=_plain).encode()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
