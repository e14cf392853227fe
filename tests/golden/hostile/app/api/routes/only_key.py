"""Routes of only keys."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import BigInteger
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import OnlyKey
from app.schemas.only_key import OnlyKeyCreate, OnlyKeyQuery, OnlyKeyRead, OnlyKeyUpdate

router = APIRouter(prefix="/only-key", tags=["only_key"])


@router.get("", responses=refuses(422))
async def list_only_key(
    query: Annotated[OnlyKeyQuery, Query()], session: SessionDep
) -> Page[OnlyKeyRead]:
    """List only keys: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(OnlyKey, query), query, OnlyKeyRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_only_key(
    body: OnlyKeyCreate, session: SessionDep, response: Response
) -> OnlyKeyRead:
    """Make a new only key."""
    only_key = OnlyKey(**body.model_dump(exclude_unset=True))
    await save(session, only_key)
    response.headers["Location"] = location("/only-key", only_key.id)
    return OnlyKeyRead.model_validate(only_key)


@router.get("/{only_key_id}", responses=refuses(404, 422))
async def read_only_key(only_key_id: BigInteger, session: SessionDep) -> OnlyKeyRead:
    """Show one only key."""
    only_key = await find(session, OnlyKey, only_key_id)
    return OnlyKeyRead.model_validate(only_key)


@router.patch("/{only_key_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_only_key(
    only_key_id: BigInteger, body: OnlyKeyUpdate, session: SessionDep
) -> OnlyKeyRead:
    """Change what was sent of one only key, and nothing else."""
    only_key = await find(session, OnlyKey, only_key_id)
    await save(session, only_key, body.model_dump(exclude_unset=True))
    return OnlyKeyRead.model_validate(only_key)


@router.delete("/{only_key_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_only_key(only_key_id: BigInteger, session: SessionDep) -> None:
    """Delete one only key for good."""
    only_key = await find(session, OnlyKey, only_key_id)
    await session.delete(only_key)
    await session.commit()
