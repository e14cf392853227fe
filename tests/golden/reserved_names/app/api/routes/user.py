"""Routes of users."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Key
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import User
from app.schemas.user import UserCreate, UserQuery, UserRead, UserUpdate

router = APIRouter(prefix="/user", tags=["user"])


@router.get("", responses=refuses(422))
async def list_user(query: Annotated[UserQuery, Query()], session: SessionDep) -> Page[UserRead]:
    """List users: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(User, query), query, UserRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_user(body: UserCreate, session: SessionDep, response: Response) -> UserRead:
    """Make a new user."""
    user = User(**body.model_dump(exclude_unset=True))
    await save(session, user)
    response.headers["Location"] = location("/user", user.import_)
    return UserRead.model_validate(user)


@router.get("/{import_}", responses=refuses(404, 422))
async def read_user(import_: Key, session: SessionDep) -> UserRead:
    """Show one user."""
    user = await find(session, User, import_)
    return UserRead.model_validate(user)


@router.patch("/{import_}", responses=refuses(400, 404, 409, 413, 422))
async def update_user(import_: Key, body: UserUpdate, session: SessionDep) -> UserRead:
    """Change what was sent of one user, and nothing else."""
    user = await find(session, User, import_)
    await save(session, user, body.model_dump(exclude_unset=True))
    return UserRead.model_validate(user)


@router.delete("/{import_}", status_code=204, responses=refuses(404, 409, 422))
async def delete_user(import_: Key, session: SessionDep) -> None:
    """Delete one user for good."""
    user = await find(session, User, import_)
    await session.delete(user)
    await session.commit()
