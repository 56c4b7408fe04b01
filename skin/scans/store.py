"""Where pictures lie: a local folder or S3, through obstore."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.store import LocalStore, ObjectStore, S3Store

from skin.core.concerns import Concern

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

OVERLAY = "overlay.jpg"
FACE = "face.jpg"


def photo_name(frame: int) -> str:
    """Of the frame (from 0) of a burst; a single photo is a burst of one."""
    return f"photo_{frame}.jpg"


def map_name(concern: Concern) -> str:
    return f"map_{concern.value}.png"


class PictureStore:
    """Pictures of scans, each under `<key>/<name>`; a key is a random folder name, never a person's."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def save(self, key: str, name: str, data: bytes) -> None:
        obstore.put(self._store, f"{key}/{name}", data)

    def load_photos(self, key: str) -> list[bytes]:
        """The frames of the burst, in order; empty once they were erased."""
        frames: list[bytes] = []
        while (photo := self.load(key, photo_name(len(frames)))) is not None:
            frames.append(photo)
        return frames

    def load(self, key: str, name: str) -> bytes | None:
        """The picture, or None when it is not (any more) there."""
        try:
            return bytes(obstore.get(self._store, f"{key}/{name}").bytes())
        except FileNotFoundError:
            return None

    def list_names(self, key: str) -> list[str]:
        """Of all pictures of this key."""
        paths = [meta["path"] for page in obstore.list(self._store, prefix=f"{key}/") for meta in page]
        return sorted(path.rpartition("/")[2] for path in paths)

    def erase(self, key: str) -> None:
        """Delete all pictures of this key; nothing happens when there are none."""
        paths = [meta["path"] for page in obstore.list(self._store, prefix=f"{key}/") for meta in page]
        if paths:
            obstore.delete(self._store, paths)

    def list_keys(self, *, before: datetime) -> Iterator[set[str]]:
        """Pages of the keys that have pictures stored before this time."""
        for page in obstore.list(self._store):
            yield {meta["path"].partition("/")[0] for meta in page if meta["last_modified"] < before}

    def erase_older_than(self, before: datetime) -> int:
        """Delete every picture stored before this time; how many there were."""
        old = [meta["path"] for page in obstore.list(self._store) for meta in page if meta["last_modified"] < before]
        if old:
            obstore.delete(self._store, old)
        return len(old)

    def check(self) -> None:
        """Raise whatever the store raises when it cannot be reached."""
        obstore.list_with_delimiter(self._store, prefix="ready-check")


def build_local_store(folder: Path) -> PictureStore:
    """A folder that only its owner may read, made when it is not there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return PictureStore(LocalStore(folder, automatic_cleanup=True))


def build_s3_store(
    url: str, *, endpoint: str | None, region: str, access_key_id: str | None, secret_access_key: str | None
) -> PictureStore:
    """A bucket (s3://bucket/prefix); without keys, the machine's own role is used."""
    config: S3Config = {"region": region}
    if endpoint:
        config["endpoint"] = endpoint
    if access_key_id and secret_access_key:
        config["access_key_id"] = access_key_id
        config["secret_access_key"] = secret_access_key
    allow_http = bool(endpoint and endpoint.startswith("http://"))
    retries: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=10)}
    options: ClientConfig = {"allow_http": allow_http}
    return PictureStore(S3Store.from_url(url, config=config, client_options=options, retry_config=retries))
