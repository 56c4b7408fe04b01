"""Accounts over REST."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.security import OAuth2PasswordRequestForm
from pydantic import BaseModel, ConfigDict, EmailStr, Field

from skin.accounts.service import Accounts
from skin.accounts.tables import Role, User
from skin.web.dependencies import AccountsDep, ClientAddress, CurrentUser, ErasureDep, LimitsDep
from skin.web.errors import problem_responses

router = APIRouter(prefix="/api/auth", tags=["accounts"])


class RegisterRequest(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"example": {"email": "ada@example.org", "password": "correct horse battery"}}
    )
    email: EmailStr
    password: Annotated[str, Field(min_length=8, max_length=256)]


class UserResponse(BaseModel):
    """An account; a guest's has no e-mail address and is erased at `expires_at`."""

    id: UUID
    email: str | None
    role: Role
    is_guest: bool
    expires_at: datetime | None
    created_at: datetime


class TokenResponse(BaseModel):
    """A bearer token, after OAuth 2 (RFC 6749, section 5.1)."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"
    expires_in: int = Field(description="Seconds for which the token is good.")


@router.post("/register", status_code=201, responses=problem_responses(409, 422, 429))
def register(body: RegisterRequest, accounts: AccountsDep, limits: LimitsDep, address: ClientAddress) -> UserResponse:
    """Make an account with an e-mail address and a password of 8 characters or more."""
    limits.hit("registration", address)
    return view_user(accounts.register(body.email, body.password))


@router.post("/token", responses=problem_responses(401, 422, 429))
def create_token(
    form: Annotated[OAuth2PasswordRequestForm, Depends()],
    accounts: AccountsDep,
    limits: LimitsDep,
    address: ClientAddress,
) -> TokenResponse:
    """Sign in: the OAuth 2 password form, with the e-mail address as username."""
    limits.hit("sign_in", address)
    return _token_for(accounts, accounts.sign_in(form.username, form.password))


@router.post("/guest", status_code=201, responses=problem_responses(429))
def create_guest(accounts: AccountsDep, limits: LimitsDep, address: ClientAddress) -> TokenResponse:
    """A throw-away account without e-mail or password; all of it is erased after a day."""
    limits.hit("registration", address)
    return _token_for(accounts, accounts.be_guest())


@router.get("/me", responses=problem_responses(401))
def read_me(user: CurrentUser) -> UserResponse:
    """Whose token this is."""
    return view_user(user)


@router.delete("/me", status_code=204, responses=problem_responses(401))
def erase_me(user: CurrentUser, erasure: ErasureDep) -> None:
    """Erase the account with all its scans, results and pictures, for good."""
    erasure.erase_account(user.id)


def view_user(user: User) -> UserResponse:
    return UserResponse.model_validate(user, from_attributes=True)


def _token_for(accounts: Accounts, user: User) -> TokenResponse:
    lifetime_s = int(accounts.token_lifetime.total_seconds())
    return TokenResponse(access_token=accounts.create_access_token(user.id), expires_in=lifetime_s)
