"""Pictures lie the same way in a folder and in S3 (the real protocol, by moto's server)."""

import stat
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from obstore.exceptions import GenericError

from skin.scans.store import OVERLAY, PictureStore, build_local_store, build_s3_store, photo_name

MakeStore = Callable[[], PictureStore]
PHOTO = photo_name(0)


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> PictureStore:
    if request.param == "folder":
        return build_local_store(tmp_path / "pictures")
    endpoint = request.getfixturevalue("s3_endpoint")
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s", "region_name": "us-east-1"}
    bucket = f"pictures-{time.monotonic_ns()}"
    boto3.client("s3", endpoint_url=endpoint, **keys).create_bucket(Bucket=bucket)
    return build_s3_store(
        f"s3://{bucket}/faces", endpoint=endpoint, region="us-east-1", access_key_id="k", secret_access_key="s"
    )


def test_a_saved_picture_is_loaded_unchanged(store: PictureStore) -> None:
    store.save("key", PHOTO, b"\x00\xff picture")
    assert store.load("key", PHOTO) == b"\x00\xff picture"


def test_a_picture_that_is_not_there_is_none(store: PictureStore) -> None:
    assert store.load("key", PHOTO) is None


def test_erasing_takes_all_pictures_of_the_key_and_no_others(store: PictureStore) -> None:
    for key in ("one", "two"):
        store.save(key, PHOTO, b"photo")
        store.save(key, OVERLAY, b"overlay")
    store.erase("one")
    store.erase("one")
    assert (store.load("one", PHOTO), store.load("one", OVERLAY)) == (None, None)
    assert (store.load("two", PHOTO), store.load("two", OVERLAY)) == (b"photo", b"overlay")


def test_the_frames_of_a_burst_come_back_in_order(store: PictureStore) -> None:
    for frame in range(3):
        store.save("key", photo_name(frame), bytes([frame]))
    assert store.load_photos("key") == [b"\x00", b"\x01", b"\x02"]
    assert store.load_photos("other") == []


def test_the_names_of_a_key_are_its_own(store: PictureStore) -> None:
    for key, name in (("one", "photo_0.jpg"), ("one", "face.jpg"), ("one_more", "overlay.jpg")):
        store.save(key, name, b"a picture")
    assert store.list_names("one") == ["face.jpg", "photo_0.jpg"]
    assert store.list_names("none") == []


def test_only_old_pictures_are_erased_by_age(store: PictureStore) -> None:
    store.save("key", PHOTO, b"photo")
    assert store.erase_older_than(datetime.now(UTC) - timedelta(minutes=1)) == 0
    assert store.erase_older_than(datetime.now(UTC) + timedelta(minutes=1)) == 1
    assert store.load("key", PHOTO) is None


def test_a_store_that_answers_passes_its_check(store: PictureStore) -> None:
    store.check()


def test_a_bucket_that_is_not_there_fails_the_check(s3_endpoint: str) -> None:
    store = build_s3_store(
        "s3://nowhere", endpoint=s3_endpoint, region="us-east-1", access_key_id="k", secret_access_key="s"
    )
    with pytest.raises(GenericError, match="NoSuchBucket"):
        store.check()


def test_the_folder_is_its_owners_alone_and_is_left_clean(tmp_path: Path) -> None:
    store = build_local_store(tmp_path / "pictures")
    assert stat.S_IMODE((tmp_path / "pictures").stat().st_mode) == 0o700
    store.save("key", PHOTO, b"photo")
    store.erase("key")
    assert list((tmp_path / "pictures").iterdir()) == []
