"""Routes of typeds."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Uuid
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Typed
from app.schemas.typed import TypedCreate, TypedQuery, TypedRead, TypedUpdate

router = APIRouter(prefix="/typed", tags=["typed"])


@router.get("", responses=refuses(422))
async def list_typed(query: Annotated[TypedQuery, Query()], session: SessionDep) -> Page[TypedRead]:
    """List typeds: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Typed, query), query, TypedRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_typed(body: TypedCreate, session: SessionDep, response: Response) -> TypedRead:
    """Make a new typed."""
    typed = Typed(**body.model_dump(exclude_unset=True))
    await save(session, typed)
    response.headers["Location"] = location("/typed", typed.order_id)
    return TypedRead.model_validate(typed)


@router.get("/{order_id}", responses=refuses(404, 422))
async def read_typed(order_id: Uuid, session: SessionDep) -> TypedRead:
    """Show one typed."""
    typed = await find(session, Typed, order_id)
    return TypedRead.model_validate(typed)


@router.patch("/{order_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_typed(order_id: Uuid, body: TypedUpdate, session: SessionDep) -> TypedRead:
    """Change what was sent of one typed, and nothing else."""
    typed = await find(session, Typed, order_id)
    await save(session, typed, body.model_dump(exclude_unset=True))
    return TypedRead.model_validate(typed)


@router.delete("/{order_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_typed(order_id: Uuid, session: SessionDep) -> None:
    """Delete one typed for good."""
    typed = await find(session, Typed, order_id)
    await session.delete(typed)
    await session.commit()
