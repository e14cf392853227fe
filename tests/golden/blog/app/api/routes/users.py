"""Routes of users."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.clock import utc_now
from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.references import check_unused
from app.core.rows import find, location, save
from app.models import User
from app.schemas.users import UserCreate, UserQuery, UserRead, UserUpdate

router = APIRouter(prefix="/users", tags=["users"])


@router.get("", responses=refuses(422))
async def list_users(query: Annotated[UserQuery, Query()], session: SessionDep) -> Page[UserRead]:
    """List users: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(User, query), query, UserRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_user(body: UserCreate, session: SessionDep, response: Response) -> UserRead:
    """Make a new user."""
    user = User(**body.model_dump(exclude_unset=True))
    await save(session, user)
    response.headers["Location"] = location("/users", user.id)
    return UserRead.model_validate(user)


@router.get("/{user_id}", responses=refuses(404, 422))
async def read_user(
    user_id: Integer, session: SessionDep, include_deleted: bool = False
) -> UserRead:
    """Show one user."""
    user = await find(session, User, user_id, include_deleted=include_deleted)
    return UserRead.model_validate(user)


@router.patch("/{user_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_user(user_id: Integer, body: UserUpdate, session: SessionDep) -> UserRead:
    """Change what was sent of one user, and nothing else."""
    user = await find(session, User, user_id)
    await save(session, user, body.model_dump(exclude_unset=True))
    return UserRead.model_validate(user)


@router.delete("/{user_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_user(user_id: Integer, session: SessionDep) -> None:
    """Hide one user; it can be restored."""
    user = await find(session, User, user_id)
    await check_unused(session, user)
    user.is_deleted = True
    user.deleted_at = utc_now()
    await session.commit()


@router.post("/{user_id}/restore", responses=refuses(404, 422))
async def restore_user(user_id: Integer, session: SessionDep) -> UserRead:
    """Bring one deleted user back; it may be there already."""
    user = await find(session, User, user_id, include_deleted=True)
    user.is_deleted = False
    user.deleted_at = None
    await save(session, user)
    return UserRead.model_validate(user)
