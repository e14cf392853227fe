"""Routes of boxes."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Box
from app.schemas.boxes import BoxCreate, BoxQuery, BoxRead, BoxUpdate

router = APIRouter(prefix="/boxes", tags=["boxes"])


@router.get("", responses=refuses(422))
async def list_boxes(query: Annotated[BoxQuery, Query()], session: SessionDep) -> Page[BoxRead]:
    """List boxes: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Box, query), query, BoxRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_box(body: BoxCreate, session: SessionDep, response: Response) -> BoxRead:
    """Make a new box."""
    box = Box(**body.model_dump(exclude_unset=True))
    await save(session, box)
    response.headers["Location"] = location("/boxes", box.id)
    return BoxRead.model_validate(box)


@router.get("/{box_id}", responses=refuses(404, 422))
async def read_box(box_id: Integer, session: SessionDep) -> BoxRead:
    """Show one box."""
    box = await find(session, Box, box_id)
    return BoxRead.model_validate(box)


@router.patch("/{box_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_box(box_id: Integer, body: BoxUpdate, session: SessionDep) -> BoxRead:
    """Change what was sent of one box, and nothing else."""
    box = await find(session, Box, box_id)
    await save(session, box, body.model_dump(exclude_unset=True))
    return BoxRead.model_validate(box)


@router.delete("/{box_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_box(box_id: Integer, session: SessionDep) -> None:
    """Delete one box for good."""
    box = await find(session, Box, box_id)
    await session.delete(box)
    await session.commit()
