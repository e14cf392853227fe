"""Routes of more samples."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Uuid
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save, spelled_out
from app.models import MoreSample
from app.schemas.more_samples import (
    MoreSampleCreate,
    MoreSampleQuery,
    MoreSampleRead,
    MoreSampleUpdate,
)

router = APIRouter(prefix="/more-samples", tags=["more_samples"])


@router.get("", responses=refuses(422))
async def list_more_samples(
    query: Annotated[MoreSampleQuery, Query()], session: SessionDep
) -> Page[MoreSampleRead]:
    """List more samples: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(MoreSample, query), query, MoreSampleRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_more_sample(
    body: MoreSampleCreate, session: SessionDep, response: Response
) -> MoreSampleRead:
    """Make a new more sample."""
    more_sample = MoreSample(**spelled_out(body.model_dump(exclude_unset=True)))
    await save(session, more_sample)
    response.headers["Location"] = location("/more-samples", more_sample.id)
    return MoreSampleRead.model_validate(more_sample)


@router.get("/{more_sample_id}", responses=refuses(404, 422))
async def read_more_sample(more_sample_id: Uuid, session: SessionDep) -> MoreSampleRead:
    """Show one more sample."""
    more_sample = await find(session, MoreSample, more_sample_id)
    return MoreSampleRead.model_validate(more_sample)


@router.patch("/{more_sample_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_more_sample(
    more_sample_id: Uuid, body: MoreSampleUpdate, session: SessionDep
) -> MoreSampleRead:
    """Change what was sent of one more sample, and nothing else."""
    more_sample = await find(session, MoreSample, more_sample_id)
    await save(session, more_sample, body.model_dump(exclude_unset=True))
    return MoreSampleRead.model_validate(more_sample)


@router.delete("/{more_sample_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_more_sample(more_sample_id: Uuid, session: SessionDep) -> None:
    """Delete one more sample for good."""
    more_sample = await find(session, MoreSample, more_sample_id)
    await session.delete(more_sample)
    await session.commit()
