"""Errors as RFC 9457 problem details (application/problem+json)."""

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from skin import errors
from skin.errors import CATALOGUE, Code, SkinError, error

log = logging.getLogger(__name__)

STATUS_OF: dict[type[SkinError], int] = {
    errors.InvalidInput: 422,
    errors.TooLarge: 413,
    errors.UnsupportedFormat: 415,
    errors.Rejected: 422,
    errors.NotAuthenticated: 401,
    errors.NotPermitted: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooManyRequests: 429,
    errors.Unavailable: 503,
}
STATUS_OF_CODE = {Code.INTERNAL_ERROR: 500, Code.METHOD_NOT_ALLOWED: 405}
CODE_OF_STATUS = {404: Code.ROUTE_NOT_FOUND, 405: Code.METHOD_NOT_ALLOWED}


class FieldProblem(BaseModel):
    field: str
    message: str


class Problem(BaseModel):
    """Problem details; `code` is stable, `detail` is the sentence for the person."""

    type: str = Field(description="docs/errors.md, at the code.", examples=["/docs/errors#no_face"])
    title: str = Field(examples=["Rejected"])
    status: int = Field(examples=[422])
    detail: str
    code: str = Field(examples=["no_face"])
    fields: list[FieldProblem] | None = Field(None, description="What is wrong where, for invalid requests.")


def status_of(code: Code) -> int:
    return STATUS_OF_CODE.get(code) or STATUS_OF[CATALOGUE[code][0]]


def problem_response(
    failure: SkinError, *, status: int | None = None, fields: Sequence[FieldProblem] = ()
) -> JSONResponse:
    status = status or status_of(failure.code)
    problem = Problem(
        type=f"/docs/errors#{failure.code.value}",
        title=type(failure).__name__,
        status=status,
        detail=str(failure),
        code=failure.code.value,
        fields=list(fields) or None,
    )
    headers = {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": "60"}}.get(status)
    return JSONResponse(
        problem.model_dump(exclude_none=True), status, headers=headers, media_type="application/problem+json"
    )


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For `responses=`: these statuses answer with problem details."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"model": Problem, "content": content} for status in statuses}


def install_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(SkinError)
    def expected(_: Request, failure: SkinError) -> JSONResponse:
        return problem_response(failure)

    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, failure: RequestValidationError) -> JSONResponse:
        fields = [
            FieldProblem(field=".".join(str(part) for part in one["loc"][1:]) or str(one["loc"][0]), message=one["msg"])
            for one in failure.errors()
        ]
        return problem_response(error(Code.INVALID_REQUEST), fields=fields)

    @app.exception_handler(HTTPException)
    def from_framework(_: Request, failure: HTTPException) -> JSONResponse:
        if isinstance(failure.__cause__, SkinError):  # FastAPI wraps what breaks while it reads a body
            return problem_response(failure.__cause__)
        code = CODE_OF_STATUS.get(failure.status_code, Code.INVALID_REQUEST)
        return problem_response(error(code), status=failure.status_code)

    @app.exception_handler(Exception)
    def bug(_: Request, failure: Exception) -> JSONResponse:
        log.error("request broke", exc_info=failure)
        return problem_response(error(Code.INTERNAL_ERROR))
