"""A bank of painted faces on disk, each base face several times: what the network learns maps and order from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import structlog
from numpy.typing import NDArray

from skin.core.concerns import Concern
from skin.training.camera import capture, random_camera
from skin.training.labels import GRADED
from skin.training.loader import Faces
from skin.training.synthesis import Painted, paint

log = structlog.get_logger(__name__)

TAUGHT_PX = 384
MAP_PX = 96
PAINTED_SHARE = 0.35
RETONED_SHARE = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """`rgb` (N, V, 384, 384, 3) uint8, `masks` (N, V, 10, 96, 96) uint8 shares of 255, `severities` (N, V, 10),
    `monk` (N, V), 0 where the tone was left alone; all painted of N base faces in V versions. `done` counts faces."""

    rgb: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    severities: NDArray[np.float32]
    monk: NDArray[np.float32]


def open_bank(folder: Path, shape: tuple[int, int], mode: str = "r+") -> Bank:
    """The bank's memory-mapped files for (faces, versions); mode `w+` makes them."""

    def array(name: str, kind: type, *rest: int) -> Any:
        open_memmap: Any = np.lib.format.open_memmap
        return open_memmap(folder / f"{name}.npy", mode=mode, dtype=kind, shape=(*shape, *rest))[:, : shape[1]]

    return Bank(
        rgb=array("rgb", np.uint8, TAUGHT_PX, TAUGHT_PX, 3),
        masks=array("masks", np.uint8, len(GRADED), MAP_PX, MAP_PX),
        severities=array("severities", np.float32, len(GRADED)),
        monk=array("monk", np.float32),
    )


def fill_bank(folder: Path, faces: Faces, monk: NDArray[np.float32], *, versions: int, seed: int) -> Bank:
    """Paint every face `versions` times, version by version; takes up where an earlier call stopped."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = not (folder / "done.txt").exists()
    bank = open_bank(folder, (len(faces), versions), "w+" if fresh else "r+")
    start = 0 if fresh else int((folder / "done.txt").read_text())
    for number in range(start, versions * len(faces)):
        version, face = divmod(number, len(faces))
        _paint_into(bank, faces, (face, version), monk=float(monk[face]), seed=seed)
        if number % 50 == 49:
            (folder / "done.txt").write_text(str(number + 1))
            log.info("painted", done=number + 1, of=versions * len(faces))
    (folder / "done.txt").write_text(str(versions * len(faces)))
    return bank


def _paint_into(bank: Bank, faces: Faces, place: tuple[int, int], *, monk: float, seed: int) -> None:
    rng = np.random.default_rng([seed, *place])
    severities = random_severities(rng)
    tone = int(np.clip(round(monk) + rng.integers(-3, 4), 1, 10)) if rng.random() < RETONED_SHARE else None
    painted = paint(faces.aligned(place[0]), severities, seed=int(rng.integers(2**31)), monk=tone)
    small = cv2.resize(painted.rgb, (TAUGHT_PX, TAUGHT_PX), interpolation=cv2.INTER_AREA)
    bank.rgb[place] = capture(np.asarray(small, np.uint8), random_camera(rng), rng)
    bank.masks[place] = small_masks(painted)
    bank.severities[place] = [painted.severities.get(c, 0.0) for c in GRADED]
    bank.monk[place] = tone or 0


def random_severities(rng: np.random.Generator) -> Mapping[Concern, float]:
    """About a third of the concerns, each at any severity."""
    return {c: float(rng.uniform(0.3, 3.0)) for c in GRADED if rng.random() < PAINTED_SHARE}


def small_masks(painted: Painted) -> NDArray[np.uint8]:
    """Masks (10, 96, 96) in shares of 255 of each cell that is painted."""
    masks = np.zeros((len(GRADED), MAP_PX, MAP_PX), np.uint8)
    for number, concern in enumerate(GRADED):
        if concern in painted.masks:
            full = painted.masks[concern].astype(np.float32) * 255
            masks[number] = cv2.resize(full, (MAP_PX, MAP_PX), interpolation=cv2.INTER_AREA)
    return masks
