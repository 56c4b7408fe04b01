"""Problem details for the addresses beside Gradio's events."""

from fastapi.responses import JSONResponse

from skin.errors import SkinError


def problem(failure: SkinError, status: int, *, detail: str = "") -> JSONResponse:
    """The error as problem details (RFC 9457), in the form that REST gives; `detail` instead of its own sentence."""
    body = {
        "type": f"/docs/errors#{failure.code.value}",
        "title": type(failure).__name__,
        "status": status,
        "detail": detail or str(failure),
        "code": failure.code.value,
    }
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")
