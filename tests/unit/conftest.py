"""Two public-domain portraits that dependencies ship, and the faces found in them."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray
from skimage import data

from skin.vision.images import decode
from skin.vision.landmarks import Face, MediaPipeLandmarker

# Time limits of single examples would fail tests on a busy machine.
settings.register_profile("unit", deadline=None, max_examples=50)
settings.load_profile("unit")


@pytest.fixture(scope="session")
def astronaut() -> NDArray[np.uint8]:
    return np.asarray(data.astronaut(), np.uint8)


@pytest.fixture(scope="session")
def hopper(grace_hopper_jpeg: bytes) -> NDArray[np.uint8]:
    return decode(grace_hopper_jpeg)


@pytest.fixture(scope="session")
def landmarker() -> Iterator[MediaPipeLandmarker]:
    made = MediaPipeLandmarker()
    yield made
    made.close()


@pytest.fixture(scope="session")
def astronaut_face(landmarker: MediaPipeLandmarker, astronaut: NDArray[np.uint8]) -> Face:
    return landmarker.detect(astronaut)[0]


@pytest.fixture(scope="session")
def hopper_face(landmarker: MediaPipeLandmarker, hopper: NDArray[np.uint8]) -> Face:
    return landmarker.detect(hopper)[0]
