"""The network's start: ImageNet weights of Google Coral's quantised MobileNetV2, dequantised for timm."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import flatbuffers.number_types as numbers  # type: ignore[import-untyped]
import flatbuffers.table  # type: ignore[import-untyped]
import numpy as np
import timm
import torch
from flatbuffers import encode
from numpy.typing import NDArray

CONV_2D, DEPTHWISE_CONV_2D = 3, 4
TYPES = {0: np.float32, 2: np.int32, 3: np.uint8}


class Layer(NamedTuple):
    """One convolution: weights (out, in or 1, h, w) and bias (out), both in real units."""

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]


class Table:
    """Fields of one FlatBuffers table by their number in TensorFlow Lite's schema (schema.fbs, version 3)."""

    def __init__(self, buffer: bytes, position: int) -> None:
        self._table = flatbuffers.table.Table(buffer, position)

    def _offset(self, field: int) -> int:
        return int(self._table.Offset(4 + 2 * field))

    def integer(self, field: int, flags: type = numbers.Int32Flags) -> int:
        at = self._offset(field)
        return int(self._table.Get(flags, self._table.Pos + at)) if at else 0

    def table(self, field: int) -> "Table":
        at = self._offset(field)
        return Table(self._table.Bytes, self._table.Indirect(self._table.Pos + at))

    def tables(self, field: int) -> list["Table"]:
        at = self._offset(field)
        start = self._table.Vector(at)
        return [Table(self._table.Bytes, self._table.Indirect(start + 4 * i)) for i in range(self._table.VectorLen(at))]

    def array(self, field: int, flags: type) -> NDArray[np.generic]:
        at = self._offset(field)
        return np.asarray(self._table.GetVectorAsNumpy(flags, at)) if at else np.zeros(0)


def load_layers(path: Path) -> list[Layer]:
    """Every convolution of a quantised TensorFlow Lite file, in the order in which they run."""
    data = path.read_bytes()
    model = Table(data, encode.Get(numbers.UOffsetTFlags.packer_type, data, 0))
    codes = [max(c.integer(0, numbers.Int8Flags), c.integer(3)) for c in model.tables(1)]
    buffers, graph = model.tables(4), model.tables(2)[0]
    tensors = graph.tables(0)
    layers = []
    for operator in graph.tables(3):
        code = codes[operator.integer(0)]
        if code not in (CONV_2D, DEPTHWISE_CONV_2D):
            continue
        _, weight, bias = (int(i) for i in operator.array(1, numbers.Int32Flags))
        axes = (3, 0, 1, 2) if code == DEPTHWISE_CONV_2D else (0, 3, 1, 2)
        layers.append(Layer(_dequantise(tensors[weight], buffers).transpose(axes), _dequantise(tensors[bias], buffers)))
    return layers


def _dequantise(tensor: Table, buffers: list[Table]) -> NDArray[np.float32]:
    kind = TYPES[tensor.integer(1, numbers.Int8Flags)]
    raw = buffers[tensor.integer(2)].array(0, numbers.Uint8Flags).astype(np.uint8).tobytes()
    values = np.frombuffer(raw, kind).reshape(tensor.array(0, numbers.Int32Flags).astype(int))
    scales = tensor.table(4)
    scale = scales.array(2, numbers.Float32Flags).astype(np.float32)
    zero = scales.array(3, numbers.Int64Flags).astype(np.float32) if scales._offset(3) else np.zeros(1, np.float32)
    return np.asarray((values.astype(np.float32) - zero) * scale, np.float32)


def _targets(model: Any) -> Iterator[tuple[Any, Any]]:
    """Convolutions of timm's `mobilenetv2_100`, each with the batch norm that follows it, in running order."""
    yield model.conv_stem, model.bn1
    for stage in model.blocks:
        for block in stage:
            names = ("conv_pw", "conv_dw", "conv_pwl") if hasattr(block, "conv_pwl") else ("conv_dw", "conv_pw")
            for number, name in enumerate(names, start=1):
                yield getattr(block, name), getattr(block, f"bn{number}")
    yield model.conv_head, model.bn2
    yield model.classifier, None


def build_start(path: Path) -> torch.nn.Module:
    """timm `mobilenetv2_100` with 1001 classes holding the weights of the quantised file.

    Input is (x - 127.5) / 127.5, NCHW, RGB; class 0 is background. Batch norm is already folded into
    the file's weights and biases, so each norm becomes "add the bias".
    """
    model: torch.nn.Module = timm.create_model("mobilenetv2_100", num_classes=1001, pad_type="same")
    layers, targets = load_layers(path), list(_targets(model))
    if len(layers) != len(targets):
        raise ValueError(f"{path.name} has {len(layers)} convolutions, the network {len(targets)}")
    with torch.no_grad():
        for layer, (conv, norm) in zip(layers, targets, strict=True):
            weight, bias = torch.from_numpy(layer.weight.copy()), torch.from_numpy(layer.bias.copy())
            conv.weight.copy_(weight.reshape(conv.weight.shape))
            if norm is None:
                conv.bias.copy_(bias)
                continue
            norm.weight.fill_(1.0)
            norm.bias.copy_(bias)
            norm.running_mean.zero_()
            norm.running_var.fill_(1.0 - norm.eps)
    return model.eval()
