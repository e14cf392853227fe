"""Routes of pads."""

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
from app.models import Pad
from app.schemas.pads import PadCreate, PadQuery, PadRead, PadUpdate

router = APIRouter(prefix="/pads", tags=["pads"])


@router.get("", responses=refuses(422))
async def list_pads(query: Annotated[PadQuery, Query()], session: SessionDep) -> Page[PadRead]:
    """List pads: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Pad, query), query, PadRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_pad(body: PadCreate, session: SessionDep, response: Response) -> PadRead:
    """Make a new pad."""
    pad = Pad(**body.model_dump(exclude_unset=True))
    await save(session, pad)
    response.headers["Location"] = location("/pads", pad.id)
    return PadRead.model_validate(pad)


@router.get("/{pad_id}", responses=refuses(404, 422))
async def read_pad(pad_id: Integer, session: SessionDep, include_deleted: bool = False) -> PadRead:
    """Show one pad."""
    pad = await find(session, Pad, pad_id, include_deleted=include_deleted)
    return PadRead.model_validate(pad)


@router.patch("/{pad_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_pad(pad_id: Integer, body: PadUpdate, session: SessionDep) -> PadRead:
    """Change what was sent of one pad, and nothing else."""
    pad = await find(session, Pad, pad_id)
    await save(session, pad, body.model_dump(exclude_unset=True))
    return PadRead.model_validate(pad)


@router.delete("/{pad_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_pad(pad_id: Integer, session: SessionDep) -> None:
    """Hide one pad; it can be restored."""
    pad = await find(session, Pad, pad_id)
    await check_unused(session, pad)
    pad.is_deleted = True
    pad.deleted_at = utc_now()
    await session.commit()


@router.post("/{pad_id}/restore", responses=refuses(404, 422))
async def restore_pad(pad_id: Integer, session: SessionDep) -> PadRead:
    """Bring one deleted pad back; it may be there already."""
    pad = await find(session, Pad, pad_id, include_deleted=True)
    pad.is_deleted = False
    pad.deleted_at = None
    await save(session, pad)
    return PadRead.model_validate(pad)
