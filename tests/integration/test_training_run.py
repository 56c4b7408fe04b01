"""`make train` from photos to files, on six made-up people and one epoch; a real run takes hours."""

from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
import timm
import torch
from PIL import Image, ImageOps
from skimage import data

from skin.inference.cards import load_card
from skin.inference.classifier import SkinClassifier
from skin.training.assembly import WEIGHTS
from skin.training.camera import Camera, capture
from skin.training.labels import GRADED, HOME, TYPES
from skin.training.loader import PHOTOS
from skin.training.painting_stage import Stage
from skin.training.start import build_start
from skin.training.train import START, Plan, train
from tests.integration.lite import quantise

OWN = "own_ratings"
RATERS = {"interfaces": ("A", "B"), "sfhq": ("C",)}
# Each portrait is three people: as it is, and mirrored in two other lights.
CAMERAS = (None, Camera(kelvin=4300, exposure_ev=-0.4, tint=0.03), Camera(kelvin=8500, exposure_ev=0.3, blur_px=0.8))


@pytest.fixture(scope="module")
def untaught() -> torch.nn.Module:
    torch.manual_seed(0)
    return timm.create_model("mobilenetv2_100", num_classes=1001, pad_type="same")


@pytest.fixture(scope="module")
def rated_faces(untaught: torch.nn.Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like that of the rated sets, made of the public-domain portraits that dependencies ship."""
    folder = tmp_path_factory.mktemp("data")
    (folder / START).parent.mkdir()
    (folder / START).write_bytes(quantise([one.detach().numpy() for one in convolutions(untaught)]))
    (folder / "ratings").mkdir()
    hopper = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    portraits = {"interfaces": Image.fromarray(data.astronaut()), "sfhq": Image.open(hopper)}
    rng = np.random.default_rng(3)
    for name, portrait in portraits.items():
        (folder / PHOTOS[name]).mkdir()
        for number, camera in enumerate(CAMERAS):
            rgb = np.asarray(ImageOps.mirror(portrait) if camera else portrait, np.uint8)
            photo = Image.fromarray(capture(rgb, camera, rng) if camera else rgb)
            photo.save(folder / PHOTOS[name] / f"{number:03d}.jpg", quality=92)
        lines = [rating(rng, rater, number) for number in range(len(CAMERAS)) for rater in RATERS[name]]
        pd.DataFrame(lines).to_csv(folder / "ratings" / f"{name}.csv", index=False)
    (folder / PHOTOS["congress"]).mkdir()
    (folder / OWN).mkdir()
    tones = {HOME: [tone("001", 4)], "congress": [tone(f"X{number}", 3) for number in range(len(portraits))]}
    for name, lines in tones.items():
        pd.DataFrame(lines).to_csv(folder / OWN / f"{name}.csv", index=False)
    for number, portrait in enumerate(portraits.values()):
        portrait.convert("RGB").reduce(2).save(folder / PHOTOS["congress"] / f"X{number}.jpg", quality=92)
    return folder


def convolutions(model: torch.nn.Module) -> list[torch.Tensor]:
    """Weights (out, in or 1, h, w) in running order, the classifier's as a convolution of one pixel."""
    found = [part.weight for part in model.modules() if isinstance(part, torch.nn.Conv2d | torch.nn.Linear)]
    return [one.reshape(*one.shape, *(1,) * (4 - one.ndim)) for one in found]


def tone(photo: str, monk: int) -> dict[str, object]:
    """One line of the project's own ratings; the columns that tones are read from."""
    return {"rater": "G", "id": photo, "monk": monk, "monk_alt": monk, "sure": 2}


def rating(rng: np.random.Generator, rater: str, number: int) -> dict[str, object]:
    """One line of a rated set; the rubric's columns that training reads."""
    monk = 3 + 2 * number
    grades = {concern.value: int(rng.integers(4)) for concern in GRADED}
    told = {"monk": monk, "monk_alt": monk + 1, "skin_type": TYPES[int(rng.integers(4))].value}
    return {"rater": rater, "id": f"{number:03d}", **told, **grades, "sure": int(rng.integers(1, 4))}


def test_the_quantised_start_is_read_as_it_was_written(rated_faces: Path, untaught: torch.nn.Module) -> None:
    read, written = convolutions(build_start(rated_faces / START)), convolutions(untaught)
    assert len(read) == len(written)
    for one, other in zip(read, written, strict=True):
        assert (one - other).abs().max() <= other.abs().max() / 127 / 1.99


@pytest.mark.timeout(1200)
def test_training_goes_from_photos_to_files_that_serving_reads_and_takes_up_what_was_done(
    rated_faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skin.training.labels.OWN_RATINGS", rated_faces / OWN)
    stage = Stage(epochs=1, pairs_per_step=2, threads=1)
    plan = Plan(rated_faces, tmp_path / "run", tmp_path / "tiny.v0", versions=2, folds=2, stage=stage)
    assert train(plan) == plan.out
    SkinClassifier.from_folder(plan.out).load()
    card = load_card(plan.out)
    assert card.light == "neutral"
    assert not any(head.validated for head in card.heads.values())
    assert (plan.out / WEIGHTS).stat().st_size < 20e6

    painted = (tmp_path / "run" / "painting.pt").stat().st_mtime_ns
    first = (plan.out / WEIGHTS).read_bytes()
    train(plan)
    assert (tmp_path / "run" / "painting.pt").stat().st_mtime_ns == painted
    assert (plan.out / WEIGHTS).read_bytes() == first
