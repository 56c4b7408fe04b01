"""Face zones, named from the person's own left and right, as corners on the MediaPipe face mesh."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Zone(StrEnum):
    """A region of facial skin that a finding can point to."""

    FOREHEAD = "forehead"
    GLABELLA = "glabella"
    PERIORBITAL_LEFT = "periorbital_left"
    PERIORBITAL_RIGHT = "periorbital_right"
    NOSE = "nose"
    CHEEK_LEFT = "cheek_left"
    CHEEK_RIGHT = "cheek_right"
    PERIORAL = "perioral"
    CHIN = "chin"


ZONE_NAMES: Mapping[Zone, str] = {
    Zone.FOREHEAD: "forehead",
    Zone.GLABELLA: "between the brows",
    Zone.PERIORBITAL_LEFT: "below the left eye",
    Zone.PERIORBITAL_RIGHT: "below the right eye",
    Zone.NOSE: "nose",
    Zone.CHEEK_LEFT: "left cheek",
    Zone.CHEEK_RIGHT: "right cheek",
    Zone.PERIORAL: "around the mouth",
    Zone.CHIN: "chin",
}


class Corner(NamedTuple):
    """A point on the mesh: `share` of the way from landmark `start` to landmark `end`."""

    start: int
    end: int
    share: float


Polygon = tuple[Corner, ...]


def _polygon(*corners: int | tuple[int, int, float]) -> Polygon:
    return tuple(Corner(c, c, 0.0) if isinstance(c, int) else Corner(*c) for c in corners)


# Indices of the 468-point mesh (Kartynnik 2019, arXiv 1907.06724), chosen on drawn meshes of real faces.
# The mesh ends below the hairline; the forehead ends with it, because nothing above it can be placed reliably.
ZONE_POLYGONS: Mapping[Zone, Polygon] = {
    Zone.FOREHEAD: _polygon(
        (103, 104, 0.25),
        (67, 69, 0.1),
        109,
        10,
        338,
        (297, 299, 0.1),
        (332, 333, 0.25),
        (284, 298, 0.7),
        (293, 333, 0.35),
        (334, 333, 0.35),
        (296, 299, 0.3),
        (336, 337, 0.2),
        (9, 151, 0.25),
        (107, 108, 0.2),
        (66, 69, 0.3),
        (105, 104, 0.35),
        (63, 104, 0.35),
        (54, 68, 0.7),
    ),
    Zone.GLABELLA: _polygon((107, 108, 0.12), (9, 151, 0.17), (336, 337, 0.12), 285, 417, 168, 193, 55),
    Zone.PERIORBITAL_LEFT: _polygon(
        383,
        372,
        340,
        346,
        347,
        348,
        349,
        350,
        357,
        464,
        341,
        256,
        252,
        253,
        254,
        339,
        255,
        446,
        342,
        353,
    ),
    Zone.PERIORBITAL_RIGHT: _polygon(
        156,
        143,
        111,
        117,
        118,
        119,
        120,
        121,
        128,
        244,
        112,
        26,
        22,
        23,
        24,
        110,
        25,
        226,
        113,
        124,
    ),
    Zone.NOSE: _polygon(
        168,
        417,
        465,
        412,
        343,
        437,
        355,
        429,
        279,
        358,
        294,
        327,
        326,
        2,
        97,
        98,
        64,
        129,
        49,
        209,
        126,
        217,
        114,
        188,
        245,
        193,
    ),
    Zone.CHEEK_LEFT: _polygon(346, 352, 376, 433, 416, 436, 426, 423, 371, 329, (348, 330, 0.35), (347, 280, 0.25)),
    Zone.CHEEK_RIGHT: _polygon(117, 123, 147, 213, 192, 216, 206, 203, 142, 100, (119, 101, 0.35), (118, 50, 0.25)),
    Zone.PERIORAL: _polygon(
        2,
        97,
        98,
        165,
        92,
        186,
        57,
        43,
        106,
        182,
        83,
        18,
        313,
        406,
        335,
        273,
        287,
        410,
        322,
        391,
        327,
        326,
    ),
    Zone.CHIN: _polygon(
        (18, 200, 0.1),
        (83, 201, 0.1),
        182,
        204,
        32,
        140,
        171,
        175,
        396,
        369,
        262,
        424,
        406,
        (313, 421, 0.1),
    ),
}

FACE_OVAL = _polygon(
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip


class Feature(StrEnum):
    """A part of the face that is not skin, or whose colour is not the skin's."""

    EYE_LEFT = "eye_left"
    EYE_RIGHT = "eye_right"
    BROW_LEFT = "brow_left"
    BROW_RIGHT = "brow_right"
    LIPS = "lips"
    NOSTRIL_LEFT = "nostril_left"
    NOSTRIL_RIGHT = "nostril_right"


FEATURE_POLYGONS: Mapping[Feature, Polygon] = {
    Feature.EYE_LEFT: _polygon(359, 255, 339, 254, 253, 252, 256, 341, 463, 414, 286, 258, 257, 259, 260, 467),
    Feature.EYE_RIGHT: _polygon(130, 25, 110, 24, 23, 22, 26, 112, 243, 190, 56, 28, 27, 29, 30, 247),
    Feature.BROW_LEFT: _polygon(300, 293, 334, 296, 336, 285, 295, 282, 283, 276),
    Feature.BROW_RIGHT: _polygon(70, 63, 105, 66, 107, 55, 65, 52, 53, 46),
    Feature.LIPS: _polygon(61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185),
    Feature.NOSTRIL_LEFT: _polygon(309, 392, 289, 305, 460, 462, 250, 458),
    Feature.NOSTRIL_RIGHT: _polygon(79, 166, 59, 75, 240, 242, 20, 238),
}

# How far a feature reaches beyond its landmarks (lashes, hairs, liner), in shares of the distance between the eyes.
FEATURE_MARGINS: Mapping[Feature, float] = {
    Feature.EYE_LEFT: 0.03,
    Feature.EYE_RIGHT: 0.03,
    Feature.BROW_LEFT: 0.06,
    Feature.BROW_RIGHT: 0.06,
    Feature.LIPS: 0.04,
    Feature.NOSTRIL_LEFT: 0.02,
    Feature.NOSTRIL_RIGHT: 0.02,
}

# Outer and inner corner of each eye.
EYE_CORNERS_LEFT = (263, 362)
EYE_CORNERS_RIGHT = (33, 133)
