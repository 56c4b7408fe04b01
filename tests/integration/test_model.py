"""The shipped network: its card, its files, and that torch and the serving runtime say the same."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from skin.bootstrap import find_model_folder
from skin.core.concerns import ZONES_OF, Concern, Severity
from skin.inference.cards import load_card, read_weights
from skin.inference.classifier import Prediction, SkinClassifier
from skin.inference.inputs import FEATURES, MAP_PX, POOLS, areas_input, build_inputs
from skin.training.assembly import LARGEST_DIFFERENCE, OUTPUTS, WEIGHTS, Served, largest_difference, load_model
from skin.training.fitting import MONK, TARGETS, tone_balance, tone_columns, tone_ridge, tone_widths
from skin.training.heads import Heads, SkinModel, calibrate, chances
from skin.training.labels import Labels
from skin.training.losses import map_loss, overlap_loss, pair_loss
from skin.training.ridge import Differences, Lessons, fit_ridge
from skin.vision.alignment import AlignedFace, align
from skin.vision.images import decode
from skin.vision.landmarks import MediaPipeLandmarker


@pytest.fixture(scope="module")
def folder() -> Path:
    found = find_model_folder()
    assert found is not None, "no model ships"
    return found


@pytest.fixture(scope="module")
def shipped(folder: Path) -> SkinModel:
    return load_model(folder)


@pytest.fixture(scope="module")
def faces(astronaut_png: bytes, grace_hopper_jpeg: bytes) -> Iterator[list[AlignedFace]]:
    landmarker = MediaPipeLandmarker()
    photos = [decode(photo) for photo in (astronaut_png, grace_hopper_jpeg)]
    yield [align(rgb, landmarker.detect(rgb)[0]) for rgb in photos]
    landmarker.close()


@pytest.fixture(scope="module")
def predictions(folder: Path, faces: list[AlignedFace]) -> list[Prediction]:
    classifier = SkinClassifier.from_folder(folder)
    return [classifier.predict(face) for face in faces]


def test_every_file_of_the_model_is_small_and_the_card_names_the_weights_it_speaks_of(folder: Path) -> None:
    assert all(file.stat().st_size < 20e6 for file in folder.iterdir())
    card = load_card(folder)
    assert hashlib.sha256((folder / card.file).read_bytes()).hexdigest() == card.sha256
    assert f"{card.name}.{card.tag}" == folder.name


def test_weights_that_were_changed_are_refused(folder: Path, tmp_path: Path) -> None:
    card = load_card(folder)
    (tmp_path / card.file).write_bytes((folder / card.file).read_bytes() + b"x")
    with pytest.raises(ValueError, match="sha256"):
        read_weights(card, tmp_path)


def test_torch_and_the_serving_runtime_agree_on_random_pictures(folder: Path, shipped: SkinModel) -> None:
    assert (folder / WEIGHTS).exists()
    assert largest_difference(Served(shipped).eval(), folder / load_card(folder).file) <= LARGEST_DIFFERENCE


def test_torch_and_the_serving_runtime_agree_on_faces_prepared_as_the_card_says(
    folder: Path, shipped: SkinModel, faces: list[AlignedFace], predictions: list[Prediction]
) -> None:
    card = load_card(folder)
    for face, prediction in zip(faces, predictions, strict=True):
        rgb, areas = build_inputs(face, card.input_px)
        with torch.no_grad():
            answer = shipped(torch.from_numpy(rgb), torch.from_numpy(areas))
        for number, concern in enumerate(Concern):
            if concern in prediction.maps:
                assert np.abs(answer.maps[0, number].numpy() - prediction.maps[concern]).max() <= LARGEST_DIFFERENCE
            if concern in prediction.concerns:
                likely = float(chances(answer.grades[0, number]).max())
                assert prediction.concerns[concern].confidence == pytest.approx(likely, abs=LARGEST_DIFFERENCE)


def test_only_validated_heads_speak(folder: Path, predictions: list[Prediction]) -> None:
    heads = load_card(folder).heads
    assert set(heads) == set(OUTPUTS) - {"maps"}
    for prediction in predictions:
        assert set(prediction.concerns) == {c for c in Concern if heads[c].validated}
        assert bool(prediction.monk) == (heads["monk"].validated or heads["monk"].voice)
        assert (prediction.skin_type is not None) == heads["skin_type"].validated


def test_a_validated_head_reached_its_bar_and_says_on_how_many_people(folder: Path) -> None:
    for name, head in load_card(folder).heads.items():
        if head.validated:
            measure = "kappa" if name == "skin_type" else "spearman"
            assert head.measured[measure] >= head.measured[f"bar_{measure}"]
            assert head.measured["n"] >= 30
            assert head.evidence != "none"


def test_dryness_is_not_judged_and_sensitive_is_no_type(folder: Path) -> None:
    heads = load_card(folder).heads
    assert not heads[Concern.DRYNESS].validated
    assert "sensitive" not in heads["skin_type"].labels


def test_scores_bands_zones_and_maps_fit_together(predictions: list[Prediction]) -> None:
    for prediction in predictions:
        for concern, found in prediction.concerns.items():
            assert found.score is not None
            assert 0 <= found.score <= 100
            assert found.severity == Severity.of_score(found.score)
            assert set(found.zones) <= set(ZONES_OF[concern])
            assert bool(found.zones) == (found.score > 0)
            assert prediction.maps[concern].shape == (MAP_PX, MAP_PX)
            assert 0 <= prediction.maps[concern].min() <= prediction.maps[concern].max() <= 1
        if prediction.monk:
            assert sum(prediction.monk) == pytest.approx(1)


def test_ridge_finds_a_linear_rule_within_groups_and_keeps_each_group_at_its_level() -> None:
    rng = np.random.default_rng(0)
    features, group = rng.normal(size=(300, 40)), np.arange(300) % 2
    targets = np.stack([2 * features[:, 0] - features[:, 1], features[:, 2] + 5 * group], axis=1)
    lessons = Lessons(targets, np.ones(300), group)
    ridge = fit_ridge(features, lessons, importance=np.ones(40), penalties=np.logspace(-3, 2, 8))
    new = rng.normal(size=(100, 40)).clip(-2, 2)
    for level in (0, 1):
        wanted = np.stack([2 * new[:, 0] - new[:, 1], new[:, 2] + 5 * level], axis=1)
        assert np.allclose(ridge.predict(new, level), wanted, atol=0.3)


def test_painted_differences_turn_a_rule_that_follows_a_bystander() -> None:
    """In the rated faces the concern's trace always comes with another; painting shows which of the two it is."""
    rng = np.random.default_rng(4)
    rated = rng.normal(size=(60, 1)) + rng.normal(0, 0.01, (60, 2))
    lessons = Lessons(rated[:, :1], np.ones(60), np.zeros(60, np.int64))
    bare = rng.normal(size=(40, 2))
    rise = rng.uniform(0.2, 1.0, 40)
    painted = bare + rise[:, None] * [1.0, 0.0]
    without, with_pairs = (
        fit_ridge(rated, lessons, importance=np.ones(2), penalties=np.array([1.0]), differences=pairs).weight[:, 0]
        for pairs in (None, Differences(bare, painted, rise, 1.0))
    )
    assert without[1] > 0.9 * without[0]
    assert with_pairs[1] < 0.3 * with_pairs[0]
    assert ((painted - bare) @ with_pairs > 0).all()


def soft_labels(grades: NDArray[np.int64]) -> Labels:
    count = len(grades)
    shares = np.repeat(np.eye(4, dtype=np.float32)[grades][:, None], 10, axis=1)
    monk, types = np.full((count, 10), 0.1, np.float32), np.full((count, 4), 0.25, np.float32)
    return Labels(shares, monk, types, np.ones(count, np.float32), np.ones(count, np.float32))


def test_tone_is_not_told_from_what_changes_with_the_light() -> None:
    rng = np.random.default_rng(2)
    tone = rng.uniform(1, 10, 80)
    skin, light = tone + rng.normal(0, 0.8, 80), tone + rng.normal(0, 0.4, 80)  # light alone tells more, as taken
    features = np.stack([skin, light, rng.normal(0, 1, 80)], axis=1)
    targets = np.zeros((80, len(TARGETS)))
    targets[:, MONK] = tone
    lessons = Lessons(targets, np.ones(80), np.zeros(80, np.int64))
    standard = (features.mean(axis=0), 1 / features.std(axis=0))
    shifts = rng.normal(0, 8, (80, 4))
    relit = np.stack([np.repeat(skin[:, None], 4, axis=1), light[:, None] + shifts], axis=2).astype(np.float32)
    as_taken, steady = (
        tone_ridge(features, copies, lessons, columns=np.arange(2), widths=(1, 1), standard=standard).weight[:, 0]
        for copies in (relit[:, :0], relit)
    )
    assert as_taken[1] > as_taken[0] > 0
    assert abs(steady[1]) < 0.2 * steady[0]
    assert as_taken[2] == steady[2] == 0


def test_copies_that_show_nothing_new_leave_the_tone_as_it_was() -> None:
    rng = np.random.default_rng(5)
    features = rng.normal(0, 1, (40, 6))
    targets = np.zeros((40, len(TARGETS)))
    targets[:, MONK] = features @ rng.normal(0, 1, 6) + rng.normal(0, 2, 40)
    lessons = Lessons(targets, np.ones(40), np.zeros(40, np.int64))
    alone, copied = (
        tone_ridge(
            features, np.repeat(features[:, None], copies, axis=1).astype(np.float32), lessons,
            columns=np.arange(6), widths=(6,), standard=(np.zeros(6), np.ones(6)),
        )
        for copies in (0, 12)
    )  # fmt: skip
    assert copied.weight == pytest.approx(alone.weight, abs=1e-5)
    assert copied.bias == pytest.approx(alone.bias, abs=1e-5)


def test_eyes_brows_and_lips_are_areas_of_their_own_that_no_pool_of_skin_holds(faces: list[AlignedFace]) -> None:
    for face in faces:
        areas = areas_input(face)[0]
        assert areas.shape == (len(POOLS) + len(FEATURES), MAP_PX, MAP_PX)
        features = areas[len(POOLS) :]
        assert features.reshape(len(FEATURES), -1).sum(axis=1).min() > 20
        for skin in areas[: len(POOLS)]:
            assert float((skin * features).sum()) < 0.05 * float(features.sum())


def test_tone_reads_the_levels_of_both_trunks_on_skin_and_on_features(
    shipped: SkinModel, faces: list[AlignedFace]
) -> None:
    rgb, areas = (torch.from_numpy(one) for one in build_inputs(faces[0], faces[0].crop_rgb.shape[0]))
    with torch.no_grad():
        blocks, _ = shipped.network(rgb, areas)
        levels = shipped.network.tone_levels(rgb, areas)
    widths = [block.shape[1] for block in blocks]
    columns = tone_columns(widths)
    assert sum(tone_widths(widths)) == len(columns)
    assert torch.allclose(torch.cat(blocks, dim=1)[:, columns], levels, atol=1e-4)
    unread = np.setdiff1d(np.arange(sum(widths)), columns)
    weight = shipped.heads.linear.weight.detach()
    assert float(weight[MONK, unread].abs().max()) == 0
    assert float(weight[:MONK, -widths[-1] :].abs().max()) == 0


def test_rare_tones_count_more_in_each_set_and_a_set_counts_as_before() -> None:
    monk = np.array([3] * 12 + [5] * 6 + [9] * 2 + [5] * 10, np.float32)
    counts = tone_balance(monk, ["interfaces"] * 20 + ["sfhq"] * 10)
    assert counts[0] < counts[12] < counts[18]
    assert counts[18] / counts[0] == pytest.approx(6**0.5)
    assert counts[:20].mean() == pytest.approx(1)
    assert np.allclose(counts[20:], 1)


def test_a_rare_tone_that_counts_more_is_told_less_often_as_its_neighbour() -> None:
    rng = np.random.default_rng(2)
    truth = np.concatenate([np.full(380, 4), np.full(20, 8)])
    scores = np.zeros((400, 15))
    scores[:, MONK] = 4.5 + 0.25 * (truth - 4) + rng.normal(0, 0.8, 400)
    labels = replace(soft_labels(np.zeros(400, np.int64)), monk_shares=np.eye(10, dtype=np.float32)[truth - 1])
    told = []
    for rare in (1.0, 4.0):
        heads = Heads(3)
        calibrate(heads, scores, labels, weight=np.ones(400), tone_weight=np.where(truth == 8, rare, 1.0))
        with torch.no_grad():
            found = chances(heads.calibrated(torch.from_numpy(scores).float())[1])
        told.append(float(found[380:].numpy()[:, 5:].sum(axis=1).mean()))
    assert told[1] > told[0] + 0.1


def test_calibrated_chances_follow_the_scores_and_sum_to_one() -> None:
    rng = np.random.default_rng(1)
    grades = rng.integers(0, 4, 400)
    scores = np.zeros((400, 15))
    scores[:, :10] = (0.4 * grades + 0.6 + rng.normal(0, 0.2, 400))[:, None]
    heads = Heads(3)
    calibrate(heads, scores, soft_labels(grades), weight=np.ones(400), tone_weight=np.ones(400))
    with torch.no_grad():
        found = chances(heads.calibrated(torch.from_numpy(scores).float())[0])
    assert torch.allclose(found.sum(dim=2), torch.ones(400, 10), atol=1e-5)
    assert float(found.min()) >= -1e-6
    expected = (found[:, 0] @ torch.arange(4.0)).numpy()
    assert abs(expected.mean() - grades.mean()) < 0.1
    assert np.corrcoef(expected, grades)[0, 1] > 0.85


def test_a_pair_told_right_costs_nothing_and_a_reversed_pair_costs_more() -> None:
    severities = torch.tensor([[2.0] * 10, [0.5] * 10])
    right = pair_loss(severities + 0.7, severities)
    reversed_ = pair_loss(-severities, severities)
    assert float(right) == pytest.approx(0, abs=1e-6)
    assert float(reversed_) > 1


def test_maps_told_right_cost_less_than_empty_maps() -> None:
    masks = torch.zeros(1, 10, 96, 96)
    masks[:, :, 30:50, 30:50] = 1
    told, empty = 12 * masks - 6, torch.full_like(masks, -6.0)
    assert float(map_loss(told, masks)) < float(map_loss(empty, masks))
    assert float(overlap_loss(told, masks)) < 0.1 < float(overlap_loss(empty, masks))
