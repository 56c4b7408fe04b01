"""From trained parts to the files that are served: safetensors, ONNX of the same weights, and the card."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from skin.core.concerns import Concern
from skin.inference.inputs import FEATURES, MAP_PX, POOLS
from skin.training.heads import Heads, SkinModel
from skin.training.loader import CROP_PX
from skin.training.network import SkinNetwork

WEIGHTS, GRAPH = "model.safetensors", "model.onnx"
INPUTS = ("input", "areas")
OUTPUTS = (*(c.value for c in Concern), "monk", "skin_type", "maps")
# The card's mean and std: the graph's first input is (rgb / 255 - 0.5) / 0.5.
MEAN = STD = 0.5
LARGEST_DIFFERENCE = 1e-3
AREAS = len(POOLS) + len(FEATURES)


class Served(nn.Module):
    """The model with the card's normalised input and one named output per head."""

    def __init__(self, model: SkinModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, normal: Tensor, areas: Tensor) -> tuple[Tensor, ...]:
        """Crop (1, 3, 512, 512) and areas (1, 10, 96, 96) to logits: (1, 3) per concern, (1, 9), (1, 4); and maps."""
        answer = self.model(normal * 127.5 + 127.5, areas)
        return (*answer.grades.unbind(dim=1), answer.monk, answer.types, answer.maps)


def save_model(model: SkinModel, folder: Path) -> str:
    """Write both files of the model; returns the sha256 of the ONNX file. Raises ValueError if the two disagree."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.contiguous() for name, value in model.state_dict().items()}
    save_file(state, str(folder / WEIGHTS))
    example = (torch.zeros(1, 3, CROP_PX, CROP_PX), torch.ones(1, AREAS, MAP_PX, MAP_PX))
    served = Served(model).eval()
    program = torch.onnx.export(
        served,
        example,
        input_names=list(INPUTS),
        output_names=list(OUTPUTS),
        dynamo=True,
        opset_version=18,
        verbose=False,
    )
    if program is None:
        raise ValueError("the exporter returned nothing")
    onnx.save_model(without_traces(program.model_proto), str(folder / GRAPH))
    difference = largest_difference(served, folder / GRAPH)
    if difference > LARGEST_DIFFERENCE:
        raise ValueError(f"torch and ONNX differ by {difference}")
    return hashlib.sha256((folder / GRAPH).read_bytes()).hexdigest()


def without_traces(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph without the exporter's notes, which hold the paths of the machine that trained it."""
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    for thing in (*model.graph.node, *model.graph.input, *model.graph.output, *model.graph.value_info):
        thing.doc_string = ""
        del thing.metadata_props[:]
    for initializer in model.graph.initializer:
        del initializer.metadata_props[:]
    return model


def load_model(folder: Path) -> SkinModel:
    """The model of a folder in torch, from its safetensors."""
    state = load_file(str(folder / WEIGHTS))
    model = SkinModel(SkinNetwork(), Heads(state["heads.mean"].shape[0]))
    model.load_state_dict(state)
    return model.eval()


def largest_difference(served: nn.Module, graph: Path, *, rounds: int = 3, seed: int = 0) -> float:
    """Largest difference of any output between torch and ONNX Runtime on random smooth pictures."""
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    rng, worst = np.random.default_rng(seed), 0.0
    for _ in range(rounds):
        inputs = random_inputs(rng)
        with torch.no_grad():
            ours = served(*(torch.from_numpy(i) for i in inputs))
        theirs = session.run(list(OUTPUTS), dict(zip(INPUTS, inputs, strict=True)))
        gaps = [float(np.abs(a.numpy() - b).max()) for a, b in zip(ours, theirs, strict=True)]
        worst = max(worst, *gaps)
    return worst


def random_inputs(rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A smooth random picture in the card's normalisation and random zones."""
    coarse = torch.from_numpy(rng.uniform(-0.6, 0.8, (1, 3, 24, 24)).astype(np.float32))
    smooth = nn.functional.interpolate(coarse, size=CROP_PX, mode="bicubic").clamp(-1, 1).numpy()
    grain = rng.normal(0, 0.02, smooth.shape)
    areas = (rng.random((1, AREAS, MAP_PX, MAP_PX)) > 0.7).astype(np.float32)
    return np.asarray(np.clip(smooth + grain, -1, 1), np.float32), areas
