"""Routes of shelves."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Shelf
from app.schemas.shelves import ShelfCreate, ShelfQuery, ShelfRead, ShelfUpdate

router = APIRouter(prefix="/shelves", tags=["shelves"])


@router.get("", responses=refuses(422))
async def list_shelves(
    query: Annotated[ShelfQuery, Query()], session: SessionDep
) -> Page[ShelfRead]:
    """List shelves: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Shelf, query), query, ShelfRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_shelf(body: ShelfCreate, session: SessionDep, response: Response) -> ShelfRead:
    """Make a new shelf."""
    shelf = Shelf(**body.model_dump(exclude_unset=True))
    await save(session, shelf)
    response.headers["Location"] = location("/shelves", shelf.id)
    return ShelfRead.model_validate(shelf)


@router.get("/{shelf_id}", responses=refuses(404, 422))
async def read_shelf(shelf_id: Integer, session: SessionDep) -> ShelfRead:
    """Show one shelf."""
    shelf = await find(session, Shelf, shelf_id)
    return ShelfRead.model_validate(shelf)


@router.patch("/{shelf_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_shelf(shelf_id: Integer, body: ShelfUpdate, session: SessionDep) -> ShelfRead:
    """Change what was sent of one shelf, and nothing else."""
    shelf = await find(session, Shelf, shelf_id)
    await save(session, shelf, body.model_dump(exclude_unset=True))
    return ShelfRead.model_validate(shelf)


@router.delete("/{shelf_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_shelf(shelf_id: Integer, session: SessionDep) -> None:
    """Delete one shelf for good."""
    shelf = await find(session, Shelf, shelf_id)
    await session.delete(shelf)
    await session.commit()
