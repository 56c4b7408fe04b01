"""What other formats make of masks: COCO's area and box, and Label Studio's brush, row by row and packed in bits."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from skin.annotation.mask import draw, list_runs, trace

_CHANNELS = 4  # Label Studio keeps RGBA; only the last says what was painted
_WORD_BITS = 8
_LENGTH_BITS = (3, 4, 8, 16)


def area_px(mask: Mapping[str, Any]) -> int:
    return int(sum(mask["counts"][1::2]))


def box_xywh_px(mask: Mapping[str, Any]) -> list[int]:
    """The smallest box around what is painted; zeros when nothing is."""
    height = mask["size_hw"][0]
    edges = np.cumsum(np.asarray(mask["counts"], np.int64))
    starts, ends = edges[0:-1:2], edges[1::2] - 1
    kept = ends >= starts
    starts, ends = starts[kept], ends[kept]
    if not len(starts):
        return [0, 0, 0, 0]
    left, right = int(starts[0] // height), int(ends[-1] // height)
    spans = starts // height != ends // height  # a run into the next column touches bottom and top
    top = 0 if spans.any() else int((starts % height).min())
    bottom = height - 1 if spans.any() else int((ends % height).max())
    return [left, top, right - left + 1, bottom - top + 1]


def pack_brush(mask: Mapping[str, Any]) -> list[int]:
    """Label Studio's brush: the bytes of its bit stream (rle-pack of thi.ng/umbrella)."""
    drawn = draw(mask)
    lengths, painted = list_runs(drawn.ravel())
    bits = [f"{drawn.size * _CHANNELS:032b}{_WORD_BITS - 1:05b}", *(f"{size - 1:04b}" for size in _LENGTH_BITS)]
    for length in lengths:
        word = "11111111" if painted else "00000000"
        left = length * _CHANNELS
        while left:
            taken = min(left, 1 << _LENGTH_BITS[-1])
            which = next(i for i, size in enumerate(_LENGTH_BITS) if taken <= 1 << size)
            bits.append(f"1{which:02b}{taken - 1:0{_LENGTH_BITS[which]}b}{word}")
            left -= taken
        painted = not painted
    stream = "".join(bits)
    stream += "0" * (-len(stream) % 8)
    return list(int(stream, 2).to_bytes(len(stream) // 8, "big"))


def unpack_brush(packed: Sequence[int], size_hw: tuple[int, int]) -> dict[str, Any]:
    """The `{size_hw, counts}` of Label Studio's brush; ValueError when it is damaged or of another size."""
    data = bytes(packed)
    stream = _Bits(f"{int.from_bytes(data, 'big'):0{len(data) * 8}b}" if data else "")
    total, word_bits = stream.read(32), stream.read(5) + 1
    if total != size_hw[0] * size_hw[1] * _CHANNELS or word_bits != _WORD_BITS:
        raise ValueError("the brush is not of the picture's size")
    length_bits = [stream.read(4) + 1 for _ in _LENGTH_BITS]
    values = np.zeros(total, np.uint8)
    at = 0
    while at < total:
        is_run = stream.read(1)
        end = at + 1 + stream.read(length_bits[stream.read(2)])
        if end > total:
            raise ValueError("the brush is damaged")
        values[at:end] = stream.read(8) if is_run else [stream.read(8) for _ in range(end - at)]
        at = end
    return trace(values.reshape(*size_hw, _CHANNELS)[:, :, -1] > 127)


class _Bits:
    def __init__(self, bits: str) -> None:
        self._bits = bits
        self._at = 0

    def read(self, size: int) -> int:
        bits = self._bits[self._at : self._at + size]
        if len(bits) < size:
            raise ValueError("the brush is damaged")
        self._at += size
        return int(bits, 2)
