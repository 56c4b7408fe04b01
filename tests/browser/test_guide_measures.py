"""What the guide measures in the browser is what the gate measures on the server, on the same pictures."""

import base64
import io
from collections.abc import Iterator
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page
from skimage import data

from skin.core.findings import Outcome
from skin.ui.guidance import load_guidance
from skin.vision.alignment import align
from skin.vision.landmarks import MediaPipeLandmarker, _build_mesh, _points
from skin.vision.quality import LIMITS, judge_quality
from tests.browser import films
from tests.browser.conftest import Open
from tests.browser.films import Frame

LOOK = """async ([base, pictures]) => {
    const worker = new Worker(base + "worker.js");
    const ask = (message, moved = []) => new Promise((done, failed) => {
        worker.onmessage = ({ data }) => (data.trouble ? failed(new Error(data.trouble)) : done(data));
        worker.postMessage(message, moved);
    });
    const { rules } = await ask({});
    const { judge } = await import(base + "judge.js");
    const { createShrink } = await import(base + "guide.js");
    const shrink = createShrink();
    const seen = [];
    for (const picture of pictures) {
        const image = new Image();
        image.src = picture;
        await image.decode();
        const frame = shrink(image, image.naturalWidth, image.naturalHeight);
        const look = await ask({ frame, width: image.naturalWidth }, [frame]);
        const [face] = look.faces;
        const oval = face && { // around the face, so that only the gate's own limits decide
            x: (face.box[0] + face.box[2]) / 2,
            y: (face.box[1] + face.box[3]) / 2 - rules.oval.lower * face.width_px, width: face.width_px,
        };
        seen.push({ ...look, checks: face ? judge(look, oval, rules) : [] });
    }
    worker.terminate();
    return seen;
}"""
LANDMARKS = """async ([base, picture]) => {
    const { FaceLandmarker } = await import(base + "vision_bundle.mjs");
    const finder = await FaceLandmarker.createFromOptions(
        { wasmLoaderPath: base + "vision_wasm_internal.js", wasmBinaryPath: base + "vision_wasm_internal.wasm" },
        { baseOptions: { modelAssetPath: base + "face.task", delegate: "CPU" }, runningMode: "IMAGE", numFaces: 1 },
    );
    const image = new Image();
    image.src = picture;
    await image.decode();
    const [points] = finder.detect(image).faceLandmarks;
    finder.close();
    return points.slice(0, 468).map(({ x, y, z }) => [x, y, z]);
}"""
PERCENTILES = """async ([base, lists, shares]) => {
    const { percentile } = await import(base + "measure.js");
    return lists.map((list) => shares.map((share) => percentile(Float32Array.from(list), share)));
}"""
# How far the two may differ: the browser works on a smaller frame, with the plain mesh and another way to shrink.
TOLERANCES = {
    "yaw_deg": 3.5, "pitch_deg": 5.0, "roll_deg": 1.5, "frame_margin_share": 0.04, "brightest_lightness": 2.0,
    "lost_in_dark_share": 0.02, "burnt_out_share": 0.05, "clipped_share": 0.06, "light_difference_stops": 0.1,
    "eyes_covered_share": 0.08, "forehead_covered_share": 0.08, "blur_px": 0.6,
}  # fmt: skip


def change(frame: Frame, *, stops: float = 0, blur: float = 0, side: float = 0) -> Frame:
    """Other light, focus, or a lamp at one side."""
    changed = frame.astype(np.float32) * 2.0 ** (stops / 2.2)
    if side:
        changed *= np.linspace(1, 2.0 ** (-side / 2.2), frame.shape[1], dtype=np.float32)[None, :, None]
    changed = np.clip(changed, 0, 255).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(changed, (0, 0), blur) if blur else changed, np.uint8)


@cache
def pictures() -> dict[str, Frame]:
    astronaut, hopper = films.frame_at(1), films.hopper()
    made = {"astronaut": astronaut, "far": films.frame_at(0), "hopper": hopper}
    made |= {f"{stops:+} EV": change(astronaut, stops=stops) for stops in (-6, -4, -2.5, -1, 0.5, 1, 2)}
    made |= {f"blur {blur}": change(hopper, blur=blur) for blur in (2, 4, 6, 8, 12)}
    made |= {f"side {side}": change(hopper, side=side) for side in (1, 2, 4)}
    made["turned"] = np.asarray(cv2.warpAffine(hopper, cv2.getRotationMatrix2D((640, 500), 14, 1), films.SIZE_WH))
    made["cut"] = np.ascontiguousarray(astronaut[200:])
    return made


def as_url(frame: Frame) -> str:
    buffer = io.BytesIO()
    Image.fromarray(frame).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


@pytest.fixture
def page(open_visit: Open) -> Page:
    visit = open_visit()
    visit.enter_as_guest()
    return visit.page


@pytest.fixture(scope="module")
def landmarker() -> Iterator[MediaPipeLandmarker]:
    landmarker = MediaPipeLandmarker()
    yield landmarker
    landmarker.close()


def judge_here(landmarker: MediaPipeLandmarker, frame: Frame) -> dict[str, Any]:
    (face, *_) = landmarker.detect(frame)
    return {check.name: check for check in judge_quality(frame, face, align(frame, face))}


def test_the_bundle_finds_the_landmarks_that_the_server_finds(page: Page, landmarker: MediaPipeLandmarker) -> None:
    rgb = data.astronaut()
    base = load_guidance().address
    found = np.array(page.evaluate(LANDMARKS, [page.url.rstrip("/") + base, as_url(rgb)])) * 512
    mesh = _build_mesh(max_faces=1, attention=False)
    (plain,) = _points(mesh, rgb)
    mesh.close()
    np.testing.assert_allclose(found, plain, atol=0.05)
    (face,) = landmarker.detect(rgb)
    eyes = np.linalg.norm(face.points_px[33, :2] - face.points_px[263, :2])
    apart = np.linalg.norm(found[:, :2] - face.points_px[:468, :2], axis=1)
    assert np.median(apart) < 0.03 * eyes
    assert apart.max() < 0.06 * eyes


def test_percentiles_are_those_of_numpy(page: Page) -> None:
    chance = np.random.default_rng(7)
    lists = [
        [5.0],
        [2.0, 1.0],
        [3.0] * 9,
        *(chance.integers(0, top, size) * 1.0 for top in (2, 255) for size in (7, 4000)),
    ]
    shares = [0, 0.02, 0.5, 0.98, 0.99, 1]
    found = page.evaluate(
        PERCENTILES, [page.url.rstrip("/") + load_guidance().address, [list(one) for one in lists], shares]
    )
    np.testing.assert_allclose(found, [np.quantile(one, shares) for one in lists], atol=1e-4)


def test_the_guide_measures_what_the_gate_measures(page: Page, landmarker: MediaPipeLandmarker) -> None:
    base = page.url.rstrip("/") + load_guidance().address
    seen = page.evaluate(LOOK, [base, [as_url(frame) for frame in pictures().values()]])
    wrong, greens = [], 0
    for (name, frame), look in zip(pictures().items(), seen, strict=True):
        if not look["faces"]:
            continue
        checks = judge_here(landmarker, frame)
        assert look["faces"][0]["width_px"] == pytest.approx(checks["face_width_px"].value, rel=0.04), name
        for limit, tolerance in TOLERANCES.items():
            here, there = checks[limit].value, look["values"][limit]
            if here != pytest.approx(there, abs=tolerance):
                wrong.append(f"{name}: {limit} is {here:.3f}, in the browser {there:.3f}")
        if all(check["good"] or not check["required"] for check in look["checks"]):
            greens += 1
            assert Outcome.REJECT not in {check.outcome for check in checks.values()}, name
    assert not wrong, "\n".join(wrong)
    assert 5 <= greens < len(seen) - 5
    assert sum(bool(look["faces"]) for look in seen) >= len(seen) - 2


def test_every_limit_that_refuses_is_held_by_a_check_of_the_guide() -> None:
    """The rest of the list cannot fail where these hold: the face lies inside the picture and fills the oval."""
    from skin.ui.guidance import CHECKS

    held = {name for limits in CHECKS.values() for name in limits}
    refusing = {limit.name for limit in LIMITS if limit.code is not None}
    assert refusing - held == {"outside_frame_share", "face_width_px", "frame_margin_share"}
