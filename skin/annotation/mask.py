"""Masks as COCO's run lengths: column by column, beginning with the run of background."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def draw(mask: Mapping[str, Any]) -> NDArray[np.bool_]:
    """The mask (H, W) of a label's `{size_hw, counts}`."""
    height, width = mask["size_hw"]
    counts = np.asarray(mask["counts"], np.int64)
    painted = np.arange(len(counts)) % 2 == 1
    return np.repeat(painted, counts).reshape((height, width), order="F")


def trace(drawn: NDArray[np.bool_]) -> dict[str, Any]:
    """The `{size_hw, counts}` of a drawn mask (H, W)."""
    lengths, first = list_runs(drawn.ravel(order="F"))
    return {"size_hw": list(drawn.shape), "counts": [0, *lengths] if first else lengths}


def resize(mask: Mapping[str, Any], size_hw: tuple[int, int]) -> dict[str, Any]:
    """The mask at another size, each pixel taking the nearest one's value."""
    if tuple(mask["size_hw"]) == size_hw:
        return dict(mask)
    drawn = draw(mask)
    rows, columns = (((2 * np.arange(to) + 1) * of) // (2 * to) for to, of in zip(size_hw, drawn.shape, strict=True))
    return trace(drawn[np.ix_(rows, columns)])


def vote(masks: Sequence[Mapping[str, Any]], least: int) -> dict[str, Any]:
    """What at least so many of these masks of one size have painted; only their edges are looked at."""
    edges = [np.cumsum(mask["counts"]) for mask in masks]
    places = np.concatenate([one[: len(one) // 2 * 2] for one in edges])
    steps = np.concatenate([np.resize([1, -1], len(one) // 2 * 2) for one in edges])
    order = np.argsort(places, kind="stable")
    places, level = places[order], np.cumsum(steps[order])
    latest = np.append(places[1:] != places[:-1], True)[: len(places)]
    places, painted = places[latest], level[latest] >= least
    changes = places[np.diff(painted, prepend=False)]
    height, width = masks[0]["size_hw"]
    counts = np.diff(changes, prepend=0, append=height * width).tolist()
    return {"size_hw": [height, width], "counts": counts[:-1] if counts[-1] == 0 else counts}


def list_runs(flat: NDArray[np.bool_]) -> tuple[list[int], bool]:
    """The lengths of equal values in turn, and the first value."""
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    return np.diff(changes, prepend=0, append=flat.size).tolist(), bool(flat[0])
