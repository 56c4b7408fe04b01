"""What the fakes promise, the real things keep."""

from collections.abc import Iterator

import pytest
from PIL import Image

from skin.bootstrap import build_examiner
from skin.config import Settings
from skin.core.concerns import Concern
from skin.errors import SkinError
from skin.scans.analysis import Examiner
from skin.scans.records import build_analysis, load_findings
from skin.vision.images import decode
from tests.conftest import encode_png
from tests.fakes import build_fake_examiner


@pytest.fixture(scope="module", params=[build_fake_examiner, build_examiner], ids=["fake", "real"])
def examiner(request: pytest.FixtureRequest) -> Iterator[Examiner]:
    examiner = request.param(Settings(_env_file=None))
    yield examiner
    examiner.close()


def test_a_face_gives_findings_for_every_concern_and_a_picture(examiner: Examiner, astronaut_png: bytes) -> None:
    examined = examiner([astronaut_png])
    assert [one.concern for one in examined.findings.concerns] == list(Concern)
    for one in examined.findings.concerns:
        assert (one.score is None) == (one.not_judged is not None)
    assert decode(examined.overlay).ndim == 3
    face = decode(examined.face)
    assert face.shape[0] == face.shape[1]


def test_the_same_photo_gives_the_same_findings(examiner: Examiner, astronaut_png: bytes) -> None:
    first, second = examiner([astronaut_png]).findings, examiner([astronaut_png]).findings
    assert (first.tone, first.concerns, first.quality) == (second.tone, second.concerns, second.quality)


def test_different_photos_give_different_findings(
    examiner: Examiner, astronaut_png: bytes, grace_hopper_jpeg: bytes
) -> None:
    assert examiner([astronaut_png]).findings.tone != examiner([grace_hopper_jpeg]).findings.tone


def test_a_photo_of_nobody_is_refused_with_a_code(examiner: Examiner) -> None:
    with pytest.raises(SkinError) as refusal:
        examiner([encode_png(Image.new("RGB", (400, 400)))])
    assert refusal.value.code == "no_face"


def test_findings_come_back_from_their_row_unchanged(examiner: Examiner, astronaut_png: bytes) -> None:
    from uuid import uuid4

    examined = examiner([astronaut_png])
    assert load_findings(build_analysis(uuid4(), examined.findings, examined.advice)) == examined.findings
