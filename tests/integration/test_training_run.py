"""`make train` from photos to files, on a handful of the shared faces; a real run takes hours."""

from pathlib import Path

import pandas as pd
import pytest

from skin.inference.cards import load_card
from skin.inference.classifier import SkinClassifier
from skin.training.assembly import WEIGHTS
from skin.training.loader import PHOTOS, TRAINING_SETS, load_ratings
from skin.training.painting_stage import Stage
from skin.training.train import START, Plan, train

FACES = 3


@pytest.fixture
def few_faces(shared_data: Path, tmp_path: Path) -> Path:
    """A folder like the shared one with the first faces of each training set."""
    folder = tmp_path / "data"
    (folder / "ratings").mkdir(parents=True)
    (folder / START).parent.mkdir()
    (folder / START).symlink_to(shared_data / START)
    for name in TRAINING_SETS:
        ratings = load_ratings(shared_data, name)
        chosen = sorted(ratings["id"].unique())[:FACES]
        pd.DataFrame(ratings[ratings["id"].isin(chosen)]).to_csv(folder / "ratings" / f"{name}.csv", index=False)
        (folder / PHOTOS[name]).mkdir()
        for photo in chosen:
            (folder / PHOTOS[name] / f"{photo}.jpg").symlink_to(shared_data / PHOTOS[name] / f"{photo}.jpg")
    return folder


@pytest.mark.timeout(1200)
def test_training_goes_from_photos_to_files_that_serving_reads_and_takes_up_what_was_done(
    few_faces: Path, tmp_path: Path
) -> None:
    stage = Stage(epochs=1, pairs_per_step=2, threads=1)
    plan = Plan(few_faces, tmp_path / "run", tmp_path / "tiny.v0", versions=2, folds=2, stage=stage)
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
