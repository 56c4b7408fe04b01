"""Rated faces: photos aligned once, what their raters say, and folds that never split a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray
from PIL import Image, ImageOps

from skin.inference.pipeline import SCALES, load_light_scale
from skin.training.camera import Camera, capture
from skin.training.labels import Labels, load_ratings, mean_labels
from skin.training.makeup import make_up
from skin.vision.alignment import AlignedFace, align, build_zone_masks
from skin.vision.colour import skin_colour
from skin.vision.illuminant import LightScale, estimate_light, in_neutral_light
from skin.vision.landmarks import Face, Landmarker, MediaPipeLandmarker
from skin.vision.references import listen
from skin.vision.sharpness import align_at_one_sharpness

log = structlog.get_logger(__name__)

CROP_PX = 512
# One person in ten is kept out of painting, so that painted pairs can be judged on faces never painted before.
PAINT_FOLDS = 10
# Copies of each photo in other light (mired and EV at random), so that tone learns to be the same in each.
RELIT, RELIT_MIRED, RELIT_EV, RELIT_SEED = 3, (111.0, 286.0), (-1.0, 0.6), 9
# And by worse cameras: blur in px of the crop, scale and JPEG quality. There, a London photo (1350 px) shrunk to 640 px
# has a scale of .65, and one blurred by 1.5 px a blur of 1.1.
BLUR_PX, SCALE, JPEG_QUALITY, WORSE_SEED = (0.0, 1.5), (0.5, 1.0), (30, 95), 11
MAKEUP_SEED = 13
# And by an estimate of the light that is wrong, as one studio's can be for all its photos: SD in stops along exposure,
# warmth and tint. Half a stop is 17 degrees of ITA, as far as corrected ITA strays around that of its tone.
MISJUDGED_SD, MISJUDGED_SEED = (0.5, 0.3, 0.08), 19
PHOTOS = {"london": "london/neutral", "interfaces": "interfaces", "sfhq": "sfhq", "congress": "congress"}


class Change(StrEnum):
    """What a copy of a face differs in, beside the light it was taken in."""

    NONE = "none"
    CAMERA = "camera"
    MAKE_UP = "make_up"
    LIGHT_ESTIMATE = "light_estimate"


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """N faces: crops (N, 512, 512, 3) uint8, points (N, 478, 2) in crop px, and the set and person of each.

    `cameras` (N, C, 2) are kelvin and EV of the C times each photo is taken, the first as it was; `lights` (N, C, 3)
    what serving estimates of the light each time.
    """

    crops: NDArray[np.uint8]
    points: NDArray[np.float32]
    cameras: NDArray[np.float32]
    lights: NDArray[np.float32]
    ids: tuple[str, ...]
    sets: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)

    def first(self, count: int) -> "Faces":
        """The first of them, sharing their arrays."""
        return Faces(
            self.crops[:count], self.points[:count], self.cameras[:count], self.lights[:count],
            self.ids[:count], self.sets[:count],
        )  # fmt: skip

    def aligned(self, row: int) -> AlignedFace:
        """One face as alignment gave it; its matrix is the identity, since the photo is no longer at hand."""
        points = self.points[row]
        masks = build_zone_masks(points, (CROP_PX, CROP_PX))
        return AlignedFace(self.crops[row], np.eye(2, 3), points, masks)

    def neutral(self, row: int, copy: int = 0, change: Change = Change.NONE) -> AlignedFace:
        """One face as a network is shown it: taken a first or another time, and freed of its estimated light.

        A worse camera costs detail, make-up changes lips, brows and lids; the light is that which was estimated without
        them (a worse camera moves it by 0.5 degrees of ITA, make-up by 0.7), or a wrong one.
        """
        face = self.aligned(row)
        rgb, light = face.crop_rgb, self.lights[row, copy].astype(np.float64)
        if change == Change.MAKE_UP:
            rgb = make_up(rgb, face.points_crop, np.random.default_rng([MAKEUP_SEED, row, copy]))
        if copy:
            rgb = _relit(rgb, self.cameras[row, copy])
        if change == Change.CAMERA:
            rgb = capture(rgb, _worse_camera(row, copy), np.random.default_rng(0))
        if change == Change.LIGHT_ESTIMATE:
            light += np.random.default_rng([MISJUDGED_SEED, row, copy]).normal(0.0, MISJUDGED_SD)
        return in_neutral_light(replace(face, crop_rgb=rgb), light)


def load_faces(shared: Path, names: Sequence[str], cache: Path) -> Faces:
    """Rated photos of these sets, aligned; kept in `cache` so that landmarks are found once."""
    parts = [_load_set(shared, name, cache / f"{name}_steady.npz") for name in names]
    return Faces(
        np.concatenate([p.crops for p in parts]),
        np.concatenate([p.points for p in parts]),
        np.concatenate([p.cameras for p in parts]),
        np.concatenate([p.lights for p in parts]),
        tuple(i for p in parts for i in p.ids),
        tuple(s for p in parts for s in p.sets),
    )


def _load_set(shared: Path, name: str, cached: Path) -> Faces:
    if not cached.exists():
        cached.parent.mkdir(parents=True, exist_ok=True)
        _align_set(shared, name, cached)
    with np.load(cached) as stored:
        ids = tuple(str(i) for i in stored["ids"])
        crops, points, cameras, lights = (stored[field] for field in ("crops", "points", "cameras", "lights"))
        return Faces(crops, points, cameras, lights, ids, (name,) * len(ids))


def _align_set(shared: Path, name: str, cached: Path) -> None:
    landmarker, scale = MediaPipeLandmarker(max_faces=3), load_light_scale(SCALES / "light.yaml")
    crops, points, cameras, lights, ids = [], [], [], [], []
    for place, photo_id in enumerate(sorted(load_ratings(shared, name)["id"].unique())):
        with Image.open(shared / PHOTOS[name] / f"{photo_id}.jpg") as picture:
            rgb = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
        faces = landmarker.detect(rgb)
        if not faces:
            log.info("no_face", set=name, id=photo_id)
            continue
        aligned = align(rgb, faces[0], size_px=CROP_PX)
        crops.append(aligned.crop_rgb)
        points.append(aligned.points_crop)
        cameras.append(_random_cameras(place))
        lights.append([_light_of(_relit(rgb, camera), faces[0], landmarker, scale) for camera in cameras[-1]])
        ids.append(photo_id)
    landmarker.close()
    np.savez(
        cached, crops=np.stack(crops), points=np.stack(points), ids=np.array(ids),
        cameras=np.stack(cameras), lights=np.array(lights, np.float32),
    )  # fmt: skip


def _random_cameras(place: int) -> NDArray[np.float32]:
    """Kelvin and EV (1 + RELIT, 2), the first as the photo was taken."""
    rng = np.random.default_rng([RELIT_SEED, place])
    kelvin, stops = 1e6 / rng.uniform(*RELIT_MIRED, RELIT), rng.uniform(*RELIT_EV, RELIT)
    others = np.stack([kelvin, stops], axis=1)
    return np.asarray(np.concatenate([[[Camera().kelvin, 0.0]], others]), np.float32)


def _relit(rgb: NDArray[np.uint8], camera: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A picture taken with this camera; each of the 256 levels once, since light alone moves no pixel."""
    kelvin, stops = (float(one) for one in camera)
    levels = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    table = capture(levels, Camera(kelvin=kelvin, exposure_ev=stops, jpeg_quality=100), np.random.default_rng(0))[0]
    return np.stack([table[rgb[..., channel], channel] for channel in range(3)], axis=-1)


def _worse_camera(row: int, copy: int) -> Camera:
    """Fewer pixels, blur and JPEG, other ones for each copy."""
    rng = np.random.default_rng([WORSE_SEED, row, copy])
    blur, scale = float(rng.uniform(*BLUR_PX)), float(rng.uniform(*SCALE))
    return Camera(blur_px=blur, scale=scale, jpeg_quality=int(rng.integers(*JPEG_QUALITY)))


def _light_of(rgb: NDArray[np.uint8], face: Face, landmarker: Landmarker, scale: LightScale) -> NDArray[np.float64]:
    """The light (3,) that serving estimates of a photo; none if no skin can be read."""
    steady = align_at_one_sharpness(rgb, face, landmarker)
    colour = skin_colour(steady.crop_rgb, steady.zone_masks)
    return np.zeros(3) if colour is None else estimate_light(listen(rgb, steady, colour.linear), scale).mean


def load_labels(shared: Path, faces: Faces) -> Labels:
    """Labels in the order of `faces`."""
    tables = {name: load_ratings(shared, name) for name in dict.fromkeys(faces.sets)}
    parts: Mapping[str, Labels] = {
        name: mean_labels(table, [i for i, s in zip(faces.ids, faces.sets, strict=True) if s == name])
        for name, table in tables.items()
    }
    return Labels(*(np.concatenate([getattr(p, f) for p in parts.values()]) for f in Labels.__slots__))


def person_folds(faces: Faces, folds: int, seed: int) -> NDArray[np.int64]:
    """Fold (N,) of each face; a person's photos share a fold, sets are spread evenly."""
    rng = np.random.default_rng(seed)
    fold_of: dict[tuple[str, str], int] = {}
    for name in dict.fromkeys(faces.sets):
        people = sorted({i for i, s in zip(faces.ids, faces.sets, strict=True) if s == name})
        for place, person in enumerate(rng.permutation(people)):
            fold_of[name, str(person)] = place % folds
    return np.array([fold_of[s, i] for i, s in zip(faces.ids, faces.sets, strict=True)])
