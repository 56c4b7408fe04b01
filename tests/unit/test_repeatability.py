"""ICC and repeatability against published figures, and the tolerances that ship."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.relighting import PERTURBATIONS, light_gains, relit
from benchmarks.repeatability import icc_2_1, publish, repeat
from skin.bootstrap import find_model_folder
from skin.vision.quality import LIMITS

SCALES = Path(__file__).resolve().parents[2] / "data" / "scales"

# Six targets by four judges, Shrout and Fleiss 1979, table 2; its ICC(2,1) is .29.
SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)


def test_icc_is_that_of_shrout_and_fleiss() -> None:
    assert icc_2_1(SHROUT_FLEISS) == pytest.approx(0.29, abs=0.005)


def test_perfect_repeats_have_no_error() -> None:
    found = repeat(np.repeat(np.arange(10.0)[:, None], 3, axis=1))
    assert (found.sem, found.ratio, found.icc) == pytest.approx((0, 0, 1))


@given(st.integers(0, 1000))
def test_sem_of_two_repeats_is_the_spread_of_their_difference_over_root_two(seed: int) -> None:
    table = np.random.default_rng(seed).normal(0, 10, (12, 2))
    difference = table[:, 0] - table[:, 1]
    assert repeat(table).sem == pytest.approx(np.sqrt(np.mean(difference**2) / 2))


def test_the_card_gets_one_table_of_repeatability_before_its_limits(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("# A model\n\n## Measured\n| a |\n\n## Limits\n- none\n\n## Training data\n")
    for _ in range(2):
        publish(page, ["| field |", "| --- |"])
    text = page.read_text()
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# A model", "## Measured", "## Repeatability", "## Limits", "## Training data",
    ]  # fmt: skip
    assert text.count("| field |\n| --- |\n") == 1
    assert text.endswith("## Limits\n- none\n\n## Training data\n")


def test_the_card_of_the_shipped_model_says_how_each_field_repeats() -> None:
    folder = find_model_folder()
    assert folder is not None
    section = (folder / "README.md").read_text(encoding="utf-8").partition("## Repeatability")[2]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    published = {(name, how): (float(sem), float(icc)) for name, how, _, sem, _, icc in rows[2:]}
    for name, one in yaml.safe_load((SCALES / "repeatability.yaml").read_text(encoding="utf-8")).items():
        assert published[name, one["how"]] == pytest.approx((one["sem"], one["icc"]), abs=0.0051)


def test_light_of_the_reference_changes_nothing() -> None:
    assert light_gains(5000, reference_k=5000) == pytest.approx(np.ones(3))


def test_d65_is_white_and_candle_light_is_red() -> None:
    red, green, blue = light_gains(2850)
    assert red > green > blue
    assert light_gains(6504) == pytest.approx(np.ones(3))


def test_relighting_and_relighting_back_gives_the_photo_again() -> None:
    photo = np.random.default_rng(0).integers(60, 180, (20, 20, 3)).astype(np.uint8)
    gains = light_gains(9000, reference_k=5000)
    assert np.abs(relit(relit(photo, gains), 1 / gains).astype(int) - photo).max() <= 2


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_every_perturbation_gives_a_photo(name: str) -> None:
    photo = np.full((64, 48, 3), 120, np.uint8)
    assert PERTURBATIONS[name](photo).dtype == np.uint8


def test_tolerances_are_of_checks_that_exist() -> None:
    tolerances = yaml.safe_load((SCALES / "comparability.yaml").read_text(encoding="utf-8"))
    assert set(tolerances) <= {limit.name for limit in LIMITS}
    assert all(value > 0 for value in tolerances.values())


def test_published_errors_are_whole() -> None:
    fields = yaml.safe_load((SCALES / "repeatability.yaml").read_text(encoding="utf-8"))
    assert "ita_deg" in fields
    for entry in fields.values():
        assert set(entry) == {"sem", "icc", "n", "how"}
        assert entry["sem"] >= 0
