"""Twenty different people at once: every result is its own picture's, though MediaPipe is not thread-safe."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from PIL import Image, ImageEnhance
from skimage import data

from skin.bootstrap import build_examiner
from skin.scans.store import photo_name
from tests.conftest import LiveServer, StartServer, encode_png, wait_until_finished
from tests.integration.test_rest import init_and_upload


@pytest.fixture(scope="module")
def server(start_server: StartServer) -> LiveServer:
    return start_server(build_examiner, worker_concurrency=4)


def portraits(grace_hopper_jpeg: bytes) -> list[bytes]:
    """Twenty pictures of two people, each with a face box and a tone of its own."""
    astronaut = Image.fromarray(data.astronaut()).crop((110, 0, 350, 300)).resize((480, 600), Image.Resampling.LANCZOS)
    people = [astronaut, Image.open(io.BytesIO(grace_hopper_jpeg)).convert("RGB").resize((480, 570))]
    made = []
    for index in range(20):
        canvas = Image.new("RGB", (560, 680), (90, 90, 90))
        darker = ImageEnhance.Brightness(people[index % 2]).enhance(1 - 0.01 * index)
        canvas.paste(darker, (4 * index, 3 * index))
        made.append(encode_png(canvas))
    return made


def essence(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name not in ("scan_id", "created_at")}


def run_all(server: LiveServer, photos: list[bytes], run: Callable[[LiveServer, bytes], dict[str, Any]]) -> list[Any]:
    with ThreadPoolExecutor(20) as pool:
        return list(pool.map(lambda photo: run(server, photo), photos))


def scan_as_a_new_person(server: LiveServer, photo: bytes) -> dict[str, Any]:
    client = server.sign_up()
    scan_id = init_and_upload(client, photo)
    assert wait_until_finished(client, scan_id, timeout_s=120)["status"] == "completed"
    return essence(client.get(f"/api/scan/{scan_id}/results").json())


def test_twenty_people_at_once_get_what_they_get_alone(server: LiveServer, grace_hopper_jpeg: bytes) -> None:
    photos = portraits(grace_hopper_jpeg)
    alone = [scan_as_a_new_person(server, photo) for photo in photos]
    boxes = {tuple(result["face_box_xyxy_norm"]) for result in alone}
    assert len(boxes) == 20, "the pictures must be told apart by their results"
    assert run_all(server, photos, scan_as_a_new_person) == alone


def test_each_stored_photo_is_without_metadata(server: LiveServer, astronaut_jpeg: bytes) -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    buffer = io.BytesIO()
    Image.open(io.BytesIO(astronaut_jpeg)).save(buffer, "JPEG", exif=exif, quality=95)
    assert b"where I live" in buffer.getvalue()
    scan_as_a_new_person(server, buffer.getvalue())
    for stored in (server.settings.home / "pictures").rglob(photo_name(0)):
        assert b"where I live" not in stored.read_bytes()
        with Image.open(stored) as picture:
            assert not picture.getexif()
