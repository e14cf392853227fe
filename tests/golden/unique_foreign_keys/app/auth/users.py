"""Users: made, signed in, and told from everybody else."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.passwords import hash_password, is_password_of
from app.auth.schemas import NewUser, SignIn
from app.auth.tokens import is_fingerprint_of, read_token
from app.core.database import SessionDep
from app.core.rows import save
from app.models import AuthUser

BEARER = OAuth2PasswordBearer(tokenUrl="auth/token")


def unauthorized(detail: str) -> HTTPException:
    """Say that it is not known who is asking."""
    return HTTPException(HTTPStatus.UNAUTHORIZED, detail, {"WWW-Authenticate": "Bearer"})


def add_user(session: Session, new: NewUser) -> AuthUser:
    """Make a user; the database refuses a name that is taken."""
    password_hash = hash_password(new.password)
    user = AuthUser(username=new.username, password_hash=password_hash)
    save(session, user)
    return user


def signed_in(session: Session, given: SignIn) -> AuthUser:
    """Get the user with that name and password; 401 where there is none."""
    user = session.scalar(select(AuthUser).where(AuthUser.username == given.username))
    known = None if user is None else user.password_hash
    session.commit()  # others need the connection while the password is looked at
    matches = is_password_of(given.password, known)
    if not matches or user is None or not user.is_active:
        raise unauthorized("The username or the password is wrong.")
    return user


def get_current_user(token: Annotated[str, Depends(BEARER)], session: SessionDep) -> AuthUser:
    """Get the user whose token was sent; 401 where it is nobody's, or no longer good."""
    claims = read_token(token)
    user = None if claims is None else session.get(AuthUser, claims.user_id)
    if (
        claims is None
        or user is None
        or not user.is_active
        or not is_fingerprint_of(claims.password, user.password_hash)
    ):
        raise unauthorized("The token is not valid.")
    return user


CurrentUser = Annotated[AuthUser, Depends(get_current_user)]
