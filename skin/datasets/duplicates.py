"""Pictures that are nearly the same, found by their perceptual hashes."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

HASH_BITS = 64
_ONES = np.array([bin(value).count("1") for value in range(1 << 16)], np.uint8)


def find_near_duplicates(hashes: Sequence[str], within_bits: int) -> Iterator[tuple[int, int, int]]:
    """Pairs of positions (first < second) whose 64-bit hashes differ in at most this many bits, and in how many.

    The bits are cut into one band more than may differ, so that near hashes have a band in common: only those are
    compared (Manku 2007, Detecting Near-Duplicates for Web Crawling).
    """
    values = np.array([int(one, 16) for one in hashes], np.uint64)
    edges = np.linspace(0, HASH_BITS, within_bits + 2).round().astype(int).tolist()
    found: set[tuple[int, int]] = set()
    for low, high in itertools.pairwise(edges):
        bands = (values >> np.uint64(low)) & np.uint64((1 << (high - low)) - 1)
        for bucket in _buckets(bands):
            for first, second, distance in _near(values, bucket, within_bits):
                if (first, second) not in found:
                    found.add((first, second))
                    yield first, second, distance


def _buckets(bands: NDArray[np.uint64]) -> Iterator[NDArray[np.intp]]:
    """The positions of equal values, where there are several."""
    order = np.argsort(bands, kind="stable")
    starts = np.flatnonzero(np.diff(bands[order])) + 1
    return (bucket for bucket in np.split(order, starts) if len(bucket) > 1)


def _near(values: NDArray[np.uint64], bucket: NDArray[np.intp], within_bits: int) -> Iterator[tuple[int, int, int]]:
    """Compares one with all after it, so that memory stays small where a bucket is large."""
    members = values[bucket]
    for place, value in enumerate(members[:-1]):
        distances = count_bits(members[place + 1 :] ^ value)
        for offset in np.flatnonzero(distances <= within_bits):
            yield int(bucket[place]), int(bucket[place + 1 + offset]), int(distances[offset])


def count_bits(values: NDArray[np.uint64]) -> NDArray[np.int64]:
    parts = values.view(np.uint16).reshape(len(values), 4)
    return np.asarray(_ONES[parts].sum(axis=1, dtype=np.int64), np.int64)
