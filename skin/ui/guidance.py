"""What the guide of the camera runs on: the gate's own limits and geometry, our scripts and the web runtime."""

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isinf
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from skin.core.concerns import OPEN_SKIN
from skin.core.zones import (
    EYE_CORNERS_LEFT,
    EYE_CORNERS_RIGHT,
    FACE_OVAL,
    FEATURE_MARGINS,
    FEATURE_POLYGONS,
    ZONE_POLYGONS,
    Zone,
)
from skin.errors import Code, error
from skin.ui.render import ASSETS
from skin.vision import coverage, quality, sharpness
from skin.vision.alignment import FRAME
from skin.vision.colour import CLIPPED_AT, LOST_AT
from skin.vision.landmarks import WIDTH_ENDS

# What is shown, in the order of importance, and the limits of the gate that each stands for. Face, distance and
# centre are judged by the oval too.
CHECKS: Mapping[str, tuple[str, ...]] = {
    "face": (),
    "distance": (),
    "centre": (),
    "angle": ("yaw_deg", "pitch_deg", "roll_deg"),
    "light": ("brightest_lightness", "lost_in_dark_share", "burnt_out_share", "clipped_share"),
    "sharpness": ("blur_px",),
    "evenness": ("light_difference_stops",),
    "cover": ("eyes_covered_share", "forehead_covered_share"),
}
HOLD_MS = 800
PATIENCE_MS = 4000  # with what the gate never refuses for, such as a fringe or a headscarf
# The face in shares of the oval's width: its least, good enough if that gives the pixels wanted, and greatest width;
# how far below the oval's centre its own lies, hair being above the mesh; and how far from there it may stray.
OVAL = {"least": 0.8, "enough": 1.0, "most": 1.12, "lower": 0.05, "stray": 0.14}

IMMUTABLE = "public, max-age=31536000, immutable"
_SCRIPTS = ("guide.js", "judge.js", "measure.js", "worker.js")
_RUNTIME = ("vision_bundle.mjs", "vision_wasm_internal.js", "vision_wasm_internal.wasm.gz", "face.task")
_TYPES = {
    "js": "text/javascript",
    "mjs": "text/javascript",
    "json": "application/json",
    "wasm": "application/wasm",
    "task": "application/octet-stream",
}


@dataclass(frozen=True, slots=True)
class Guidance:
    """The files of the guide by name, gzipped, under an address that changes with them."""

    files: Mapping[str, bytes]

    @property
    def version(self) -> str:
        return hashlib.sha256(b"".join(self.files[name] for name in sorted(self.files))).hexdigest()[:16]

    @property
    def address(self) -> str:
        return f"/guide/{self.version}/"


def load_guidance() -> Guidance:
    """Our scripts, the rules and the runtime from the assets."""
    files = {name: (ASSETS / "guide" / name).read_bytes() for name in _SCRIPTS}
    files["rules.json"] = json.dumps(build_rules()).encode()
    packed = {name: gzip.compress(content, mtime=0) for name, content in files.items()}
    for name in _RUNTIME:
        content = (ASSETS / "runtime" / name).read_bytes()
        packed[name.removesuffix(".gz")] = content if name.endswith(".gz") else gzip.compress(content, mtime=0)
    return Guidance(packed)


def build_guide_routes(guidance: Guidance) -> APIRouter:
    """The files, for anybody: they are the same for all and say nothing of anyone."""
    router = APIRouter()
    version = guidance.version

    @router.get("/guide/{asked}/{name}", include_in_schema=False)
    def send(asked: str, name: str, request: Request) -> Response:
        if asked != version or name not in guidance.files:
            raise error(Code.ROUTE_NOT_FOUND)
        content, headers = guidance.files[name], {"Cache-Control": IMMUTABLE, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
        else:
            content = gzip.decompress(content)
        return Response(content, media_type=_TYPES[name.rsplit(".", 1)[1]], headers=headers)

    return router


def build_rules() -> dict[str, Any]:
    """Every number that measures, judges or times in the browser, as JSON; none of them stands in a script."""
    return {
        "checks": [{"name": name, "limits": limits} for name, limits in CHECKS.items()],
        "limits": {
            limit.name: {"good": _ends(limit.good), "usable": _ends(limit.usable), "refuses": limit.code is not None}
            for limit in quality.LIMITS
        },
        "oval": OVAL,
        "hold_ms": HOLD_MS,
        "patience_ms": PATIENCE_MS,
        "second_face_share": quality.SECOND_FACE_SHARE,
        **_geometry(),
        "lost_at": LOST_AT,
        "clipped_at": CLIPPED_AT,
        "burnt_at": quality.BURNT_OUT_AT,
        "upright_edges": sharpness.UPRIGHT_EDGES,
        "cover": {
            "skin": coverage.SKIN,
            "eyes": coverage.AROUND_EYES,
            "forehead": [Zone.FOREHEAD],
            "darker": coverage.DARKER,
            "warmth": coverage.WARMTH,
            "tint": coverage.TINT,
            "fewest_px": coverage.FEWEST_PX,
        },
    }


def _geometry() -> dict[str, Any]:
    return {
        "face_sides": WIDTH_ENDS,
        "eye_corners_left": EYE_CORNERS_LEFT,
        "eye_corners_right": EYE_CORNERS_RIGHT,
        "left_side": quality.LEFT_SIDE,
        "right_side": quality.RIGHT_SIDE,
        "top": quality.TOP,
        "bottom": quality.BOTTOM,
        "detailed": sharpness.DETAILED,
        "eyes_centre": FRAME.eyes_centre,
        "eyes_distance": FRAME.eyes_distance,
        "sharpness_eyes_px": sharpness.SHARPNESS_EYES_PX,
        "face_oval": FACE_OVAL,
        "features": [
            {"outline": outline, "margin": FEATURE_MARGINS[feature]} for feature, outline in FEATURE_POLYGONS.items()
        ],
        "zones": [{"name": zone, "outline": outline} for zone, outline in ZONE_POLYGONS.items()],
        "open_skin": OPEN_SKIN,
        "cheeks": (Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT),
    }


def _ends(ends: quality.Range) -> list[float | None]:
    return [None if isinf(end) else end for end in ends]
