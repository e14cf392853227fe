"""Routes to register, to sign in, and to see who one is."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException

from app.auth.passwords import MAX_AT_ONCE
from app.auth.schemas import AccessToken, NewUser, Profile, SignIn
from app.auth.tokens import lifetime, make_token
from app.auth.users import CurrentUser, add_user, signed_in
from app.core.config import get_settings
from app.core.database import SessionDep
from app.core.errors import refuses

router = APIRouter(prefix="/auth", tags=["auth"])


def take_turns() -> Iterator[None]:
    """Wait until few are at their passwords, without a thread or a connection that others need."""
    yield


HASHING = Depends(take_turns, scope="function", max_concurrency=MAX_AT_ONCE)


def insist_on_open_registration() -> None:
    """Refuse whoever wants to register while that is closed, whatever they sent."""
    if not get_settings().allow_registration:
        raise HTTPException(HTTPStatus.FORBIDDEN, "Registration is closed.")


@router.post(
    "/register",
    status_code=201,
    dependencies=[Depends(insist_on_open_registration), HASHING],
    responses=refuses(400, 403, 409, 413, 422),
)
def register(body: NewUser, session: SessionDep) -> Profile:
    """Become a user, where `ALLOW_REGISTRATION` lets everybody."""
    return Profile.model_validate(add_user(session, body))


@router.post("/token", dependencies=[HASHING], responses=refuses(400, 401, 413, 422))
def sign_in(form: Annotated[SignIn, Form()], session: SessionDep) -> AccessToken:
    """Trade a username and a password for an access token."""
    user = signed_in(session, form)
    return AccessToken(
        access_token=make_token(user.id, user.password_hash),
        expires_in=int(lifetime().total_seconds()),
    )


@router.get("/me", responses=refuses(401))
def show_me(user: CurrentUser) -> Profile:
    """Show whose token it is."""
    return Profile.model_validate(user)
