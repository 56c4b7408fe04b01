"""Model cards and the network behind them."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
import yaml
from onnx import TensorProto, helper
from pydantic import ValidationError

from skin.bootstrap import find_model_folder
from skin.core.concerns import Concern, SkinType
from skin.inference.cards import load_card, read_weights
from skin.inference.classifier import SkinClassifier
from skin.vision.alignment import AlignedFace


def constant_network(path: Path) -> None:
    """A network that says the same of every picture: redness of grade 2, and oily skin."""
    picture = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, 8, 8])
    outputs = {"redness": [20.0, 20.0, -20.0], "acne": [0.0, 0.0, 0.0], "skin_type": [2.0, 0.0]}
    nodes, infos = [], []
    for name, values in outputs.items():
        tensor = helper.make_tensor(f"{name}_value", TensorProto.FLOAT, [1, len(values)], values)
        nodes.append(helper.make_node("Constant", [], [name], value=tensor))
        infos.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, len(values)]))
    graph = helper.make_graph(nodes, "constant", [picture], infos)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    constant_network(tmp_path / "weights.onnx")
    card = {
        "name": "constant",
        "tag": "1",
        "file": "weights.onnx",
        "sha256": hashlib.sha256((tmp_path / "weights.onnx").read_bytes()).hexdigest(),
        "input_px": 8,
        "mean": [0.5, 0.5, 0.5],
        "std": [0.25, 0.25, 0.25],
        "heads": {
            "redness": {"kind": "ordinal", "output": "redness", "validated": True},
            "acne": {"kind": "ordinal", "output": "acne", "validated": False},
            "skin_type": {"kind": "classes", "output": "skin_type", "validated": True, "labels": ["oily", "dry"]},
        },
        "training_data": {"none": "rendered for this test"},
    }
    (tmp_path / "card.yaml").write_text(yaml.safe_dump(card))
    return tmp_path


def aligned() -> AlignedFace:
    crop = np.full((16, 16, 3), 128, np.uint8)
    return AlignedFace(crop, np.eye(2, 3), np.zeros((478, 2), np.float32), {})


def test_validated_heads_become_findings_and_others_do_not(folder: Path) -> None:
    found = SkinClassifier.from_folder(folder).predict(aligned())
    assert set(found.concerns) == {Concern.REDNESS}
    assert found.concerns[Concern.REDNESS].score == 45
    assert found.concerns[Concern.REDNESS].confidence == pytest.approx(1, abs=1e-6)
    assert found.skin_type is not None
    assert found.skin_type.value is SkinType.OILY
    assert sum(found.skin_type.probabilities.values()) == pytest.approx(1)


@pytest.mark.parametrize(("name", "heard"), [("monk", True), ("texture", False)])
def test_only_tone_may_hear_a_head_that_was_not_validated(folder: Path, name: str, heard: bool) -> None:
    card = yaml.safe_load((folder / "card.yaml").read_text())
    card["heads"][name] = {"kind": "ordinal", "output": "redness", "validated": False, "voice": True}
    (folder / "card.yaml").write_text(yaml.safe_dump(card))
    found = SkinClassifier.from_folder(folder).predict(aligned())
    assert bool(found.monk) is heard
    assert set(found.concerns) == {Concern.REDNESS}


def test_an_unloaded_network_is_loaded_again_when_asked(folder: Path) -> None:
    classifier = SkinClassifier.from_folder(folder)
    classifier.load()
    before = classifier.predict(aligned())
    classifier.unload()
    assert classifier.predict(aligned()) == before


def test_other_weights_than_the_cards_are_refused(folder: Path) -> None:
    with (folder / "weights.onnx").open("ab") as weights:
        weights.write(b"\0")
    with pytest.raises(ValueError, match="sha256"):
        read_weights(load_card(folder), folder)


@pytest.mark.parametrize("change", [{"input_px": 0}, {"sha256": "short"}, {"surprise": 1}])
def test_a_card_that_cannot_be_true_is_refused(folder: Path, change: dict[str, object]) -> None:
    card = yaml.safe_load((folder / "card.yaml").read_text()) | change
    (folder / "card.yaml").write_text(yaml.safe_dump(card))
    with pytest.raises(ValidationError):
        load_card(folder)


def test_the_tenth_network_is_newer_than_the_ninth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skin.bootstrap.ROOT", tmp_path)
    assert find_model_folder() is None
    for tag in ("v10", "v9", "v8"):
        folder = tmp_path / "data" / "models" / f"skinnet.{tag}"
        folder.mkdir(parents=True)
        (folder / "card.yaml").touch()
    found = find_model_folder()
    assert found is not None
    assert found.name == "skinnet.v10"
