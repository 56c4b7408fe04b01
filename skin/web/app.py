"""The HTTP application: REST, its documentation, and the guards around everything."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse, Response
from fastapi.templating import Jinja2Templates
from fastapi_offline import FastAPIOffline

from skin.accounts.consents import Consents
from skin.accounts.service import Accounts
from skin.annotation.service import Annotation
from skin.datasets.service import Datasets
from skin.errors import CATALOGUE, Code, error
from skin.scans.erasure import Erasure
from skin.scans.export import Exports
from skin.scans.schemas import DISCLAIMER
from skin.scans.service import Scans
from skin.web.errors import install_error_handlers, problem_response, status_of
from skin.web.limits import RateLimits
from skin.web.routes import agreement, annotation, auth, datasets, health, me, scan
from skin.web.security import BodyLimit, SecurityHeaders

API_VERSION = "1.0.0"
BODY_OVERHEAD_BYTES = 1024 * 1024  # multipart headers and form fields around the photo
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes call."""

    accounts: Accounts
    consents: Consents
    scans: Scans
    erasure: Erasure
    exports: Exports
    annotation: Annotation
    datasets: Datasets
    limits: RateLimits
    checks: health.Checks


def build_api(services: Services, *, lifespan: Lifespan, max_upload_bytes: int, cors_origins: list[str]) -> FastAPI:
    """The application without its pages."""
    app = FastAPIOffline(
        redoc_url=None,
        title="Skin",
        version=API_VERSION,
        description=f"Scan a face; see what the photo can honestly tell.\n\n{DISCLAIMER}",
        lifespan=lifespan,
    )
    app.state.accounts = services.accounts
    app.state.consents = services.consents
    app.state.scans = services.scans
    app.state.erasure = services.erasure
    app.state.exports = services.exports
    app.state.annotation = services.annotation
    app.state.datasets = services.datasets
    app.state.limits = services.limits
    app.state.checks = services.checks
    install_error_handlers(app)
    for routes in (scan, annotation, health, auth, me, agreement, datasets):  # what is called most is looked for first
        app.include_router(routes.router)
    _add_documentation(app)
    app.add_middleware(BodyLimit, limit_bytes=max_upload_bytes + BODY_OVERHEAD_BYTES)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=cors_origins,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type"],
    )
    return app


def _add_documentation(app: FastAPI) -> None:
    templates = Jinja2Templates(Path(__file__).parent / "templates")

    @app.get("/docs/errors", include_in_schema=False)
    def explain_errors(request: Request) -> HTMLResponse:
        rows = [(code.value, status_of(code), sentence) for code, (_, sentence) in CATALOGUE.items()]
        return templates.TemplateResponse(request, "errors.html", {"rows": rows})

    @app.api_route("/api/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    def unknown_route() -> Response:
        return problem_response(error(Code.ROUTE_NOT_FOUND))
