"""Quantised convolutions as a TensorFlow Lite file (schema.fbs, version 3), which `skin.training.start` reads."""

from collections.abc import Mapping, Sequence

import flatbuffers
import numpy as np
from numpy.typing import NDArray

CONV_2D, DEPTHWISE_CONV_2D = 3, 4
INT32, UINT8, ZERO_POINT = 2, 3, 128


def quantise(weights: Sequence[NDArray[np.float32]]) -> bytes:
    """A file of convolutions with these weights (out, in or 1, h, w), one after the other, without bias."""
    build = flatbuffers.Builder(1 << 22)
    tensors, buffers, operators = [], [], []
    for number, weight in enumerate(weights):
        depthwise = weight.shape[1] == 1
        stored = weight.transpose((1, 2, 3, 0) if depthwise else (0, 2, 3, 1))
        scale = float(np.abs(stored).max() / 127)
        levels = (np.round(stored / scale) + ZERO_POINT).astype(np.uint8)
        for array, kind, zero in ((levels, UINT8, ZERO_POINT), (np.zeros(len(weight), np.int32), INT32, 0)):
            buffers.append(_table(build, {0: _vector(build, np.frombuffer(array.tobytes(), np.uint8))}))
            scales = _vector(build, np.array([scale], np.float32)), _vector(build, np.array([zero], np.int64))
            quantisation = _table(build, dict(zip((2, 3), scales, strict=True)))
            shape = _vector(build, np.array(array.shape, np.int32))
            tensors.append(_table(build, {0: shape, 4: quantisation}, {1: kind, 2: len(buffers) - 1}))
        inputs = _vector(build, np.array([0, 2 * number, 2 * number + 1], np.int32))
        operators.append(_table(build, {1: inputs}, {0: int(depthwise)}))
    graph = _table(build, {0: _tables(build, tensors), 3: _tables(build, operators)})
    codes = [_table(build, {}, {3: code}) for code in (CONV_2D, DEPTHWISE_CONV_2D)]
    parts = {1: _tables(build, codes), 2: _tables(build, [graph]), 4: _tables(build, buffers)}
    build.Finish(_table(build, parts))
    return bytes(build.Output())


def _vector(build: flatbuffers.Builder, array: NDArray[np.generic]) -> int:
    return int(build.CreateNumpyVector(array))


def _tables(build: flatbuffers.Builder, offsets: Sequence[int]) -> int:
    build.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        build.PrependUOffsetTRelative(offset)
    return int(build.EndVector())


def _table(build: flatbuffers.Builder, parts: Mapping[int, int], numbers: Mapping[int, int] | None = None) -> int:
    """A table of offsets and of whole numbers, each by the number of its field."""
    build.StartObject(8)
    for field, offset in parts.items():
        build.PrependUOffsetTRelativeSlot(field, offset, 0)
    for field, number in (numbers or {}).items():
        # A tensor's kind is the one field that the schema holds in a byte.
        (build.PrependInt8Slot if field == 1 else build.PrependInt32Slot)(field, number, 0)
    return int(build.EndObject())
