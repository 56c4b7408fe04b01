"""Whether the service lives, and whether it is ready."""

import logging
from collections.abc import Callable, Mapping
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

router = APIRouter(prefix="/api", tags=["health"])
log = logging.getLogger(__name__)

Checks = Mapping[str, Callable[[], None]]


class HealthResponse(BaseModel):
    status: Literal["healthy"] = "healthy"
    service: Literal["skin"] = "skin"


class ReadyResponse(BaseModel):
    """`ready` when every part is; otherwise 503 and the parts that are not."""

    status: Literal["ready", "not_ready"]
    parts: dict[str, bool]


@router.get("/health")
async def health() -> HealthResponse:
    """Liveness: answers while the process does, and asks nothing of anything else."""
    return HealthResponse()


@router.get("/ready", responses={503: {"model": ReadyResponse}})
def ready(request: Request, response: Response) -> ReadyResponse:
    """Readiness: database, model and picture store answer."""
    checks: Checks = request.app.state.checks
    parts = {name: _answers(name, check) for name, check in checks.items()}
    if all(parts.values()):
        return ReadyResponse(status="ready", parts=parts)
    response.status_code = 503
    return ReadyResponse(status="not_ready", parts=parts)


def _answers(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception:  # whatever a part throws, it is not ready
        log.warning("%s is not ready", name, exc_info=True)
        return False
    return True
