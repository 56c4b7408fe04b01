"""Findings to rows and back, and rows to what the doors give out."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from skin.core.advice import Recommendation
from skin.core.concerns import Concern
from skin.core.findings import NOT_JUDGED_REASONS, ConcernFinding, Findings, NotJudged
from skin.errors import CATALOGUE, Code
from skin.scans import schemas
from skin.scans.tables import NOT_JUDGED, ScanSession, SkinAnalysis

_FINDINGS = TypeAdapter(Findings)


def build_analysis(
    scan_id: UUID, findings: Findings, advice: Sequence[Recommendation], *, mapped: Iterable[Concern] = ()
) -> SkinAnalysis:
    """The row of a completed scan; the whole findings go with it, so that every view can be made anew.

    `mapped` are the concerns whose maps were stored.
    """
    confidences = {"skin_type": findings.skin_type.confidence, "skin_tone": findings.tone.confidence}
    confidences |= {found.concern.value: found.confidence for found in findings.concerns}
    return SkinAnalysis(
        scan_id=scan_id,
        skin_type=findings.skin_type.value or NOT_JUDGED,
        skin_tone=NOT_JUDGED if findings.tone.monk is None else f"monk_{findings.tone.monk}",
        concerns=[found.concern.value for found in findings.concerns if found.score],
        confidence_scores={name: value for name, value in confidences.items() if value is not None},
        recommendations=[asdict(one) for one in advice],
        analysis_metadata={
            "model": {"name": findings.model_name, "version": findings.model_version},
            "pipeline_version": findings.pipeline_version,
            "maps": sorted(concern.value for concern in mapped),
            "findings": _FINDINGS.dump_python(findings, mode="json"),
        },
    )


def load_findings(analysis: SkinAnalysis) -> Findings:
    return _FINDINGS.validate_python(analysis.analysis_metadata["findings"])


def view_result(scan: ScanSession, analysis: SkinAnalysis) -> schemas.ScanResultResponse:
    found = load_findings(analysis)
    return schemas.ScanResultResponse(
        scan_id=scan.id,
        status=scan.status,
        created_at=scan.created_at,
        skin_type=schemas.SkinTypeView(
            value=found.skin_type.value,
            confidence=found.skin_type.confidence,
            probabilities=dict(found.skin_type.probabilities),
            not_judged=_view_not_judged(found.skin_type.not_judged),
        ),
        skin_tone=schemas.SkinToneView(
            monk=found.tone.monk,
            monk_probabilities=list(found.tone.monk_probabilities),
            ita_deg=found.tone.ita_deg,
            ita_interval_deg=found.tone.ita_interval_deg,
            ita_se_deg=found.tone.ita_se_deg,
            ita_class=found.tone.ita_class,
            fitzpatrick_estimate=found.tone.fitzpatrick_estimate,
            confidence=found.tone.confidence,
            not_judged=_view_not_judged(found.tone.not_judged),
        ),
        concerns=[_view_concern(one, mapped=analysis.analysis_metadata["maps"]) for one in found.concerns],
        recommendations=[schemas.RecommendationView.model_validate(one) for one in analysis.recommendations],
        quality=[schemas.QualityView.model_validate(check, from_attributes=True) for check in found.quality],
        face_box_xyxy_norm=found.face_box_xyxy_norm,
        face_matrix_norm=found.face_matrix_norm,
        zone_outlines_norm={zone: list(outline) for zone, outline in found.zone_outlines_norm.items()},
        model=schemas.ModelView(
            name=found.model_name, version=found.model_version, pipeline_version=found.pipeline_version
        ),
        note=scan.note,
    )


def view_status(scan: ScanSession) -> schemas.ScanStatusResponse:
    return schemas.ScanStatusResponse(
        scan_id=scan.id,
        status=scan.status,
        error=_view_error(scan),
        created_at=scan.created_at,
        updated_at=scan.updated_at,
    )


def view_history_item(scan: ScanSession) -> schemas.ScanHistoryItem:
    known: dict[str, Any] = {}
    if scan.analysis is not None:
        known = {name: getattr(scan.analysis, name) for name in ("skin_type", "skin_tone", "concerns")}
    return schemas.ScanHistoryItem(
        scan_id=scan.id,
        status=scan.status,
        created_at=scan.created_at,
        error=_view_error(scan),
        note=scan.note,
        **known,
    )


def _view_concern(found: ConcernFinding, *, mapped: Collection[str]) -> schemas.ConcernView:
    return schemas.ConcernView(
        name=found.concern,
        score=found.score,
        severity=found.severity,
        confidence=found.confidence,
        score_se=found.score_se,
        zones=list(found.zones),
        has_map=found.concern.value in mapped,
        not_judged=_view_not_judged(found.not_judged),
    )


def _view_not_judged(reason: NotJudged | None) -> schemas.NotJudgedView | None:
    return None if reason is None else schemas.NotJudgedView(code=reason, reason=NOT_JUDGED_REASONS[reason])


def _view_error(scan: ScanSession) -> schemas.ErrorView | None:
    if scan.failure_code is None:
        return None
    code = Code(scan.failure_code)
    return schemas.ErrorView(code=code.value, message=CATALOGUE[code][1])
