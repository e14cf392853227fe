"""Users: made, signed in, and told from everybody else."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

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


async def add_user(session: AsyncSession, new: NewUser) -> AuthUser:
    """Make a user; the database refuses a name that is taken."""
    password_hash = await hash_password(new.password)
    user = AuthUser(username=new.username, password_hash=password_hash)
    await save(session, user)
    return user


async def signed_in(session: AsyncSession, given: SignIn) -> AuthUser:
    """Get the user with that name and password; 401 where there is none."""
    user = await session.scalar(select(AuthUser).where(AuthUser.username == given.username))
    known = None if user is None else user.password_hash
    await session.commit()  # others need the connection while the password is looked at
    matches = await is_password_of(given.password, known)
    if not matches or user is None or not user.is_active:
        raise unauthorized("The username or the password is wrong.")
    return user


async def get_current_user(token: Annotated[str, Depends(BEARER)], session: SessionDep) -> AuthUser:
    """Get the user whose token was sent; 401 where it is nobody's, or no longer good."""
    claims = read_token(token)
    user = None if claims is None else await session.get(AuthUser, claims.user_id)
    if (
        claims is None
        or user is None
        or not user.is_active
        or not is_fingerprint_of(claims.password, user.password_hash)
    ):
        raise unauthorized("The token is not valid.")
    return user


CurrentUser = Annotated[AuthUser, Depends(get_current_user)]
