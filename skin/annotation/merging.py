"""What several answers to a picture say together beside its fields: zones, quality flags, boxes, points and masks.

Everything is by majority: it stays when more than half of those who judged say it, so an even split and a minority add
nothing. All answers judge the picture's flags; a concern's zones and regions are judged by those who graded it. Whose
answer comes first makes no difference.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import dist
from typing import Any

from skin.annotation.labels import Origin, QualityFlag
from skin.annotation.mask import resize, vote
from skin.core.concerns import Concern
from skin.core.zones import Zone

IOU = 0.5  # boxes that overlap this much are of one thing (Everingham 2010, the threshold of PASCAL VOC)
RADIUS = 0.02  # of the face's side: points this near are of one thing

Place = tuple[float, ...]
Alike = Callable[[Place, Place], float]
Label = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Merged:
    """In the JSON form of a label; zones are by concern, and only of concerns that have some."""

    zones: dict[str, list[str]]
    regions: list[dict[str, Any]]
    quality_flags: list[str]


def merge(labels: Sequence[Label]) -> Merged:
    """Of one picture's answers, each the JSON form of a label."""
    zones, regions = dict[str, list[str]](), list[dict[str, Any]]()
    drawn = _list_regions(labels)
    for concern in Concern:
        judged = [place for place, label in enumerate(labels) if _has_judged(label, concern)]
        named = [labels[place]["concerns"][concern].get("zones") or () for place in judged]
        if any(named) and (agreed := _vote(named, Zone)):
            zones[concern.value] = agreed
        if concern in drawn:
            regions += _merge_regions(concern, [drawn[concern].get(place, []) for place in judged])
    return Merged(zones, regions, _vote([label.get("quality_flags") or () for label in labels], QualityFlag))


def _has_judged(label: Label, concern: Concern) -> bool:
    return ((label.get("concerns") or {}).get(concern) or {}).get("grade") is not None


def _vote(named: Sequence[Iterable[str]], order: Iterable[str]) -> list[str]:
    """What more than half name, in the vocabulary's order."""
    counts: dict[str, int] = defaultdict(int)
    for names in named:
        for name in set(names):
            counts[name] += 1
    return [str(name) for name in order if 2 * counts.get(name, 0) > len(named)] if counts else []


def _list_regions(labels: Sequence[Label]) -> dict[str, dict[int, list[dict[str, Any]]]]:
    """By concern and answer."""
    found: dict[str, dict[int, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for place, label in enumerate(labels):
        for region in label.get("regions") or ():
            found[region["concern"]][place].append(region)
    return found


def _merge_regions(concern: Concern, answers: Sequence[Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    kinds = {
        kind: [[one for one in said if one["kind"] == kind] for said in answers] for kind in ("box", "point", "mask")
    }
    merged = _merge_places(kinds["box"], "xyxy_norm", _overlap, IOU)
    merged += _merge_places(kinds["point"], "xy_norm", _nearness, -RADIUS)
    return [{"concern": concern.value} | one for one in (*merged, *_merge_masks(kinds["mask"]))]


def _merge_places(
    answers: Sequence[Sequence[dict[str, Any]]], name: str, alike: Alike, least: float
) -> list[dict[str, Any]]:
    """The lower median, side by side, of each cluster that more than half of the answers have a region in."""
    said: dict[Place, dict[int, str]] = defaultdict(dict)
    for place, regions in enumerate(answers):
        for region in regions:
            said[tuple(region[name])][place] = region.get("origin") or Origin.ANNOTATOR.value
    found = []
    for cluster in _cluster({place: set(voters) for place, voters in said.items()}, alike, least):
        members = [one for place in cluster for one in [place] * len(said[place])]
        if 2 * len(members) > len(answers):
            sides = [sorted(side)[(len(members) - 1) // 2] for side in zip(*members, strict=True)]
            origins = {origin for place in cluster for origin in said[place].values()}
            found.append({"kind": "box" if len(sides) == 4 else "point", name: sides, "origin": _join(origins)})
    return sorted(found, key=lambda one: one[name])


def _cluster(voters: Mapping[Place, set[int]], alike: Alike, least: float) -> list[list[Place]]:
    """Greedily, the most alike first: places join when all are alike and no answer is in a cluster twice."""
    pairs = [
        (-closeness, one, other)
        for one, other in _list_neighbours(sorted(voters))
        if (closeness := alike(one, other)) >= least
    ]
    near = {(one, other) for _, one, other in pairs}
    clusters = {place: [place] for place in sorted(voters)}
    for _, one, other in sorted(pairs):
        left, right = clusters[one], clusters[other]
        if left is right or any(voters[a] & voters[b] for a in left for b in right):
            continue
        if all((min(a, b), max(a, b)) in near for a in left for b in right):
            joined = [*left, *right]
            clusters |= dict.fromkeys(joined, joined)
    return list({id(cluster): cluster for cluster in clusters.values()}.values())


def _list_neighbours(places: Sequence[Place]) -> Iterator[tuple[Place, Place]]:
    """Pairs that are not too far apart from left to right; the places are sorted."""
    for number, one in enumerate(places):
        reach = one[2] if len(one) == 4 else one[0] + RADIUS
        for other in islice(places, number + 1, None):
            if other[0] > reach:
                break
            yield one, other


def _overlap(one: Place, other: Place) -> float:
    """Intersection over union."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    if wide <= 0 or high <= 0:
        return 0.0
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return wide * high / (areas - wide * high)


def _nearness(one: Place, other: Place) -> float:
    return -dist(one, other)


def _merge_masks(answers: Sequence[Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Pixel by pixel at the largest mask's size; all masks of an answer count as one."""
    masks = [[region["mask"] for region in regions] for regions in answers if regions]
    if 2 * len(masks) <= len(answers):
        return []
    size = max((tuple(one["size_hw"]) for said in masks for one in said), key=lambda hw: (hw[0] * hw[1], hw))
    agreed = vote([vote([resize(one, size) for one in said], 1) for said in masks], len(answers) // 2 + 1)
    if not any(agreed["counts"][1:]):
        return []
    origin = _join({region.get("origin") or Origin.ANNOTATOR.value for regions in answers for region in regions})
    return [{"kind": "mask", "mask": agreed, "origin": origin}]


def _join(origins: set[str]) -> str:
    """Of different origins: a machine's, changed by somebody."""
    return origins.pop() if len(origins) == 1 else Origin.MACHINE_CHANGED.value
