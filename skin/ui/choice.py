"""The menu of languages: a plain form, whose choice a cookie keeps."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from skin.ui.languages import COOKIE, LANGUAGES
from skin.ui.session import is_from_here, is_secure

YEAR_S = 365 * 24 * 3600


def build_language_routes() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.post("/language")
    async def choose(request: Request, language: Annotated[str, Form()] = "") -> Response:
        """Back to the start, which is the sign-in for whoever is not signed in."""
        response = RedirectResponse("/", 303)
        if language in LANGUAGES and is_from_here(request):
            response.set_cookie(
                COOKIE, language, max_age=YEAR_S, httponly=True, samesite="lax", secure=is_secure(request), path="/"
            )
        return response

    return router
