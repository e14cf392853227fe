"""Routes of bases."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Base
from app.schemas.base_ import BaseCreate, BaseQuery, BaseRead, BaseUpdate

router = APIRouter(prefix="/base", tags=["base"])


@router.get("", responses=refuses(422))
async def list_base_(query: Annotated[BaseQuery, Query()], session: SessionDep) -> Page[BaseRead]:
    """List bases: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Base, query), query, BaseRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_base(body: BaseCreate, session: SessionDep, response: Response) -> BaseRead:
    """Make a new base."""
    base = Base(**body.model_dump(exclude_unset=True))
    await save(session, base)
    response.headers["Location"] = location("/base", base.id)
    return BaseRead.model_validate(base)


@router.get("/{base_id}", responses=refuses(404, 422))
async def read_base(base_id: Integer, session: SessionDep) -> BaseRead:
    """Show one base."""
    base = await find(session, Base, base_id)
    return BaseRead.model_validate(base)


@router.patch("/{base_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_base(base_id: Integer, body: BaseUpdate, session: SessionDep) -> BaseRead:
    """Change what was sent of one base, and nothing else."""
    base = await find(session, Base, base_id)
    await save(session, base, body.model_dump(exclude_unset=True))
    return BaseRead.model_validate(base)


@router.delete("/{base_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_base(base_id: Integer, session: SessionDep) -> None:
    """Delete one base for good."""
    base = await find(session, Base, base_id)
    await session.delete(base)
    await session.commit()
