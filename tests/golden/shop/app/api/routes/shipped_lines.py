"""Routes of shipped lines."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import BigInteger
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import ShippedLine
from app.schemas.shipped_lines import (
    ShippedLineCreate,
    ShippedLineQuery,
    ShippedLineRead,
    ShippedLineUpdate,
)

router = APIRouter(prefix="/shipped-lines", tags=["shipped_lines"])


@router.get("", responses=refuses(422))
async def list_shipped_lines(
    query: Annotated[ShippedLineQuery, Query()], session: SessionDep
) -> Page[ShippedLineRead]:
    """List shipped lines: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(ShippedLine, query), query, ShippedLineRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_shipped_line(
    body: ShippedLineCreate, session: SessionDep, response: Response
) -> ShippedLineRead:
    """Make a new shipped line."""
    shipped_line = ShippedLine(**body.model_dump(exclude_unset=True))
    await save(session, shipped_line)
    response.headers["Location"] = location("/shipped-lines", shipped_line.id)
    return ShippedLineRead.model_validate(shipped_line)


@router.get("/{shipped_line_id}", responses=refuses(404, 422))
async def read_shipped_line(shipped_line_id: BigInteger, session: SessionDep) -> ShippedLineRead:
    """Show one shipped line."""
    shipped_line = await find(session, ShippedLine, shipped_line_id)
    return ShippedLineRead.model_validate(shipped_line)


@router.patch("/{shipped_line_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_shipped_line(
    shipped_line_id: BigInteger, body: ShippedLineUpdate, session: SessionDep
) -> ShippedLineRead:
    """Change what was sent of one shipped line, and nothing else."""
    shipped_line = await find(session, ShippedLine, shipped_line_id)
    await save(session, shipped_line, body.model_dump(exclude_unset=True))
    return ShippedLineRead.model_validate(shipped_line)


@router.delete("/{shipped_line_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_shipped_line(shipped_line_id: BigInteger, session: SessionDep) -> None:
    """Delete one shipped line for good."""
    shipped_line = await find(session, ShippedLine, shipped_line_id)
    await session.delete(shipped_line)
    await session.commit()
