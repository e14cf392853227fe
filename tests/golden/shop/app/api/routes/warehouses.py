"""Routes of warehouses."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Key
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Warehouse
from app.schemas.warehouses import WarehouseCreate, WarehouseQuery, WarehouseRead, WarehouseUpdate

router = APIRouter(prefix="/warehouses", tags=["warehouses"])


@router.get("", responses=refuses(422))
async def list_warehouses(
    query: Annotated[WarehouseQuery, Query()], session: SessionDep
) -> Page[WarehouseRead]:
    """List warehouses: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Warehouse, query), query, WarehouseRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_warehouse(
    body: WarehouseCreate, session: SessionDep, response: Response
) -> WarehouseRead:
    """Make a new warehouse."""
    warehouse = Warehouse(**body.model_dump(exclude_unset=True))
    await save(session, warehouse)
    response.headers["Location"] = location("/warehouses", warehouse.code)
    return WarehouseRead.model_validate(warehouse)


@router.get("/{code}", responses=refuses(404, 422))
async def read_warehouse(code: Key, session: SessionDep) -> WarehouseRead:
    """Show one warehouse."""
    warehouse = await find(session, Warehouse, code)
    return WarehouseRead.model_validate(warehouse)


@router.patch("/{code}", responses=refuses(400, 404, 409, 413, 422))
async def update_warehouse(code: Key, body: WarehouseUpdate, session: SessionDep) -> WarehouseRead:
    """Change what was sent of one warehouse, and nothing else."""
    warehouse = await find(session, Warehouse, code)
    await save(session, warehouse, body.model_dump(exclude_unset=True))
    return WarehouseRead.model_validate(warehouse)


@router.delete("/{code}", status_code=204, responses=refuses(404, 409, 422))
async def delete_warehouse(code: Key, session: SessionDep) -> None:
    """Delete one warehouse for good."""
    warehouse = await find(session, Warehouse, code)
    await session.delete(warehouse)
    await session.commit()
