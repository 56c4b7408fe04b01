"""The administrator's page of snapshots: make one, take it home in a format, take in labels made elsewhere."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from skin.accounts.tables import Role
from skin.datasets.formats import Format
from skin.datasets.record import SAID, LabelKind
from skin.ui.workbench import WorkbenchPages

KINDS = {
    LabelKind.ANSWER: ("Answers", "each annotator’s own"),
    LabelKind.FINAL: ("Final labels", "decided by an administrator"),
    LabelKind.CONSENSUS: ("Consensus", "computed from the answers; takes a while where there are many"),
    LabelKind.GOLD: ("Known labels", "of the hidden checks"),
    LabelKind.PREDICTION: ("Predictions", "a machine’s"),
}
FORMATS = {
    Format.JSON_LINES: "JSON Lines, everything",
    Format.CSV: "CSV, for spreadsheets",
    Format.PARQUET: "Parquet, for pandas",
    Format.COCO: "COCO, for detection and segmentation",
    Format.LABEL_STUDIO: "Label Studio",
    Format.HUGGING_FACE: "Hugging Face, a zip with the pictures",
}


def build_export_routes(pages: WorkbenchPages) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    kinds = [(kind.value, *KINDS[kind], kind in SAID) for kind in LabelKind]
    formats = [(kind.value, FORMATS[kind]) for kind in Format]

    @router.get("/annotate/exports")
    async def exports(request: Request) -> Response:
        template = "workbench/exports.html"
        return await pages.show(request, "exports", template, roles=(Role.ADMIN,), kinds=kinds, formats=formats)

    return router
