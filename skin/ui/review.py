"""The administrator's page of agreement and adjudication."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from skin.accounts.tables import Role
from skin.ui.workbench import WorkbenchPages


def build_review_routes(pages: WorkbenchPages) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/annotate/review")
    async def review(request: Request) -> Response:
        return await pages.show(request, "review", "workbench/review.html", roles=(Role.ADMIN,))

    return router
