"""What routes ask for: the services, and who is asking."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.security import OAuth2PasswordBearer

from skin.accounts.consents import Consents
from skin.accounts.service import Accounts
from skin.accounts.tables import User
from skin.accounts.tokens import COOKIE
from skin.annotation.service import Annotation
from skin.datasets.service import Datasets
from skin.errors import Code, error
from skin.scans.erasure import Erasure
from skin.scans.export import Exports
from skin.scans.service import Scans
from skin.web.limits import RateLimits

oauth2_scheme = OAuth2PasswordBearer(tokenUrl="/api/auth/token", auto_error=False)

# What only looks something up is async, since FastAPI would hand it to a thread otherwise, at a cost per request.


async def get_accounts(request: Request) -> Accounts:
    accounts: Accounts = request.app.state.accounts
    return accounts


async def get_consents(request: Request) -> Consents:
    consents: Consents = request.app.state.consents
    return consents


async def get_scans(request: Request) -> Scans:
    scans: Scans = request.app.state.scans
    return scans


async def get_erasure(request: Request) -> Erasure:
    erasure: Erasure = request.app.state.erasure
    return erasure


async def get_exports(request: Request) -> Exports:
    exports: Exports = request.app.state.exports
    return exports


async def get_annotation(request: Request) -> Annotation:
    annotation: Annotation = request.app.state.annotation
    return annotation


async def get_datasets(request: Request) -> Datasets:
    datasets: Datasets = request.app.state.datasets
    return datasets


async def get_limits(request: Request) -> RateLimits:
    limits: RateLimits = request.app.state.limits
    return limits


AccountsDep = Annotated[Accounts, Depends(get_accounts)]
ConsentsDep = Annotated[Consents, Depends(get_consents)]
ScansDep = Annotated[Scans, Depends(get_scans)]
ErasureDep = Annotated[Erasure, Depends(get_erasure)]
ExportsDep = Annotated[Exports, Depends(get_exports)]
AnnotationDep = Annotated[Annotation, Depends(get_annotation)]
DatasetsDep = Annotated[Datasets, Depends(get_datasets)]
LimitsDep = Annotated[RateLimits, Depends(get_limits)]


def get_current_user(accounts: AccountsDep, token: Annotated[str | None, Depends(oauth2_scheme)]) -> User:
    """The owner of the bearer token; NotAuthenticated without a good one."""
    if token is None:
        raise error(Code.NOT_AUTHENTICATED)
    return accounts.get_user_by_token(token)


CurrentUser = Annotated[User, Depends(get_current_user)]


async def get_id_of_program_or_page(
    request: Request, response: Response, accounts: AccountsDep, token: Annotated[str | None, Depends(oauth2_scheme)]
) -> UUID:
    """Whose bearer token this is or, where none was sent, whose cookie of one of our own pages.

    The account may be gone: who takes the id looks it up.
    """
    if token is not None:
        return accounts.read_token(token)
    kept = request.cookies.get(COOKIE)
    if kept is None or not is_from_own_page(request):
        raise error(Code.NOT_AUTHENTICATED)
    user_id = accounts.read_token(kept)
    if accounts.is_half_spent(kept):  # whoever works on one page for hours stays signed in
        response.set_cookie(**accounts.create_cookie(user_id), secure=request.url.scheme == "https")
    return user_id


PageUserId = Annotated[UUID, Depends(get_id_of_program_or_page)]


def get_user_of_program_or_page(user_id: PageUserId, accounts: AccountsDep) -> User:
    """The account of that id; NotAuthenticated when it is gone."""
    return accounts.get_user(user_id)


def is_from_own_page(request: Request) -> bool:
    """Whether no other site can have sent this: it cannot set our header, and browsers say where a request is from.

    Reading does without the header, since an <img> cannot send it and another site cannot see the answer.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    return request.method in ("GET", "HEAD") or request.headers.get("x-requested-with") == "skin"


PageUser = Annotated[User, Depends(get_user_of_program_or_page)]


async def client_address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


ClientAddress = Annotated[str, Depends(client_address)]
