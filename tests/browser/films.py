"""What a person before a camera looks like, made of the astronaut's portrait, as Chromium's camera film."""

import io
from collections.abc import Iterable
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

SIZE_WH = (1280, 960)
FPS = 30  # what Chromium plays a film of JPEGs at
FACE_XY = (225, 124)  # the middle of the face in the portrait
CLOSE_WIDTH, FAR_WIDTH = 253, 420  # of the part of the portrait that fills the frame

Frame = NDArray[np.uint8]


def frame_at(place: float, *, stops: float = 0.0) -> Frame:
    """A camera frame: at 0 the person is too far and to the side, at 1 in place; darker by so many stops of light."""
    width = FAR_WIDTH + place * (CLOSE_WIDTH - FAR_WIDTH)
    height = width * SIZE_WH[1] / SIZE_WH[0]
    x, y = FACE_XY[0] + (1 - place) * 60 - width / 2, max(0.0, FACE_XY[1] - 0.48 * height)
    scale = SIZE_WH[0] / width
    matrix = np.array([[scale, 0, -x * scale], [0, scale, -y * scale]])
    frame = cv2.warpAffine(data.astronaut(), matrix, SIZE_WH, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(frame * 2.0 ** (-stops / 2.2), np.uint8)


def hopper(width_px: int = 460) -> Frame:
    """Grace Hopper in place: nothing of this portrait is to be bettered once its brightest spots are not burnt out."""
    path = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    portrait = np.asarray(Image.open(path).convert("RGB"))
    scale = width_px / 181  # its face is so wide, its middle at 264, 233
    matrix = np.array([[scale, 0, 640 - scale * 264], [0, scale, 500 - scale * 233]])
    frame = cv2.warpAffine(portrait, matrix, SIZE_WH, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(frame * 0.95, np.uint8)


def two_people() -> Frame:
    """Two faces side by side, both large."""
    width, height = SIZE_WH[0] // 2, SIZE_WH[1]
    portrait = data.astronaut()[0:270, 135:315]
    one = cv2.resize(portrait, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(np.hstack([one, one[:, ::-1]]))


def write_film(path: Path, frames: Iterable[tuple[Frame, float]]) -> Path:
    """Each frame for its seconds, over and over."""
    with path.open("wb") as film:
        for frame, seconds in frames:
            film.write(_encode(frame) * max(1, round(seconds * FPS)))
    return path


def write_arrival(path: Path) -> Path:
    """Somebody comes nearer and into the middle within three seconds, and stays for half a minute."""
    steps = [(frame_at(place), 0.1) for place in np.linspace(0, 1, 15)]
    return write_film(path, [(steps[0][0], 1.5), *steps, (frame_at(1), 30)])


def _encode(frame: Frame) -> bytes:
    """Chromium takes the full range of a JPEG for the narrow one of video, and would burn out what is bright."""
    narrow = np.asarray(16 + frame * (219 / 255), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(narrow).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()
