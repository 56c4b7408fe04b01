"""What a cover hides: the zones that a capture check takes from judgement, and the concerns with them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from skin.core.concerns import CHEEKS, PERIORBITAL, ZONES_OF
from skin.core.findings import ConcernFinding, NotJudged, QualityCheck
from skin.core.zones import Zone

CLOTH, GLASSES, HAND = "lower_face_covered_share", "glasses_likelihood", "hand_share"
LOWER_FACE = (Zone.NOSE, *CHEEKS, Zone.PERIORAL, Zone.CHIN)
HIDDEN_BY: Mapping[str, tuple[Zone, ...]] = {
    CLOTH: LOWER_FACE,
    GLASSES: PERIORBITAL,
    "eyes_covered_share": (*PERIORBITAL, Zone.GLABELLA),
    "forehead_covered_share": (Zone.FOREHEAD,),
}
# Deep shade over the eyes is no cover, and dark faces have it more often; glasses go beyond this (docs/quality.md).
COVERED_FROM: Mapping[str, float] = {"eyes_covered_share": 0.6}
# With this share of its zones hidden or more, too little is left of a concern to judge it.
TOO_MUCH = 0.5


def hidden_zones(checks: Sequence[QualityCheck]) -> frozenset[Zone]:
    """The zones under what the checks found on the face."""
    covers = [check.name for check in checks if check.hint and check.value >= COVERED_FROM.get(check.name, 0.0)]
    return frozenset(zone for name in covers for zone in HIDDEN_BY.get(name, ()))


def hides(hidden: Collection[Zone], zones: Sequence[Zone]) -> bool:
    """Whether too much of these zones is hidden."""
    return bool(hidden) and sum(zone in hidden for zone in zones) >= TOO_MUCH * len(zones)


def uncover(finding: ConcernFinding, hidden: Collection[Zone]) -> ConcernFinding:
    """What was judged, without what lies under a cover; not judged where that is too much, or all that was found."""
    if finding.score is None:
        return finding
    open_zones = tuple(zone for zone in finding.zones if zone not in hidden)
    if hides(hidden, ZONES_OF[finding.concern]) or (finding.zones and not open_zones):
        return ConcernFinding(finding.concern, not_judged=NotJudged.ZONE_HIDDEN)
    return replace(finding, zones=open_zones)
